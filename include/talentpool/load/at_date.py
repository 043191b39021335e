"""Read the records of all partners as they were on a date: only here versions and absences combine."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.publications import newest_rosters
from talentpool.deliveries.record_versions import valid_on
from talentpool.load.consent import suspended_on
from talentpool.model import (
    content_columns,
    delivery,
    delivery_sighting,
    record_absence,
    source_record,
    source_record_history,
)

CONTENT = tuple(column.name for column in content_columns())
LEFT_AFTER = 2
"""Full snapshots in a row without a record after which it has left; one makes it suspected."""


def records_at(as_of: date, known_at: datetime | None = None) -> sa.Subquery:
    """partner, record_id, content columns, delivery_id, first_seen, valid_from, status, spell_from on `as_of`.

    The version that holds on the date; the status from the absences between the
    record's last sighting and the date. On and after the newest roster this is the live table. With `known_at` without what
    was published later: then the content is as it was known, the status is not.
    """
    live, past = source_record, source_record_history
    names = ("partner", "record_id", *CONTENT, "delivery_id", "first_seen", "valid_from")
    now = sa.select(
        *(live.c[n] for n in names),
        live.c.status.label("live_status"),
        live.c.spell_from,
        live.c.missing_since,
        sa.literal(True).label("is_live"),
    )
    then = sa.select(
        *(past.c[n] for n in names),
        sa.null().cast(sa.Text).label("live_status"),
        sa.func.least(sa.func.coalesce(past.c.hired_on, past.c.first_seen), past.c.valid_from).label("spell_from"),
        sa.null().cast(sa.Date).label("missing_since"),
        sa.literal(False).label("is_live"),
    )
    if known_at is not None:
        later = sa.select(delivery.c.delivery_id).where(delivery.c.published_at > known_at)
        now, then = now.where(live.c.delivery_id.not_in(later)), then.where(past.c.delivery_id.not_in(later))
    version, newest = valid_on(as_of, now, then), newest_rosters()
    missing, suspended = _absences(as_of), suspended_on(as_of)
    derived = sa.case(
        (version.c.left_on <= as_of, "left"),
        (sa.func.coalesce(missing.c.times, 0) >= LEFT_AFTER, "left"),
        (suspended.c.record_id.is_not(None), "suspended"),
        (sa.func.coalesce(missing.c.times, 0) > 0, "suspected"),
        else_="active",
    )
    status = sa.case((sa.and_(version.c.is_live, newest.c.as_of <= as_of), version.c.live_status), else_=derived)
    return (
        sa.select(*(version.c[n] for n in names), status.label("status"), version.c.spell_from)
        .outerjoin(newest, newest.c.partner == version.c.partner)
        .outerjoin(missing, sa.and_(missing.c.partner == version.c.partner, missing.c.record_id == version.c.record_id))
        .outerjoin(
            suspended,
            sa.and_(suspended.c.partner == version.c.partner, suspended.c.record_id == version.c.record_id),
        )
        .subquery("records_at")
    )


def _absences(as_of: date) -> sa.Subquery:
    """Absences in a row up to the date: those of the newest full snapshots without a gap."""
    full = (
        sa.select(
            delivery.c.partner,
            delivery.c.as_of,
            sa.func.dense_rank().over(partition_by=delivery.c.partner, order_by=delivery.c.as_of.desc()).label("back"),
        )
        .where(
            delivery.c.state == State.PUBLISHED,
            delivery.c.kind == "full",
            delivery.c.as_of <= as_of,
            # published without its removals, a snapshot says nothing about absence
            delivery.c.decided.is_distinct_from("no-removals"),
        )
        .distinct()
        .subquery()
    )
    sighted = (
        sa.select(delivery_sighting.c.record_id, sa.func.max(delivery.c.as_of).label("as_of"))
        .join(delivery, delivery.c.delivery_id == delivery_sighting.c.delivery_id)
        .where(
            delivery.c.state == State.PUBLISHED,
            delivery.c.as_of <= as_of,
            delivery_sighting.c.record_id.in_(sa.select(record_absence.c.record_id)),
        )
        .group_by(delivery_sighting.c.record_id)
        .subquery()
    )
    absent = (
        sa.select(
            record_absence.c.partner,
            record_absence.c.record_id,
            full.c.back,
            sa.func.row_number()
            .over(
                partition_by=(record_absence.c.partner, record_absence.c.record_id),
                order_by=record_absence.c.as_of.desc(),
            )
            .label("nth"),
        )
        .join(full, sa.and_(full.c.partner == record_absence.c.partner, full.c.as_of == record_absence.c.as_of))
        .outerjoin(sighted, sighted.c.record_id == record_absence.c.record_id)
        .where(sa.or_(sighted.c.as_of.is_(None), sighted.c.as_of < record_absence.c.as_of))
        .subquery()
    )
    return (
        sa.select(absent.c.partner, absent.c.record_id, sa.func.count().label("times"))
        .where(absent.c.back == absent.c.nth)
        .group_by(absent.c.partner, absent.c.record_id)
        .subquery()
    )
