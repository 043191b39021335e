"""Tell what stands of each row of a list: the last correction, else the strongest word of any sheet; and count it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on
from sqlalchemy.sql.selectable import LateralFromClause

from talentpool.campaigns.receipts.entry import Entry
from talentpool.campaigns.receipts.outcomes import HANDED_OUT, STRENGTH, Outcome
from talentpool.model import receipt, receipt_row, target_row


@dataclass(frozen=True)
class Tally:
    """Rows of a share by outcome; `open`: nothing is known of them yet. `delivered`: as many were handed out."""

    people: int
    outcomes: dict[str, int]
    delivered: int

    @property
    def open(self) -> int:
        """Rows of which no receipt speaks."""
        return self.people - sum(self.outcomes.values())

    @property
    def received(self) -> int:
        """People who got all or part."""
        return sum(self.outcomes.get(outcome, 0) for outcome in HANDED_OUT)

    def as_json(self) -> dict[str, Any]:
        return {"people": self.people, "received": self.received, "delivered": self.delivered, "open": self.open,
                "outcomes": self.outcomes}  # fmt: skip


def standing(list_id: int | None = None, then: datetime | None = None, name: str = "standing") -> sa.Subquery:
    """list_id, row_id, outcome, delivered, on_day, correction of every row that a receipt speaks of; of all lists when unset.

    `then`: as was known at that moment. `name`: of the subquery.
    """
    of = receipt_row.c
    query = sa.select(of.list_id, of.row_id, of.outcome, of.delivered, of.on_day, of.correction)
    if list_id is not None:
        query = query.where(of.list_id == list_id)
    if then is not None:
        query = query.join(receipt, receipt.c.receipt_id == of.receipt_id).where(receipt.c.made_at <= then)
    return query.ext(distinct_on(of.list_id, of.row_id)).order_by(of.list_id, of.row_id, *strongest()).subquery(name)


def last_word(rows: sa.FromClause, name: str = "stands") -> LateralFromClause:
    """outcome, delivered, on_day, correction of each of `rows` (list_id, row_id), looked up one by one: for few of many."""
    of = receipt_row.c
    query = sa.select(of.outcome, of.delivered, of.on_day, of.correction)
    theirs = query.where(of.list_id == rows.c.list_id, of.row_id == rows.c.row_id)
    return theirs.order_by(*strongest()).limit(1).lateral(name)


def strongest(of: Any = receipt_row.c) -> list[sa.ColumnElement[Any]]:
    """The order in which the word that stands comes first, of the columns of receipt_row."""
    strength = sa.case({name.value: place for place, name in enumerate(STRENGTH)}, value=of.outcome)
    last = sa.case((of.correction, of.entry_id), else_=sa.null())
    return [last.desc().nulls_last(), strength.desc(), of.delivered.desc(), of.on_day.asc().nulls_last()]


def strongest_text(of: str = "") -> str:
    """The same order as words of SQL, for queries that officers read and run themselves; `of`: an alias with its dot."""
    strength = ",".join(f"'{outcome.value}'" for outcome in reversed(STRENGTH))
    return (
        f"case when {of}correction then {of}entry_id end desc nulls last,"
        f" array_position(array[{strength}], {of}outcome), {of}delivered desc, {of}on_day nulls last"
    )


def known_rows(
    conn: sa.Connection, list_id: int, *theirs: sa.ColumnElement[bool], only: Collection[str] | None = None
) -> dict[str, Entry | None]:
    """Row id of each person on the list -> what stands of it; of rows alone that meet `theirs`, and of `only` these ids."""
    row = target_row.c
    stands = standing(list_id) if only is None else last_word(target_row)
    beside = stands.c.row_id == row.row_id if only is None else sa.true()
    query = (
        sa.select(row.row_id, stands.c.outcome, stands.c.delivered, stands.c.on_day, stands.c.correction)
        .outerjoin(stands, beside)
        .where(row.list_id == list_id, row.selected, *theirs)
    )
    if only is not None:
        query = query.where(row.row_id.in_(only))
    return {
        found.row_id: None
        if found.outcome is None
        else Entry(found.row_id, Outcome(found.outcome), found.delivered, found.on_day, found.correction)
        for found in conn.execute(query)
    }


def tally(conn: sa.Connection, list_id: int, *by: str) -> dict[tuple[str, ...], Tally]:
    """Values of `by` (county, partner, station) -> what became of the rows that have them; () -> of the whole list.

    Read through an officer's connection it counts the rows that the officer sees.
    """
    row, stands = target_row.c, standing(list_id)
    groups = [sa.func.coalesce(row[name], "") for name in by]
    query = (
        sa.select(*groups, stands.c.outcome, sa.func.count(), sa.func.coalesce(sa.func.sum(stands.c.delivered), 0))
        .outerjoin(stands, stands.c.row_id == row.row_id)
        .where(row.list_id == list_id, row.selected)
        .group_by(*groups, stands.c.outcome)
    )
    people: dict[tuple[str, ...], int] = {}
    outcomes: dict[tuple[str, ...], dict[str, int]] = {}
    delivered: dict[tuple[str, ...], int] = {}
    for *values, outcome, count, handed in conn.execute(query):
        key = tuple(values)
        people[key] = people.get(key, 0) + count
        delivered[key] = delivered.get(key, 0) + int(handed)
        outcomes.setdefault(key, {}).update({} if outcome is None else {outcome: count})
    return {key: Tally(people[key], outcomes[key], delivered[key]) for key in sorted(people)}


def received(conn: sa.Connection, list_id: int, only: Collection[int] | None = None) -> list[dict[str, Any]]:
    """What came back of the list, newest first: receipt_id, made_at, via, received_by, taken, faults, reason; of `only` these.

    Through an officer's connection: what speaks of a row that the officer sees, whoever brought it, with `taken` of those rows
    alone (migration 0061).
    """
    seen = sa.func.receipts_seen(list_id, sa.cast(None if only is None else list(only), ARRAY(sa.BigInteger))).table_valued(
        sa.column("receipt_id", sa.BigInteger), sa.column("made_at", sa.DateTime(timezone=True)), sa.column("via", sa.Text),
        sa.column("received_by", sa.Text), sa.column("taken", sa.Integer), sa.column("faults", JSONB),
        sa.column("reason", sa.Text),
    )  # fmt: skip
    return [dict(row) for row in conn.execute(sa.select(seen).order_by(seen.c.receipt_id.desc())).mappings()]
