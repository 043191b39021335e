"""Read one list as a page shows it: counts by place and reason, and rows page by page with masked names.

Through the caller's own connection, which sees its own counties only. No row tells how many partners a person works for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.receipts.standing import standing
from talentpool.campaigns.receipts.told import Stand, stands_of
from talentpool.declare.rules import Why, every_why
from talentpool.guard import KeyRing, mask_name, open_personal
from talentpool.model import list_decision, person_redirect, record_person, source_record, target_row

SHOWN = 50
"""Rows of a page."""
NOTHING_YET, CORRECTED = "open", "corrected"
"""Of rows, beside what may stand of one: no receipt speaks of it; an officer corrected it."""


@dataclass(frozen=True)
class Group:
    """People of one place and one reason."""

    county: str | None
    partner: str
    station: str
    selected: bool
    reason: str
    people: int


@dataclass(frozen=True)
class Wanted:
    """Which rows: '' leaves open. `on`: in or out; `people`: those whom a search found, None = everybody; `stands`: an outcome,
    NOTHING_YET or CORRECTED."""

    on: str = ""
    county: str = ""
    partner: str = ""
    station: str = ""
    reason: str = ""
    people: tuple[UUID, ...] | None = None
    stands: str = ""

    def takes(self, group: Group) -> bool:
        """Whether people of a group are among them, whoever was searched for and whatever stands."""
        return (
            (not self.on or group.selected == (self.on == "in"))
            and self.county in ("", group.county)
            and self.partner in ("", group.partner)
            and self.station in ("", group.station)
            and self.reason in ("", group.reason)
        )


@dataclass(frozen=True)
class Line:
    """A row of the list. `person`: whose page opens, None where nothing of them may be seen any more; `name`: masked; `fix`: what
    would change the reason, '' where nothing does; `stand`: None while no receipt speaks of the row."""

    row_id: str
    person: UUID | None
    name: str
    county: str | None
    partner: str
    station: str
    selected: bool
    reason: str
    why: str
    fix: str
    stand: Stand | None = None


@dataclass(frozen=True)
class Counts:
    """What the reader sees of a list in numbers."""

    groups: list[Group]

    @property
    def funnel(self) -> list[dict[str, Any]]:
        excluded: Counter[str] = Counter()
        for group in self.groups:
            if not group.selected:
                excluded[group.reason] += group.people
        return funnel(self.selected, excluded)

    @property
    def selected(self) -> int:
        return sum(group.people for group in self.groups if group.selected)

    @property
    def counties(self) -> dict[str, tuple[int, int]]:
        """County -> people judged, people on the list."""
        found: dict[str, tuple[int, int]] = {}
        for group in self.groups:
            judged, on = found.get(group.county or "", (0, 0))
            found[group.county or ""] = (judged + group.people, on + group.people * group.selected)
        return dict(sorted(found.items()))

    def of(self, wanted: Wanted) -> int:
        """How many rows there are of a filter, whoever was searched for."""
        return sum(group.people for group in self.groups if wanted.takes(group))


def counted(conn: sa.Connection, list_id: int) -> Counts:
    """The list in numbers, as far as the connection sees it."""
    of = target_row.c
    by = (of.county, of.partner, of.station, of.selected, of.reason)
    query = sa.select(*by, sa.func.count()).where(of.list_id == list_id).group_by(*by)
    return Counts([Group(*row) for row in conn.execute(query.order_by(*by))])


def matching(conn: sa.Connection, list_id: int, counts: Counts, wanted: Wanted) -> int:
    """How many rows there are of a filter, whoever was searched for."""
    if not wanted.stands:
        return counts.of(wanted)
    return conn.scalar(_asked(sa.select(sa.func.count()), list_id, replace(wanted, people=None))) or 0


def _asked(query: sa.Select[Any], list_id: int, wanted: Wanted) -> sa.Select[Any]:
    """The rows of the list that a filter leaves."""
    of, said = target_row.c, standing(list_id)
    query = query.select_from(target_row).where(of.list_id == list_id)
    for column, value in ((of.county, wanted.county), (of.partner, wanted.partner), (of.station, wanted.station),
                          (of.reason, wanted.reason)):  # fmt: skip
        query = query.where(column == value) if value else query
    if wanted.on:
        query = query.where(of.selected == (wanted.on == "in"))
    if wanted.people is not None:
        query = query.where(of.person_id.in_(wanted.people))
    if wanted.stands:
        beside = {NOTHING_YET: said.c.outcome.is_(None), CORRECTED: said.c.correction}
        met = beside.get(wanted.stands, said.c.outcome == wanted.stands)
        query = query.outerjoin(said, said.c.row_id == of.row_id).where(of.selected, met)
    return query


def lines(conn: sa.Connection, keys: KeyRing, list_id: int, wanted: Wanted, page: int) -> list[Line]:
    """The rows of one page (from 1): those on the list first, then by county, partner, station."""
    of = target_row.c
    order = (of.selected.desc(), of.county, of.partner, of.station, of.row_id)
    query = _asked(sa.select(target_row), list_id, wanted).order_by(*order)
    rows = conn.execute(query.limit(SHOWN).offset((page - 1) * SHOWN)).all()
    people = open_personal(conn, keys, [row.record_id for row in rows])
    pages, words = _with_a_page(conn, [row.person_id for row in rows]), every_why()
    stands = stands_of(conn, [(list_id, row.row_id) for row in rows if row.selected])
    return [
        Line(
            row.row_id, pages.get(row.person_id),
            mask_name(people[row.record_id].name) if row.record_id in people else "",
            row.county, row.partner, row.station, row.selected, row.reason, *words.get(row.reason, Why(row.reason, ""))[:2],
            stands.get((list_id, row.row_id)) if row.selected else None,
        )
        for row in rows
    ]  # fmt: skip


def masked_names(
    conn: sa.Connection, keys: KeyRing, rows: Sequence[tuple[UUID, UUID]]
) -> tuple[dict[UUID, str], dict[UUID, UUID]]:
    """Of (person, record) of rows: record -> masked name, person -> whose page opens; only what the connection sees."""
    people = open_personal(conn, keys, [record for _, record in rows])
    names = {record: mask_name(found.name) for record, found in people.items()}
    return names, _with_a_page(conn, [person for person, _ in rows])


def _with_a_page(conn: sa.Connection, persons: Sequence[UUID]) -> dict[UUID, UUID]:
    """Person of then -> the person of today, where the connection sees one of their records."""
    of = person_redirect.c
    today = dict.fromkeys(persons)
    now = {old: old for old in today}
    now |= {row.old_id: row.new_id for row in conn.execute(
        sa.select(of.old_id, of.new_id).where(of.old_id.in_(persons)))}  # fmt: skip
    known = record_person.c
    query = (
        sa.select(known.person_id)
        .join(source_record, source_record.c.record_id == known.record_id)
        .where(known.person_id.in_(now.values()))
    )
    seen = set(conn.scalars(query.distinct()))
    return {old: new for old, new in now.items() if new in seen}


def people_of(conn: sa.Connection, records: Collection[UUID]) -> tuple[UUID, ...]:
    """Whose these records are, by today's ids and those of before a merge, by which a list knows them."""
    now = set(conn.scalars(sa.select(record_person.c.person_id).where(record_person.c.record_id.in_(records))))
    of = person_redirect.c
    return (*now, *conn.scalars(sa.select(of.old_id).where(of.new_id.in_(now))))


def round_history(conn: sa.Connection, campaign: str, cycle: str) -> list[dict[str, Any]]:
    """Who said what of the round's lists, those of drafts that were drawn anew too, the newest first."""
    of = list_decision.c
    query = sa.select(list_decision).where(of.campaign == campaign, of.cycle == cycle)
    return [dict(row) for row in conn.execute(query.order_by(of.decision_id.desc())).mappings()]
