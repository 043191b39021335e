"""Turn a pool snapshot into the rows of a list: every person, in or out, with a reason; and the list's hash.

All of it is done by the database, in a temporary table: no person is read here. A draft is that table copied, a dry run is
that table thrown away, and a list is verified against it. Equal pools, declarations and seeds give equal rows; the row ids
alone are drawn anew (row_ids.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.coming_back import first_back
from talentpool.campaigns.selection.content import FACTS, digest_of, hash_rows
from talentpool.campaigns.selection.decided import Group, decided, keep_judged, people_judged, share_stock
from talentpool.campaigns.selection.row_ids import KEEP, new_salt, number_of, part_equal_numbers
from talentpool.campaigns.sharing import Order, lottery_seed
from talentpool.declare.rules import ELIGIBLE, MEETS_EVERY_RULE
from talentpool.guard import KeyRing

DRAWN_ROW = sa.Table(
    "drawn_row",
    sa.MetaData(),
    sa.Column("person_id", pg.UUID),
    sa.Column("number", pg.BYTEA),
    sa.Column("selected", sa.Boolean),
    sa.Column("reason", sa.Text),
    sa.Column("county", sa.Text),
    sa.Column("partner", sa.Text),
    sa.Column("station", sa.Text),
    sa.Column("record_id", pg.UUID),
    sa.Column("facts", pg.JSONB),
    sa.Column("digest", pg.BYTEA),
    prefixes=["temporary"],
    postgresql_on_commit="drop",
)
"""Everybody of a snapshot as a list says it, in the order of person ids, until the transaction ends."""
TOLD = tuple(column for column, _ in FACTS.values() if column != "place")
WORK_MEMORY = "64MB"
"""Of each sort and hash table; the rest of a million people goes to disk."""


@dataclass(frozen=True)
class Row:
    """One person on a list: a row of target_row without its list id."""

    person_id: UUID
    row_id: str
    selected: bool
    reason: str
    county: str | None
    partner: str
    station: str
    record_id: UUID
    facts: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """What drawn_row holds: people by reason, how a short stock was shared (else empty), the hash of version 2."""

    reasons: Mapping[str, int]
    groups: list[Group]
    content_hash: str

    @property
    def people(self) -> int:
        return sum(self.reasons.values())

    @property
    def selected(self) -> int:
        return self.reasons.get(ELIGIBLE, 0)

    @property
    def eligible(self) -> int:
        return sum(self.reasons.get(reason, 0) for reason in MEETS_EVERY_RULE)

    @property
    def excluded(self) -> dict[str, int]:
        return {reason: people for reason, people in self.reasons.items() if reason != ELIGIBLE}


def judge_snapshot(conn: sa.Connection, keys: KeyRing, drawn: Round, snapshot_id: int) -> Judged:
    """Fill drawn_row with every person of the snapshot."""
    campaign = drawn.campaign
    conn.exec_driver_sql(f"set local work_mem = '{WORK_MEMORY}'")
    keep_judged(conn, drawn, snapshot_id)
    groups = share_stock(conn, drawn)
    seed = lottery_seed(keys, campaign.code, drawn.cycle)
    fill_rows(conn, groups, Order(campaign.order, seed, first_back() if drawn.follows else None))
    return Judged(reasons_of(conn, DRAWN_ROW), groups, hash_rows(conn, drawn.head, DRAWN_ROW))


def fill_rows(conn: sa.Connection, groups: list[Group], order: Order) -> None:
    """drawn_row from the judged people: the reason that stands, facts, and a number of which none is there twice."""
    conn.exec_driver_sql(f"drop table if exists {DRAWN_ROW.name}")
    DRAWN_ROW.create(conn)
    everybody, salt = decided(groups, order).subquery("everybody"), new_salt()
    people = sa.select(everybody).order_by(everybody.c.person_id).subquery("people")  # sorted while rows are narrow
    selected, told = people.c.reason == ELIGIBLE, _told()
    rows = sa.select(
        people.c.person_id,
        number_of(people.c.person_id, salt),
        selected,
        people.c.reason,
        people.c.home_county,
        people.c.home_partner,
        people.c.home_station,
        people.c.home_record,
        _facts(people, told),
        digest_of(people, selected),
    ).select_from(
        people.join(salt, sa.true()).outerjoin(told, sa.and_(*(told.c[name] == people.c[name] for name in TOLD)))
    )
    conn.execute(DRAWN_ROW.insert().from_select(list(DRAWN_ROW.c), rows, include_defaults=False))
    part_equal_numbers(conn, DRAWN_ROW)


def _told() -> sa.Subquery:
    """TOLD and `facts`: each combination of them that there is, a few hundred for a million people, put into JSON once."""
    people = people_judged()
    every = sa.select(*(people.c[name] for name in TOLD)).distinct().subquery("every")
    return sa.select(every, _json(every, TOLD)).subquery("told")


def _facts(people: sa.FromClause, told: sa.FromClause) -> sa.ColumnElement[Any]:
    """Of a person whose age, say, is not known: null equals nothing, so that nothing was put together."""
    facts = sa.func.coalesce(told.c.facts, _json(people, TOLD))
    return sa.case((people.c.place.is_(None), facts), else_=facts.op("||")(_json(people, ("place",))))


def _json(rows: sa.FromClause, columns: Sequence[str]) -> sa.ColumnElement[Any]:
    names = {column: name for name, (column, _) in FACTS.items()}
    parts = [part for column in columns for part in (sa.literal_column(f"'{names[column]}'"), rows.c[column])]
    return sa.func.jsonb_build_object(*parts, type_=pg.JSONB).label("facts")


def reasons_of(conn: sa.Connection, rows: sa.FromClause) -> dict[str, int]:
    """People of the rows by their reason."""
    counted = sa.select(rows.c.reason, sa.func.count()).group_by(rows.c.reason).order_by(rows.c.reason)
    return {row[0]: row[1] for row in conn.execute(counted)}


def keep_rows(conn: sa.Connection, list_id: int) -> None:
    """Copy drawn_row into the list, each number as its row id."""
    conn.execute(KEEP, {"list_id": list_id})
