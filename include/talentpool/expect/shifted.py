"""Find staff numbers that name the same person in another notation: lost zeros, a lost prefix, new numbers.

A row whose number is new, while a record that the delivery does not name is the same person, makes a second record of
that person and lets the first one leave. Where only the notation differs, the row is set aside; where many rows are such,
whatever became of their numbers, the delivery waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from talentpool.model import source_record, staging_table
from talentpool.texts.finding import Finding
from talentpool.texts.staff_no import bare, one_name

FEW_ROWS, LARGE_SHARE = 3, 0.1
MANY_ROWS, SMALL_SHARE = 10, 0.01
EXACT = 15
"""Digits a spreadsheet keeps of a long number."""


def mark_shifted(
    conn: sa.Connection, partner: str, delivery_id: int, marks: sa.Table, counties: Sequence[str] | None = None
) -> None:
    """Of the marked rows whose number is new, tell those that a record unnamed in the delivery knows as somebody.

    Args:
        counties: compare with records of these only; None = with all.
    """
    found = conn.execute(_same_person(partner, marks, counties)).all()
    if not found:
        return
    staged = staging_table(delivery_id)
    was = sa.func.unnest(sa.cast([row.record_id for row in found], sa.ARRAY(sa.UUID))).column_valued("was")
    named = set(conn.scalars(sa.select(staged.c.record_id).where(staged.c.record_id.in_(sa.select(was)))))
    unnamed = [row for row in found if row.record_id not in named]
    for column, rows in (("renumbered", unnamed), ("rewritten", [row for row in unnamed if row.rewritten])):
        numbers = sa.func.unnest(sa.cast([row.row_no for row in rows], sa.ARRAY(sa.Integer))).column_valued("n")
        conn.execute(marks.update().where(marks.c.row_no.in_(sa.select(numbers))).values({column: True}))


def _same_person(partner: str, marks: sa.Table, counties: Sequence[str] | None) -> sa.CompoundSelect:
    """(row_no, record_id, rewritten) of new rows beside records of the partner that are the same person: one document,
    or one name in the county together with the mobile or the digits of the number."""
    live = source_record
    plain = [bare(table.c.staff_no) for table in (marks, live)]
    long = sa.and_(*(sa.func.length(table.c.staff_no) > EXACT for table in (marks, live)))
    beginning = sa.and_(long, *[sa.func.left(marks.c.staff_no, EXACT) == sa.func.left(live.c.staff_no, EXACT)])
    pairs = sa.select(
        marks.c.row_no, live.c.record_id, sa.or_(plain[0] == plain[1], beginning).label("rewritten")
    ).where(marks.c.fresh, live.c.partner == partner, live.c.status != "left")
    if counties is not None:
        pairs = pairs.where(live.c.county.in_(counties))
    return sa.union(
        pairs.join_from(marks, live, marks.c.id_index == live.c.id_index),
        pairs.join_from(marks, live, one_name(marks.c, live.c)),
    )


def many_shifted(conn: sa.Connection, marks: sa.Table, seen: dict[str, Any]) -> list[Finding]:
    """Whether so many of the new numbers are of known people that the whole delivery looks numbered anew."""
    fresh, renumbered = conn.execute(
        sa.select(
            sa.func.count().filter(marks.c.fresh), sa.func.count().filter(sa.and_(marks.c.fresh, marks.c.renumbered))
        )
    ).one()
    rows = seen["rows"]
    enough = (renumbered >= FEW_ROWS and renumbered >= LARGE_SHARE * rows) or (
        renumbered >= MANY_ROWS and renumbered >= SMALL_SHARE * rows
    )
    if not enough or renumbered * 2 < fresh:
        return []
    return [Finding("staff_no_shifted", round(renumbered / rows, 4), LARGE_SHARE if rows < 1000 else SMALL_SHARE)]
