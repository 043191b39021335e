"""Tell whose row of a list stays and is not used any more: who asked so, for its purpose or for anything, or whose consent ended.

One answer for sheets, phones, packets, sessions, call-backs and the lock. What a receipt may still say of such a row is
`receipts.judging.is_kept`. It needs a connection that sees who withdrew: the office's own; no reader's login does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.campaigns.owners import person_today
from talentpool.campaigns.receipts.outcomes import HANDED_OUT
from talentpool.campaigns.receipts.standing import last_word
from talentpool.deliveries.ending import stopped
from talentpool.model import receipt, receipt_row, record_person, source_record, target_list, target_row, use_stop


def is_withdrawn(row: sa.FromClause = target_row) -> sa.ColumnElement[bool]:
    """Whether the person of `row` (list_id, record_id, person_id) withdrew, by that record or another that is theirs today."""
    of, other = row.c, record_person.alias("theirs")
    purpose = _purpose_of(row)
    ended = sa.exists().where(source_record.c.record_id == of.record_id, source_record.c.status == "suspended")
    elsewhere = sa.exists().where(other.c.person_id == person_today(row), stopped(other.c.record_id, purpose))
    return sa.or_(ended, stopped(of.record_id, purpose), elsewhere)


def back_since(row: sa.FromClause = target_row) -> sa.ScalarSelect[datetime]:
    """When the person of `row` last took back what they had asked for; null where they never did."""
    stop, other = use_stop.c, record_person.alias("theirs_before")
    same = sa.select(other.c.record_id).where(other.c.person_id == person_today(row)).correlate(row)
    whose = sa.or_(stop.record_id == row.c.record_id, stop.record_id.in_(same))
    lifted = sa.select(sa.func.max(stop.lifted_at)).where(whose, stop.purpose.in_(["", _purpose_of(row)]))
    return lifted.correlate(row).scalar_subquery()


def withdrawn_rows(conn: sa.Connection, list_id: int, only: Collection[str]) -> frozenset[str]:
    """Those of the row ids `only` of a list whose person withdrew."""
    row = target_row.c
    among = row.row_id == sa.any_(sa.cast(list(only), ARRAY(sa.Text)))  # one parameter, however many there are
    asked = sa.select(row.row_id).where(row.list_id == list_id, among, is_withdrawn())
    return frozenset(conn.scalars(asked)) if only else frozenset()


def handed_since(conn: sa.Connection, list_id: int, counties: Collection[str] | None = None) -> list[str]:
    """Row ids that stand as handed out by a word that came after their person had asked not to be used.

    Args:
        counties: of these alone; None = of all.
    """
    row, said, asked, stands = target_row.c, receipt_row.alias("said"), _asked(), last_word(target_row)
    handed = [one.value for one in HANDED_OUT]
    came = sa.and_(said.c.list_id == row.list_id, said.c.row_id == row.row_id, said.c.outcome.in_(handed))
    query = (
        sa.select(row.row_id)
        .distinct()
        .join(asked, asked.c.record_id == row.record_id)
        .join(said, came)
        .join(receipt, receipt.c.receipt_id == said.c.receipt_id)
        .join(stands, stands.c.outcome.in_(handed))
        .where(row.list_id == list_id, row.selected, asked.c.purpose.in_(["", _purpose_of(target_row)]))
        .where(asked.c.stopped_at < receipt.c.made_at)
        .order_by(row.row_id)
    )
    return list(conn.scalars(query if counties is None else query.where(row.county.in_(counties))))


def _asked() -> sa.Subquery:
    """record_id, purpose, stopped_at of every record that is a person's who asked not to be used."""
    stop, own, other = use_stop.c, record_person.alias("own"), record_person.alias("other")
    said = sa.select(stop.record_id, stop.purpose, stop.stopped_at).where(stop.lifted_at.is_(None))
    theirs = (
        sa.select(other.c.record_id, stop.purpose, stop.stopped_at)
        .join(own, own.c.record_id == stop.record_id)
        .join(other, other.c.person_id == own.c.person_id)
        .where(stop.lifted_at.is_(None))
    )
    return sa.union(said, theirs).subquery("asked")


def _purpose_of(row: sa.FromClause) -> sa.ScalarSelect[str]:
    """For what the list of `row` was drawn."""
    head = target_list.alias("of_list")
    purpose = sa.select(head.c.passport["purpose"].astext).where(head.c.list_id == row.c.list_id)
    return purpose.correlate(row).scalar_subquery()
