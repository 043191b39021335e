"""Say which rosters a pool misses that are due: a list waits for them as long as their grace lasts.

A roster counts for Pool(D) when it comes round by the day after D: it states facts of the day before. A partner of whom the
pool has no roster at all is not connected yet, and nobody waits for it. After its grace a roster is late: the list goes on
without it and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import load_partner
from talentpool.campaigns import lists
from talentpool.campaigns.round import Round
from talentpool.declare import partner_files
from talentpool.declare.due import due
from talentpool.deliveries.delivery_state import State
from talentpool.errors import DeclarationError, WaitingError
from talentpool.guard.duties import check_duty
from talentpool.model import delivery
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.reference import working_days
from talentpool.texts.redact import redact


@dataclass(frozen=True)
class Missed:
    """A roster that is due and not in the pool. `late`: its grace is over; `held`: it came, and waits for a decision;
    `unreadable`: whether it is due cannot be told, because the partner's declaration is wrong; its days are the list's."""

    partner: str
    name: str
    due_on: date
    until: date
    late: bool
    held: bool = False
    unreadable: bool = False

    def told(self) -> str:
        if self.unreadable:
            return f"{self.name}（声明文件有误，无法判断名册是否应到；请先更正）"
        came = "，已收到但被搁置，等待决定" if self.held else ""
        return f"{self.name}（{self.due_on} 应到，宽限至 {self.until}{came}）"

    def as_json(self) -> dict[str, Any]:
        return {"partner": self.partner, "name": self.name, "due_on": self.due_on.isoformat(),
                "until": self.until.isoformat(), "late": self.late, "on_hold": self.held}  # fmt: skip


def missed_rosters(conn: sa.Connection, office: Office, as_of: date) -> list[Missed]:
    """Of Pool(as_of), as things stand on the office's today, by partner code. Reads only."""
    today, working = today_in_office(office.settings), working_days(conn)
    known = _newest(conn, as_of)
    found = []
    for code in partner_files(office.settings.partner_dirs):
        if code not in known:
            continue
        try:
            partner = load_partner(office.settings.partner_dirs, code)
        except DeclarationError:  # nobody can tell that nothing is missed
            found.append(Missed(code, code, as_of, as_of, late=False, unreadable=True))
            continue
        roster = due(partner, today, working, fired_by=as_of + timedelta(days=1))
        if roster is not None and not roster.is_met(known[code]):
            late, held = today > roster.until, _is_held(conn, code, roster.after, as_of)
            found.append(Missed(code, partner.name, roster.on, roster.until, late, held))
    return found


@dataclass(frozen=True)
class Said:
    """Who draws, by which run, and why all the same though a roster is missing; '' = nobody said so."""

    by: str
    reason: str
    run: str = "command"


def check_fresh(conn: sa.Connection, office: Office, drawn: Round, said: Said) -> dict[str, Any]:
    """What the passport says of rosters that the pool misses: empty where it misses none.

    WaitingError, which names them, where some are within their grace and nobody said, now or of the draft that there is, to draw
    all the same.
    """
    missed = missed_rosters(conn, office, drawn.as_of)
    if not missed:
        return {}
    word = {"missed": [each.as_json() for each in missed]}
    if said.reason:
        check_duty(conn, said.by, "draft")
        return {"freshness": {**word, "all_the_same": {"by": said.by, "reason": redact(said.reason)}}}
    before = lists.freshness(conn, drawn)
    if before is not None and "all_the_same" in before and _is_covered(missed, before):
        return {"freshness": before}
    awaited = [each for each in missed if not each.late]
    if awaited:
        raise WaitingError(
            f"{drawn.campaign.name}：名单没有拟定，等待名册：{'、'.join(each.told() for each in awaited)}。名册到后再拟定；"
            "确需现在拟定的，写明理由和姓名：talentpool target … --all-the-same 理由 --by 姓名"
        )
    return {"freshness": word}


def _is_covered(missed: Sequence[Missed], word: dict[str, Any]) -> bool:
    """Whether somebody's earlier word, to draw all the same, was said of every roster that is waited for now."""
    said = {(each["partner"], each["due_on"]) for each in word["missed"]}
    return all((each.partner, each.due_on.isoformat()) in said for each in missed if not each.late)


def _newest(conn: sa.Connection, as_of: date) -> dict[str, date]:
    """Partner -> as-of of the newest roster that Pool(as_of) counts."""
    of = delivery.c
    query = sa.select(of.partner, sa.func.max(of.as_of).label("newest")).where(
        of.state == State.PUBLISHED, of.as_of <= as_of
    )
    return {row.partner: row.newest for row in conn.execute(query.group_by(of.partner))}


def _is_held(conn: sa.Connection, partner: str, after: date, as_of: date) -> bool:
    of = delivery.c
    held = sa.exists().where(of.partner == partner, of.state == State.HELD, of.as_of > after, of.as_of <= as_of)
    return bool(conn.scalar(sa.select(held)))
