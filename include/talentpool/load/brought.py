"""Tell which records rest on a county's upload alone, never on the partner's own file, and since when.

What an officer of a county writes into a file is their word: the staff number, whom it names, since when. Until a file
that speaks for the whole area names the record as well, nothing that others see may follow from it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.model import delivery, delivery_sighting, record_absence, source_record_history


def brought_seq(record: Any) -> sa.ColumnElement[int]:
    """publish_seq with which a county's upload brought the person of a record; null for what the partner itself said.

    `record`: columns partner, record_id, delivery_id, valid_from, id_index, mobile_index of a version, live or former.
    The first upload that named the same person under the record counts: a later correction makes nobody new.
    """
    sent = delivery.alias("sent")
    at = (
        sa.select(sa.func.least(sent.c.publish_seq, _first(record)))
        .where(sent.c.delivery_id == record.delivery_id, sent.c.sent_counties.is_not(None), ~_named_since(record, sent))
        .correlate(record.delivery_id.table)
    )
    return at.scalar_subquery()


def _first(record: Any) -> sa.ScalarSelect[int | None]:
    """Publication of the oldest version that named the same person: by the document, without one by the mobile."""
    former, first = source_record_history.alias("former"), delivery.alias("first")
    same = sa.case(
        (record.id_index.is_not(None), former.c.id_index == record.id_index),
        else_=sa.and_(former.c.id_index.is_(None), former.c.mobile_index == record.mobile_index),
    )
    return (
        sa.select(sa.func.min(first.c.publish_seq))
        .join(former, former.c.delivery_id == first.c.delivery_id)
        .where(former.c.partner == record.partner, former.c.record_id == record.record_id, same)
        .correlate(record.delivery_id.table)
        .scalar_subquery()
    )


def _named_since(record: Any, sent: Any) -> sa.ColumnElement[bool]:
    """Whether a file of the whole area named the record after the upload: a delta by its rows, a roster by no absence."""
    own, seen, absent = delivery.alias("own"), delivery_sighting, record_absence
    of = record.delivery_id.table
    sighted = sa.exists().where(seen.c.delivery_id == own.c.delivery_id, seen.c.record_id == record.record_id)
    missed = sa.exists().where(
        absent.c.partner == record.partner, absent.c.record_id == record.record_id, absent.c.as_of == own.c.as_of
    )
    whole = sa.and_(own.c.kind == "full", own.c.decided.is_distinct_from("no-removals"))
    return sa.exists().where(
        own.c.partner == record.partner,
        own.c.state == State.PUBLISHED,
        own.c.sent_counties.is_(None),
        own.c.publish_seq > sent.c.publish_seq,
        own.c.as_of >= record.valid_from,
        sa.or_(sighted.correlate(own, of), sa.and_(whole, ~missed.correlate(own, of))),
    ).correlate(sent, of)  # fmt: skip
