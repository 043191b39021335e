"""Publish a backfill: an older roster's rows go to history, and the live state stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.load.at_date import CONTENT, records_at
from talentpool.load.consent import follow_past_consent
from talentpool.load.live import Moved
from talentpool.load.staged import Publication, keep_salts
from talentpool.model import record_absence, source_record_history


def publish_history(conn: sa.Connection, publication: Publication) -> Moved:
    """Differing rows become versions from this as-of to the next published one; absences are recorded."""
    keep_salts(conn, publication)
    follow_past_consent(conn, publication)
    staged = publication.staged
    first_seen = sa.literal(publication.as_of)
    names = ["partner", "record_id", *CONTENT, "delivery_id", "first_seen", "valid_from", "valid_to"]
    query = sa.select(
        sa.literal(publication.partner),
        staged.c.record_id,
        *(staged.c[name] for name in CONTENT),
        sa.literal(publication.delivery_id),
        first_seen,
        sa.literal(publication.as_of),
        sa.literal(publication.following),
    ).where(staged.c.changed, publication.accepted())
    statement = insert(source_record_history).from_select(names, query)
    replaced = {name: statement.excluded[name] for name in (*CONTENT, "delivery_id", "valid_to")}
    key = ["partner", "record_id", "valid_from"]
    added = conn.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced)).rowcount
    absent = _record_absences(conn, publication) if publication.full and publication.removals else 0
    return Moved(added=added, suspected=absent)


def _record_absences(conn: sa.Connection, publication: Publication) -> int:
    """Records known on that date that the snapshot does not name; the number of those who had not left before."""
    if publication.before is None:
        return 0
    then, staged = records_at(publication.before), publication.staged
    unnamed = (
        sa.select(then.c.record_id, then.c.status)
        .where(
            then.c.partner == publication.partner,
            sa.or_(then.c.left_on.is_(None), then.c.left_on > publication.as_of),
            sa.or_(
                ~sa.exists().where(staged.c.record_id == then.c.record_id),
                # who had left is not brought back by a refused row
                sa.and_(
                    then.c.status == "left",
                    ~sa.exists().where(staged.c.record_id == then.c.record_id, ~publication.refused()),
                ),
            ),
        )
        .cte("unnamed")
    )
    absent = sa.select(
        sa.literal(publication.partner),
        unnamed.c.record_id,
        sa.literal(publication.as_of),
        sa.literal(publication.delivery_id),
    )
    kept = (
        insert(record_absence)
        .from_select(["partner", "record_id", "as_of", "delivery_id"], absent)
        .on_conflict_do_nothing()
        .cte("kept")
    )
    count = sa.select(sa.func.count()).select_from(unnamed).where(unnamed.c.status != "left")
    return conn.execute(count.add_cte(kept)).scalar_one()
