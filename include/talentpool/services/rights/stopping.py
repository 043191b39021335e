"""List whom a partner must stop sending (停止报送) by those people's written wish, until the partner was told.

The numbers are of the partner's own roster; a letter says nothing else of anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.errors import ConflictError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import stop_notice
from talentpool.office import Office
from talentpool.services.rights.withdrawn import check_signed

HAND_OUT, TOLD = "取出停报名单", "停止报送（本人书面要求）"


@dataclass(frozen=True, repr=False)
class StopList:
    """The staff numbers that a partner is to be told. `seen`: what telling it is held against."""

    partner: str
    numbers: tuple[str, ...]

    @property
    def seen(self) -> str:
        return hashlib.sha256("\x1f".join(self.numbers).encode()).hexdigest()[:32]


def stop_counts(conn: sa.Connection) -> dict[str, int]:
    """Partner -> how many numbers it is to be told."""
    query = sa.select(stop_notice.c.partner, sa.func.count()).group_by(stop_notice.c.partner)
    return {row[0]: int(row[1]) for row in conn.execute(query.order_by(stop_notice.c.partner))}


def stop_list(conn: sa.Connection, partner: str) -> list[str]:
    """The staff numbers of those who want this partner to be told."""
    query = sa.select(stop_notice.c.staff_no).where(stop_notice.c.partner == partner)
    return list(conn.scalars(query.order_by(stop_notice.c.staff_no)))


def hand_out(office: Office, partner: str, *, by: str) -> StopList:
    """The list, read in the transaction that puts it on record as an export; nothing is on record of an empty one.

    RefusedError when the office knows `by` as somebody who does not do this.
    """
    check_signed(by, HAND_OUT)
    with office.engine.begin() as conn:
        check_duty(conn, by, "hand out a stop list")
        found = StopList(partner, tuple(stop_list(conn, partner)))
        if found.numbers:
            audit(
                conn, "export", f"partner:{partner}", actor=by, reason=HAND_OUT, scope=office.settings.area,
                details={"numbers": len(found.numbers)},
            )  # fmt: skip
    return found


def told_to_stop(office: Office, partner: str, *, by: str, seen: str | None = None) -> int:
    """The partner was told: the numbers are needed no more. Returns how many there were.

    ConflictError when the list is another than the one handed out (`seen`, a StopList.seen): whoever came meanwhile
    was not told. RefusedError as hand_out().
    """
    check_signed(by, TOLD)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, by, "hand out a stop list")
        if seen not in (None, StopList(partner, tuple(stop_list(conn, partner))).seen):
            raise ConflictError("the list changed since it was handed out; hand it out again")
        count = conn.execute(stop_notice.delete().where(stop_notice.c.partner == partner)).rowcount
        audit(
            conn,
            "export",
            f"partner:{partner}",
            actor=by,
            reason=TOLD,
            scope=office.settings.area,
            details={"numbers": count},
        )
    return count


def stop_letter(partner: str, sender: str, numbers: Sequence[str], on: date) -> str:
    """What the office sends: what is to stop, from when, and what the partner need not and must not do."""
    lines = [
        "关于停止报送部分人员信息的函",
        "",
        f"{partner}：",
        "    下列工号的人员已书面要求贵单位不再向我方报送其个人信息。请按以下方式办理：",
        "    一、自收到本函起，报送的名册（完整名册、增量名册）不再包含这些工号，不必说明原因，也不必另作标注。",
        "    二、贵单位自己的用工记录不需要改动，不得因此对本人作出任何不利处理。",
        "    三、本函只供办理使用，不得转发；办妥后请回复我方，并销毁本函。",
        "",
        f"    工号（共 {len(numbers)} 个）：",
        *(f"    {number}" for number in numbers),
        "",
        f"    {sender}",
        f"    {on.year} 年 {on.month} 月 {on.day} 日",
    ]
    return "\n".join(lines) + "\n"
