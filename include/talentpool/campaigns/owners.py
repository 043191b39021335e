"""Tell whose a row of a list is today: a person's id changes when records are put together or parted, a record's does not."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.sql.selectable import LateralFromClause

from talentpool.model import person_redirect, record_person


def person_today(row: sa.FromClause) -> sa.ColumnElement[sa.UUID]:
    """The person to whom the record of `row` (record_id, person_id) belongs; for one that is known no more, whoever goes on for
    the person that it was of."""
    own, renamed = record_person.alias("owner"), person_redirect.alias("goes_on")
    by_record = sa.select(own.c.person_id).where(own.c.record_id == row.c.record_id)
    by_name = sa.select(renamed.c.new_id).where(renamed.c.old_id == row.c.person_id)
    found = (query.correlate(row).scalar_subquery() for query in (by_record, by_name))
    return sa.func.coalesce(*found, row.c.person_id)


def others_of_them(mine: sa.FromClause, rows: sa.FromClause, lists: Collection[int], name: str) -> LateralFromClause:
    """list_id and row_id of the selected `rows` (an alias of target_row) of `lists` that are of the same person today as each of
    `mine` (person_id, person)."""
    of, own = rows.c, record_person.alias("owns")
    there = (of.selected, of.list_id.in_(lists))
    by_record = sa.select(of.list_id, of.row_id).join(own, own.c.record_id == of.record_id)
    nobodys = ~sa.exists().where(own.c.record_id == of.record_id)
    by_id = sa.select(of.list_id, of.row_id).where(of.person_id.in_((mine.c.person_id, mine.c.person)), nobodys)
    return sa.union_all(by_record.where(own.c.person_id == mine.c.person, *there), by_id.where(*there)).lateral(name)
