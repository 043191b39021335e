"""Tell whose a row of a list is today: a person's id changes when records are put together or parted, a record's does not."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import person_redirect, record_person


def person_today(row: sa.FromClause) -> sa.ColumnElement[sa.UUID]:
    """The person to whom the record of `row` (record_id, person_id) belongs; for one that is known no more, whoever goes on for
    the person that it was of."""
    own, renamed = record_person.alias("owner"), person_redirect.alias("goes_on")
    by_record = sa.select(own.c.person_id).where(own.c.record_id == row.c.record_id)
    by_name = sa.select(renamed.c.new_id).where(renamed.c.old_id == row.c.person_id)
    found = (query.correlate(row).scalar_subquery() for query in (by_record, by_name))
    return sa.func.coalesce(*found, row.c.person_id)
