"""Say which version of a record holds on a date: the one home of that rule (docs/architecture.md, records in time)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.model import source_record, source_record_history


def valid_on(day: date, live: sa.Select, past: sa.Select) -> sa.Subquery:
    """Of each record the version that holds on `day`, if there is one: among those that began by then, and of the replaced
    ones had not ended, that which began last.

    `live` and `past`: the same columns of source_record and of source_record_history, record_id and valid_from among them.
    """
    of_live, of_past = source_record.c, source_record_history.c
    both = sa.union_all(
        live.where(of_live.valid_from <= day), past.where(of_past.valid_from <= day, of_past.valid_to > day)
    ).subquery()
    newest = sa.select(both).ext(distinct_on(both.c.record_id)).order_by(both.c.record_id, both.c.valid_from.desc())
    return newest.subquery()
