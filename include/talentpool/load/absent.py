"""Mark who is missing from a full roster, and keep who left as absent as before."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.deliveries.publications import published
from talentpool.load.at_date import LEFT_AFTER
from talentpool.load.staged import Publication
from talentpool.model import (
    delivery,
    delivery_sighting,
    record_absence,
    source_record,
)


def mark_missing(conn: sa.Connection, publication: Publication) -> tuple[int, int]:
    """Records a full snapshot does not name: suspected the first time, left the second, spell ended where last seen."""
    live, staged = source_record, publication.staged
    unnamed = sa.and_(
        live.c.partner == publication.partner,
        sa.or_(live.c.left_on.is_(None), live.c.left_on > publication.as_of),
        ~sa.exists().where(staged.c.record_id == live.c.record_id),
    )
    # also of those who left: a snapshot without an absence would say that it names them
    absent = sa.select(
        live.c.partner, live.c.record_id, sa.literal(publication.as_of), sa.literal(publication.delivery_id)
    ).where(unnamed)
    missing = sa.and_(unnamed, live.c.status.in_(["active", "suspected", "suspended"]))
    conn.execute(
        insert(record_absence)
        .from_select(["partner", "record_id", "as_of", "delivery_id"], absent)
        .on_conflict_do_nothing()
    )
    # a second version of the same date is not a second snapshot
    again = live.c.missing_since == publication.as_of
    times = sa.case((again, live.c.missing_count), else_=live.c.missing_count + 1)
    statement = (
        live.update()
        .values(
            status=sa.case(
                (times >= LEFT_AFTER, "left"), (live.c.status == "suspended", "suspended"), else_="suspected"
            ),
            missing_count=times,
            missing_since=sa.func.coalesce(live.c.missing_since, publication.as_of),
            spell_to=sa.case((times >= LEFT_AFTER, last_seen(publication, live)), else_=live.c.spell_to),
        )
        .where(missing)
        .returning(live.c.status)
    )
    statuses = conn.execute(statement).scalars().all()
    return statuses.count("suspected"), statuses.count("left")


def keep_absent(conn: sa.Connection, publication: Publication) -> None:
    """Those who left and are named by a refused row alone are as absent as before: the row brings nobody back."""
    live, staged = source_record, publication.staged
    if not publication.full or not publication.removals:
        return
    named = staged.alias("named")
    refused = sa.select(publication.verdicts.c.row_no).where(publication.verdicts.c.outcome == "refused")
    absent = (
        sa.select(live.c.partner, live.c.record_id, sa.literal(publication.as_of), sa.literal(publication.delivery_id))
        .join(staged, sa.and_(live.c.partner == publication.partner, live.c.record_id == staged.c.record_id))
        .where(
            publication.refused(),
            live.c.status == "left",
            live.c.left_on.is_(None),
            ~sa.exists().where(named.c.record_id == live.c.record_id, named.c.row_no.not_in(refused)),
        )
        .distinct()
    )
    conn.execute(
        insert(record_absence)
        .from_select(["partner", "record_id", "as_of", "delivery_id"], absent)
        .on_conflict_do_nothing()
    )


def last_seen(publication: Publication, live: sa.Table) -> sa.ScalarSelect:
    """The last as-of on which the partner named the record before its absence: by a full snapshot or by a delta."""
    before = sa.and_(
        published(publication.partner),
        delivery.c.as_of < live.c.missing_since,
    )
    snapshot = (
        sa.select(sa.func.max(delivery.c.as_of))
        .where(
            before,
            delivery.c.kind == "full",
            delivery.c.as_of >= live.c.first_seen,
            delivery.c.decided.is_distinct_from("no-removals"),
            # a snapshot of before that came late may have lacked it too
            ~sa.exists()
            .where(
                record_absence.c.partner == live.c.partner,
                record_absence.c.record_id == live.c.record_id,
                record_absence.c.as_of == delivery.c.as_of,
            )
            .correlate(live, delivery),
        )
        .correlate(live)
        .scalar_subquery()
    )
    sighting = (
        sa.select(sa.func.max(delivery.c.as_of))
        .join(delivery_sighting, delivery_sighting.c.delivery_id == delivery.c.delivery_id)
        .where(before, delivery_sighting.c.record_id == live.c.record_id)
        .correlate(live)
        .scalar_subquery()
    )
    return (
        sa.select(sa.func.greatest(snapshot, sighting, live.c.valid_from, live.c.spell_from))
        .correlate(live)
        .scalar_subquery()
    )
