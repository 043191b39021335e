"""Erase in the database: delete the salts, so that no backup opens, then every row that names the person's records.

Statistics stay right: in frozen pools a place is kept that no longer leads to anybody (new random ids, no birth date,
no age in years, no station). Counts of deliveries and lists are numbers of their own and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from talentpool.match import uncount
from talentpool.model import (
    consent_end,
    delivery_sighting,
    edge,
    employment_spell,
    list_exception,
    match_key,
    match_run,
    person,
    person_event,
    person_redirect,
    pool_person,
    pool_presence,
    quarantine,
    record_absence,
    record_person,
    record_salt,
    remembered_value,
    review_pair,
    source_record,
    source_record_history,
    use_stop,
)

BY_RECORD = (
    record_salt, source_record, source_record_history, quarantine, record_absence, delivery_sighting, employment_spell,
    consent_end, record_person, match_key, use_stop, remembered_value,
)  # fmt: skip
BY_PAIR = (edge, review_pair)
BY_PERSON = (*BY_PAIR, list_exception, person, person_event, person_redirect)
NAMELESS = (pool_person, pool_presence)
"""Frozen pools: the place stays, so that their figures do."""


def forget(
    conn: sa.Connection, person_id: UUID | None, records: Sequence[UUID], aside: Sequence[Sequence[int]] = ()
) -> dict[str, int]:
    """Erase one person; returns how many rows of which table went. Doing it again finds nothing.

    `aside`: (delivery, row) of set-aside rows that go though their number is somebody else's record.
    """
    return forget_all(conn, [] if person_id is None else [person_id], records, aside)


def forget_all(
    conn: sa.Connection, people: Sequence[UUID], records: Sequence[UUID], aside: Sequence[Sequence[int]] = ()
) -> dict[str, int]:
    """The same of several people at once, whose records are `records`."""
    uncount(conn, records)
    gone = {
        table.name: conn.execute(table.delete().where(table.c.record_id.in_(records))).rowcount for table in BY_RECORD
    }
    _forget_remembered(conn, aside)
    for table in (record_salt, quarantine):
        rows = sa.tuple_(table.c.delivery_id, table.c.row_no).in_([tuple(place) for place in aside])
        gone[table.name] += conn.execute(table.delete().where(rows)).rowcount
    for pairs in BY_PAIR:
        of_record = sa.or_(pairs.c.left_record.in_(records), pairs.c.right_record.in_(records))
        gone[pairs.name] = conn.execute(pairs.delete().where(of_record)).rowcount
    newest = sa.select(sa.func.max(match_run.c.match_run_id)).scalar_subquery()
    to_count = {"live_persons": None, "live_records": None, "matched": None}  # all over again by the next matching
    conn.execute(match_run.update().where(match_run.c.match_run_id == newest).values(to_count))
    _make_nameless(conn, records)
    if people:
        events, redirects = person_event, person_redirect
        conn.execute(events.delete().where(sa.or_(events.c.person_id.in_(people), events.c.other_id.in_(people))))
        before = sa.select(redirects.c.old_id).where(redirects.c.new_id.in_(people))
        by_hand = list_exception.c.person_id
        conn.execute(list_exception.delete().where(sa.or_(by_hand.in_(people), by_hand.in_(before))))
        conn.execute(redirects.delete().where(redirects.c.new_id.in_(people)))
        conn.execute(person.delete().where(person.c.person_id.in_(people)))
    return {name: count for name, count in gone.items() if count}


def _forget_remembered(conn: sa.Connection, aside: Sequence[Sequence[int]]) -> None:
    """What was remembered for rows that go though their number is somebody else's, with its salts."""
    value, salt = remembered_value, record_salt
    rows = sa.tuple_(value.c.delivery_id, value.c.row_no).in_([tuple(place) for place in aside])
    for row in conn.execute(value.delete().where(rows).returning(value.c.delivery_id, value.c.value_id)).all():
        conn.execute(salt.delete().where(salt.c.delivery_id == row.delivery_id, salt.c.row_no == -row.value_id))


def _make_nameless(conn: sa.Connection, records: Sequence[UUID]) -> None:
    """The person's place in each frozen pool under an id that means nothing, one for each pool."""
    fresh = (
        sa.select(
            pool_presence.c.snapshot_id,
            pool_presence.c.person_id,
            # once for each pool and person, though the person may be seen in several counties
            sa.func.min(sa.func.gen_random_uuid().cast(sa.Text)).cast(sa.UUID).label("nobody"),
        )
        .where(pool_presence.c.record_id.in_(records))
        .group_by(pool_presence.c.snapshot_id, pool_presence.c.person_id)
        .cte("fresh")
    )
    pooled = (
        pool_person.update()
        .values(
            person_id=fresh.c.nobody,
            home_record=sa.func.gen_random_uuid(),
            home_station="",
            birth_date=None,
            age=None,
            provenance={},
        )
        .where(pool_person.c.snapshot_id == fresh.c.snapshot_id, pool_person.c.person_id == fresh.c.person_id)
        .returning(pool_person.c.snapshot_id)
        .cte("pooled")
    )
    conn.execute(
        pool_presence.update()
        .values(person_id=fresh.c.nobody, record_id=sa.func.gen_random_uuid(), station="")
        .where(
            pool_presence.c.snapshot_id == fresh.c.snapshot_id,
            pool_presence.c.person_id == fresh.c.person_id,
            pool_presence.c.record_id.in_(records),
        )
        .add_cte(pooled)
    )
