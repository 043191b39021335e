"""Tell who has a seat and who waits: those who signed up first have the seats of a slot, the others stand in line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.sessions.slots import Slot
from talentpool.campaigns.withdrawn import back_since, is_withdrawn
from talentpool.model import attendance, receipt, session_signup, target_row

COUNTED = (
    "select distinct on (slot, county, what) slot, county, what, number from attendance where list_id = :list"
    " order by slot, county, what, count_id desc"
)
"""The last count of each slot, county and kind."""


@dataclass(frozen=True)
class Signed:
    """A row's place in the order of a slot, from 1; above the slot's seats it waits: `waiting` from 1, 0 = has a seat."""

    slot: int
    place: int
    waiting: int
    county: str


@dataclass(frozen=True)
class Filled:
    """A slot in counts. `came`: None until somebody counted."""

    slot: Slot
    signed: int
    came: int | None

    @property
    def seated(self) -> int:
        return min(self.signed, self.slot.capacity)

    @property
    def waiting(self) -> int:
        return max(0, self.signed - self.slot.capacity)


def signed_up(conn: sa.Connection, list_id: int, slots: Sequence[Slot]) -> dict[str, Signed]:
    """Row id -> where it stands; to be read with the whole list in sight, or others' places would be missing from the order."""
    seats = {slot.number: slot.capacity for slot in slots}
    return {
        row.row_id: Signed(row.slot, row.place, max(0, row.place - seats.get(row.slot, 0)), row.county or "")
        for row in conn.execute(_standing(list_id))
    }


def _standing(list_id: int) -> sa.Select:
    """row_id, county, slot and place of each row that signed up and has not taken it back. Who was erased or withdrew stands in
    no line: their seat is free, and who waits moves up. Whoever takes the withdrawal back stands behind all who signed up before
    that, since somebody else was told of the seat."""
    said, row = session_signup.c, target_row.c
    last = (
        sa.select(said.row_id, said.county, said.slot, said.entry_id, receipt.c.made_at)
        .join(receipt, receipt.c.receipt_id == said.receipt_id)
        .where(said.list_id == list_id)
        .ext(distinct_on(said.row_id))
        .order_by(said.row_id, said.entry_id.desc())
        .subquery("last")
    )
    since = sa.func.greatest(last.c.made_at, back_since())
    place = sa.func.rank().over(partition_by=last.c.slot, order_by=[since, last.c.entry_id]).label("place")
    return (
        sa.select(last.c.row_id, last.c.county, last.c.slot, place)
        .join(target_row, sa.and_(row.list_id == list_id, row.row_id == last.c.row_id))
        .where(last.c.slot > 0, row.facts["erased"].is_(None), ~is_withdrawn())
    )


def counted(conn: sa.Connection, list_id: int) -> dict[tuple[int, str, str], int]:
    """(slot, county, came, children or signed) -> the number that stands, of the counties that the session sees."""
    return {(row.slot, row.county, row.what): row.number for row in conn.execute(sa.text(COUNTED), {"list": list_id})}


def filled(conn: sa.Connection, list_id: int, slots: Sequence[Slot]) -> list[Filled]:
    """Each slot in counts, of all counties. Once the list is closed, the sign-ups are what was counted then."""
    now: dict[int, int] = {}
    for one in signed_up(conn, list_id, slots).values():
        now[one.slot] = now.get(one.slot, 0) + 1
    kept = counted(conn, list_id)

    def total(slot: Slot, what: str) -> int | None:
        found = [number for (of, _, kind), number in kept.items() if of == slot.number and kind == what]
        return sum(found) if found else None

    return [Filled(slot, now.get(slot.number, 0) or total(slot, "signed") or 0, total(slot, "came")) for slot in slots]


def keep_counts(conn: sa.Connection, list_id: int, by: str) -> None:
    """How many signed up, by slot and county, while the list is closed; the sign-ups themselves go by `forget_signups`."""
    of = _standing(list_id).subquery("standing")
    groups = (of.c.slot, sa.func.coalesce(of.c.county, "").label("county"))
    rows = conn.execute(sa.select(*groups, sa.func.count().label("number")).group_by(*groups)).all()
    if rows:
        conn.execute(
            attendance.insert(),
            [{"list_id": list_id, "slot": row.slot, "county": row.county, "what": "signed", "number": row.number,
              "note": "办结时汇总", "counted_by": by} for row in rows],
        )  # fmt: skip


def forget_signups(conn: sa.Connection, list_id: int) -> None:
    """Nobody needs to know any more who signed up for what: of a closed list only the counts stay."""
    conn.execute(sa.text("delete from session_signup where list_id = :list"), {"list": list_id})
