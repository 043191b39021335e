"""Tell whose row of a list stays and is not used any more: who asked so, for its purpose or for anything, or whose consent ended.

One answer for sheets, phones, packets, sessions, call-backs and the lock. It needs a connection that sees who withdrew: the
office's own; no reader's login does.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.deliveries.ending import stopped
from talentpool.model import record_person, source_record, target_list, target_row


def is_withdrawn(row: sa.FromClause = target_row) -> sa.ColumnElement[bool]:
    """Whether the person of `row` (list_id, record_id, person_id) withdrew, by that record or another one of theirs."""
    of, other, head = row.c, record_person.alias("theirs"), target_list.alias("of_list")
    purpose = (
        sa.select(head.c.passport["purpose"].astext)
        .where(head.c.list_id == of.list_id)
        .correlate(row)
        .scalar_subquery()
    )
    ended = sa.exists().where(source_record.c.record_id == of.record_id, source_record.c.status == "suspended")
    elsewhere = sa.exists().where(other.c.person_id == of.person_id, stopped(other.c.record_id, purpose))
    return sa.or_(ended, stopped(of.record_id, purpose), elsewhere)


def withdrawn_rows(conn: sa.Connection, list_id: int, only: Collection[str]) -> frozenset[str]:
    """Those of the row ids `only` of a list whose person withdrew."""
    row = target_row.c
    among = row.row_id == sa.any_(sa.cast(list(only), ARRAY(sa.Text)))  # one parameter, however many there are
    asked = sa.select(row.row_id).where(row.list_id == list_id, among, is_withdrawn())
    return frozenset(conn.scalars(asked)) if only else frozenset()
