"""Store lists: drafts that may be replaced, approvals, and the one locked list of a campaign's cycle."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.life.states import FROZEN, OPEN, ListState
from talentpool.campaigns.life.steps import approvers, make_steps
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.content import HASH_VERSION, digests, hash_rows
from talentpool.campaigns.selection.rows import Judged, Row, keep_rows
from talentpool.errors import UsageError
from talentpool.locks import hold, list_lock
from talentpool.model import list_file, list_step, pool_snapshot, target_list, target_row
from talentpool.settings import Settings


@dataclass(frozen=True)
class Stored:
    """A list's head. `passport` is what the sheets print (drawing.py); `supplement`: 0 = the round's list, 1.. = late names;
    `follows`: of a follow-up, the list that it follows."""

    list_id: int
    campaign: str
    cycle: str
    as_of: date
    state: str
    content_hash: str
    eligible: int
    selected: int
    excluded: dict[str, int]
    passport: dict[str, Any]
    supplement: int = 0
    follows: int | None = None


@dataclass(frozen=True)
class Release:
    """Who lets a list out, into which folder, and on which day of the office, which is printed and recorded."""

    by: str
    folder: Path
    today: date


_HEAD = [target_list.c[name] for name in Stored.__dataclass_fields__]


def serialize(conn: sa.Connection, purpose: str, cycle: str) -> None:
    """Until this transaction ends no other may draw, approve or lock for the same purpose and cycle."""
    serialize_all(conn, [(purpose, cycle)])


def serialize_all(conn: sa.Connection, rounds: Iterable[tuple[str, str]]) -> None:
    """The same for several purposes and cycles, in the one order in which everybody takes them."""
    hold(conn, *(list_lock(purpose, cycle) for purpose, cycle in sorted(rounds)))


def find_locked(conn: sa.Connection, campaign: str, cycle: str) -> Stored | None:
    """The round's locked list, however far it has got since."""
    found = find_frozen(conn, campaign, cycle)
    return found[0] if found and found[0].supplement == 0 else None


def find_frozen(conn: sa.Connection, campaign: str, cycle: str) -> list[Stored]:
    """The round's locked list and its supplements, in order."""
    of = target_list.c
    query = sa.select(*_HEAD).where(of.campaign == campaign, of.cycle == cycle, of.state.in_(FROZEN))
    return [Stored(*row) for row in conn.execute(query.order_by(of.supplement))]


def newest(conn: sa.Connection, campaign: str, people: Collection[UUID] = ()) -> Stored | None:
    """The campaign's list of the newest as-of that is neither void nor cancelled, drawn last of several; where its round has a
    supplement, the one of the round's lists that one of `people` is on, else the round's own."""
    of = target_list.c
    query = sa.select(*_HEAD).where(of.campaign == campaign, of.state.not_in((ListState.VOID, ListState.CANCELLED)))
    row = conn.execute(query.order_by(of.as_of.desc(), of.list_id.desc()).limit(1)).one_or_none()
    if row is None or not row.supplement:
        return Stored(*row) if row else None
    on_it = sa.exists().where(
        target_row.c.list_id == of.list_id, target_row.c.person_id.in_(people), target_row.c.selected
    )
    order = (on_it.desc(), of.supplement, of.as_of.desc(), of.list_id.desc())
    return Stored(*conn.execute(query.where(of.cycle == row.cycle).order_by(*order).limit(1)).one())


def find(conn: sa.Connection, list_id: int) -> Stored:
    """UsageError when there is no such list."""
    row = conn.execute(sa.select(*_HEAD).where(target_list.c.list_id == list_id)).one_or_none()
    if row is None:
        raise UsageError(f"没有名单 {list_id}；草稿有变动时以新的编号代替，请重新拟定后再看")
    return Stored(*row)


def refuse_void_pool(conn: sa.Connection, snapshot_id: int) -> None:
    """UsageError when two people have declared the pool void since it was read."""
    void = sa.select(pool_snapshot.c.void).where(pool_snapshot.c.snapshot_id == snapshot_id).with_for_update(read=True)
    if conn.scalar(void):
        raise UsageError("拟定所依据的人才库刚刚作废，名单没有保存；请重新拟定")


def store_draft(
    conn: sa.Connection,
    settings: Settings,
    drawn: Round,
    snapshot_id: int,
    judged: Judged,
    passport: dict[str, Any],
) -> tuple[Stored, list[str]]:
    """The draft of what was judged (rows.py), and names of files a replaced draft had.

    An equal draft is kept, with its approvals; another one of the same campaign, cycle and as-of is replaced by a
    list with a new number, so that an approval never covers rows it has not seen. A county whose share stayed, row for
    row, need not approve it again (life/steps.py).
    """
    snapshot = conn.execute(
        sa.select(pool_snapshot.c.version, pool_snapshot.c.content_hash, pool_snapshot.c.partners).where(
            pool_snapshot.c.snapshot_id == snapshot_id
        )
    ).one()
    passport = {
        **passport,
        "snapshot": {"id": snapshot_id, "version": snapshot.version, "content_hash": snapshot.content_hash,
                     "partners": snapshot.partners},
        "content_hash": judged.content_hash,
        "hash_version": HASH_VERSION,
    }  # fmt: skip
    stale: list[str] = []
    for draft in _drafts(conn, drawn):
        if hash_stored(conn, draft) == judged.content_hash:  # what is there, not what its head says of it
            told = {"drafted_by": _drafters(draft, passport), "content_hash": draft.content_hash,
                    "hash_version": draft.passport.get("hash_version", 1)}  # fmt: skip
            conn.execute(
                target_list.update()
                .where(target_list.c.list_id == draft.list_id)
                .values(passport={**draft.passport, **passport, **told}, snapshot_id=snapshot_id, made_at=sa.func.now())
            )
            return find(conn, draft.list_id), stale
        stale += drop(conn, draft.list_id)
    return _insert(conn, settings, drawn, snapshot_id, judged, passport), stale


def _insert(
    conn: sa.Connection,
    settings: Settings,
    drawn: Round,
    snapshot_id: int,
    judged: Judged,
    passport: dict[str, Any],
) -> Stored:
    passport = {**passport, "approvals_needed": list(drawn.campaign.approvers_of(judged.selected))}
    list_id = conn.execute(
        target_list.insert().returning(target_list.c.list_id),
        {
            "campaign": drawn.campaign.code,
            "cycle": drawn.cycle,
            "as_of": drawn.as_of,
            "snapshot_id": snapshot_id,
            "state": ListState.DRAFT,
            "supplement": drawn.supplement,
            "follows": drawn.follows[0].list_id if drawn.follows else None,
            "declaration_hash": drawn.campaign.hash,
            "content_hash": passport["content_hash"],
            "eligible": judged.eligible,
            "selected": judged.selected,
            "excluded": judged.excluded,
            "passport": passport,
        },
    ).scalar_one()
    keep_rows(conn, list_id)
    make_steps(conn, settings, list_id, passport["approvals_needed"], passport.get("drafted_by", ()))
    return find(conn, list_id)


def is_hashed_so(stored: Stored) -> bool:
    """Whether the list's hash is of the present version."""
    return bool(stored.passport.get("hash_version") == HASH_VERSION)


def hash_stored(conn: sa.Connection, stored: Stored) -> str:
    """The hash, of the present version, of the rows as they are stored."""
    of = target_list.c
    declared = conn.scalars(sa.select(of.declaration_hash).where(of.list_id == stored.list_id)).one()
    head = (stored.campaign, stored.cycle, stored.as_of.isoformat(), declared)
    return hash_rows(conn, head, digests(rows_of(stored.list_id)))


def rows_of(list_id: int) -> sa.Subquery:
    """The rows of a list, with all their columns."""
    return sa.select(target_row).where(target_row.c.list_id == list_id).subquery("stored")


def _drafters(before: Stored, passport: dict[str, Any]) -> list[str]:
    """Everybody who drew this draft: none of them approves it."""
    return sorted({*before.passport.get("drafted_by", []), *passport.get("drafted_by", [])})


def open_draft(conn: sa.Connection, drawn: Round) -> Stored | None:
    """The draft of the round and its as-of, approved or not; None where nothing is drawn."""
    return next(iter(_drafts(conn, drawn)), None)


def _drafts(conn: sa.Connection, drawn: Round, *, any_day: bool = False) -> list[Stored]:
    of = target_list.c
    drafts = sa.select(*_HEAD).where(
        of.campaign == drawn.campaign.code,
        of.cycle == drawn.cycle,
        of.supplement == drawn.supplement,
        of.state.in_(OPEN),
    )
    if not any_day:
        followed = drawn.follows[0].list_id if drawn.follows else None
        drafts = drafts.where(of.as_of == drawn.as_of, of.follows.is_not_distinct_from(followed))
    return [Stored(*row) for row in conn.execute(drafts)]


def freshness(conn: sa.Connection, drawn: Round) -> dict[str, Any] | None:
    """What the draft of the round says of rosters that its pool misses; None where it says nothing, or there is none."""
    draft = open_draft(conn, drawn)
    return None if draft is None else draft.passport.get("freshness")


def drop(conn: sa.Connection, list_id: int) -> list[str]:
    """Drop a draft and what hangs on it; names of its files."""
    files = list(conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id == list_id)))
    for table in (list_file, list_step, target_row, target_list):
        conn.execute(table.delete().where(table.c.list_id == list_id))
    return files


def read_rows(conn: sa.Connection, list_id: int, *, selected: bool = False) -> list[Row]:
    """The rows of a list in the order of person ids; with `selected` those that are on it."""
    rows = sa.select(*(target_row.c[name] for name in Row.__dataclass_fields__)).where(target_row.c.list_id == list_id)
    if selected:
        rows = rows.where(target_row.c.selected)
    return [Row(*row) for row in conn.execute(rows.order_by(target_row.c.person_id))]


def lock(conn: sa.Connection, drawn: Round, stored: Stored) -> tuple[Stored, list[str]]:
    """Freeze the draft with its approvals in the passport and drop the round's other drafts; names of their files.

    The database refuses it where an approval is missing.
    """
    stale: list[str] = []
    for draft in _drafts(conn, drawn, any_day=True):
        if draft.list_id != stored.list_id:
            stale += drop(conn, draft.list_id)
    conn.execute(
        target_list.update()
        .where(target_list.c.list_id == stored.list_id)
        .values(
            state=ListState.LOCKED,
            locked_at=sa.func.now(),
            passport={**stored.passport, "approvals": list(approvers(conn, stored.list_id))},
        )
    )
    return find(conn, stored.list_id), stale
