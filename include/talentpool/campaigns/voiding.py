"""Let two people declare a wrong list, or the pool of a wrong date, void. Nothing is deleted: what was made says so.

The first person's word is kept; the second's carries it out. A void list frees its round: nobody on it counts as served,
and it is neither printed nor sent again. With a pool go the lists that were drawn from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.life.approving import remember
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.life.steps import VOIDED
from talentpool.campaigns.lists import find, serialize, serialize_all
from talentpool.campaigns.sessions.line import forget_signups
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, spelt
from talentpool.locks import POOL_LOCK, hold
from talentpool.model import list_file, pool_snapshot, target_list, void_word
from talentpool.office import Office
from talentpool.settings import Settings
from talentpool.texts.redact import redact

VOID = ListState.VOID


@dataclass(frozen=True)
class Voided:
    """What was said and what came of it. `lists`: those that are void now, or would be; `files`: sheets taken away."""

    subject: str
    void: bool
    said_by: tuple[str, ...]
    lists: tuple[int, ...]
    files: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def void_list(office: Office, list_id: int, *, by: str, reason: str) -> Voided:
    """Say that a locked list is wrong. UsageError when there is none, it is a draft, or it is void already; RefusedError for
    one person saying it twice, or whose role does not go with it."""
    reason = _signed(by, reason)
    with office.engine.begin() as conn:
        stored = find(conn, list_id)
        serialize(conn, stored.passport["purpose"], stored.cycle)
        stored = find(conn, list_id)
        if stored.state == VOID:
            raise UsageError(f"名单 {list_id} 已经作废")
        if stored.state not in FROZEN:
            raise UsageError(f"名单 {list_id} 没有锁定，不必作废：重新拟定即可替换，或取消本轮")
        second, names = _said(conn, f"list:{list_id}", by, reason)
        if second:
            _void_lists(conn, [list_id], by, reason)
        files = _files(conn, [list_id])
    return Voided(f"list:{list_id}", second, names, (list_id,), _taken_away(office.settings, files) if second else ())


def void_pool(office: Office, as_of: date, *, by: str, reason: str) -> Voided:
    """Say that the pool of a date is wrong: every version of it, and the lists drawn from it."""
    reason = _signed(by, reason)
    with office.engine.begin() as conn:
        hold(conn, POOL_LOCK)
        of_date = sa.and_(pool_snapshot.c.as_of == as_of, pool_snapshot.c.void.is_(False))
        snapshots = list(conn.scalars(sa.select(pool_snapshot.c.snapshot_id).where(of_date)))
        if not snapshots:
            raise UsageError(f"没有数据日期为 {as_of} 的人才库，或者已经作废")
        check_duty(conn, by, "void")
        drawn = target_list.c.snapshot_id.in_(snapshots)
        found = conn.execute(
            sa.select(target_list.c.list_id, target_list.c.passport["purpose"].astext, target_list.c.cycle)
            .where(drawn, target_list.c.state != VOID)
            .order_by(target_list.c.list_id)
        ).all()
        serialize_all(conn, {(row[1], row[2]) for row in found})
        lists = tuple(row.list_id for row in found)
        second, names = _said(conn, f"pool:{as_of}", by, reason)
        if second:
            conn.execute(pool_snapshot.update().where(of_date).values(void=True))
            _void_lists(conn, lists, by, reason)
        files = _files(conn, lists)
    return Voided(f"pool:{as_of}", second, names, lists, _taken_away(office.settings, files) if second else ())


def words(conn: sa.Connection) -> list[dict[str, Any]]:
    """Every word on record, newest first."""
    return [dict(row) for row in conn.execute(sa.select(void_word).order_by(void_word.c.word_id.desc())).mappings()]


def _signed(by: str, reason: str) -> str:
    """The reason as it is kept: without numbers of people."""
    if not by.strip() or not reason.strip():
        raise UsageError("作废须写明是谁、为什么：--by 姓名 --reason 理由")
    return redact(reason.strip())


def _said(conn: sa.Connection, subject: str, by: str, reason: str) -> tuple[bool, tuple[str, ...]]:
    """Keep the word; whether it is the second person's, and who said it."""
    check_duty(conn, by, "void")
    open_words = sa.select(void_word.c.said_by).where(void_word.c.about == subject).order_by(void_word.c.word_id)
    carried_out = sa.select(sa.func.max(void_word.c.word_id)).where(
        void_word.c.about == subject, void_word.c.carried_out
    )
    before = list(
        conn.scalars(open_words.where(void_word.c.word_id > sa.func.coalesce(carried_out.scalar_subquery(), 0)))
    )
    if spelt(by) in {spelt(name) for name in before}:
        raise RefusedError("same_person", f"{by.strip()} 已经提出作废，须由另一人用同一命令确认")
    conn.execute(
        void_word.insert().values(about=subject, said_by=spelt(by), reason=reason.strip(), carried_out=bool(before))
    )
    audit(conn, "decision", subject, actor=by, reason=reason, details={"void": "done" if before else "asked"})
    return bool(before), (*before, spelt(by))


def _void_lists(conn: sa.Connection, lists: Sequence[int], by: str, reason: str) -> None:
    conn.execute(target_list.update().where(target_list.c.list_id.in_(lists)).values(state=VOID))
    for list_id in lists:
        forget_signups(conn, list_id)
        remember(conn, find(conn, list_id), VOIDED, spelt(by), "", comment=reason.strip())
        audit(conn, "decision", f"list:{list_id}", actor=by, reason=reason, details={"void": "list"})


def _files(conn: sa.Connection, lists: Sequence[int]) -> list[str]:
    return list(conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id.in_(lists))))


def _taken_away(settings: Settings, names: list[str]) -> tuple[str, ...]:
    """Sheets in the folder of lists, which nobody may hand out any more."""
    removed = []
    for name in names:
        path = settings.lists_dir / name
        if path.is_file():
            path.unlink()
            removed.append(name)
    return tuple(sorted(removed))
