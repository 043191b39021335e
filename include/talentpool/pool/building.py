"""Freeze the people of a date as a snapshot. Equal content is the same snapshot; late data makes its next version.

Each partner counts with its latest published roster on or before D, which the snapshot records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.declare import PoolRules, load_pool_rules
from talentpool.declare.ages import band_labels
from talentpool.deliveries.delivery_state import State
from talentpool.load import brought_seq, records_at
from talentpool.locks import POOL_LOCK, hold
from talentpool.model import delivery, pool_person, pool_presence, pool_snapshot, record_person
from talentpool.office import Office
from talentpool.office_day import refuse_days_to_come, today_in_office
from talentpool.settings import INCLUDE

COUNT_SIDES = Path(__file__).with_name("count_sides.sql").read_text(encoding="utf-8")
BUILD_PEOPLE = Path(__file__).with_name("build_people.sql").read_text(encoding="utf-8")
OF_RECORD = (
    "partner", "record_id", "county", "station", "status", "spell_from", "valid_from", "birth_date", "birth_from", "sex",
    "occupation", "weak_identity", "name_status", "id_number_status", "mobile_status", "mobile2_status",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """A frozen pool. `partners`: partner -> the as-of and publication it counts with; `created`: by this call."""

    snapshot_id: int
    as_of: date
    version: int
    people: int
    partners: dict[str, Any]
    created: bool


def snapshot(office: Office, as_of: date) -> Snapshot:
    """Match what changed, then build Pool(as_of); an equal newest version is returned instead.

    UsageError for a day to come: nobody knows its facts.
    """
    refuse_days_to_come(as_of, today_in_office(office.settings), "人才库")
    from talentpool.match import match

    match(office.engine, office.keys)
    rules = load_pool_rules(INCLUDE)
    with office.engine.begin() as conn:
        hold(conn, POOL_LOCK)
        partners = _partners(conn, as_of)
        _records(conn, as_of)
        conn.execute(sa.text(BUILD_PEOPLE), _parameters(rules, as_of))
        content = _content_hash(conn)
        newest = conn.execute(
            sa.select(pool_snapshot)
            .where(pool_snapshot.c.as_of == as_of)
            .order_by(pool_snapshot.c.version.desc())
            .limit(1)
        ).one_or_none()
        same = newest is not None and (newest.content_hash, newest.area, newest.void) == (
            content,
            office.settings.area,
            False,
        )
        if newest is not None and same:
            return Snapshot(newest.snapshot_id, as_of, newest.version, newest.people, newest.partners, created=False)
        people = conn.scalar(sa.text("select count(*) from pool_people")) or 0
        version = newest.version + 1 if newest is not None else 1
        row = {
            "as_of": as_of,
            "version": version,
            "area": office.settings.area,
            "partners": partners,
            "people": people,
            "content_hash": content,
        }
        snapshot_id = conn.scalar(pool_snapshot.insert().values(row).returning(pool_snapshot.c.snapshot_id))
        assert snapshot_id is not None
        _keep(conn, snapshot_id)
        conn.execute(sa.text(COUNT_SIDES), {"snapshot_id": snapshot_id})
    return Snapshot(snapshot_id, as_of, version, people, partners, created=True)


def stale_dates(conn: sa.Connection, today: date) -> list[date]:
    """As-of dates, up to today, of published rosters that the newest Pool of the date has not counted, oldest first.

    The event that should have started the pool's run may be lost: Airflow attaches it to a run that was made meanwhile.
    """
    found = []
    for as_of in conn.scalars(
        sa.select(delivery.c.as_of)
        .where(delivery.c.state == State.PUBLISHED, delivery.c.as_of <= today)
        .distinct()
        .order_by(delivery.c.as_of)
    ):
        newest = (
            sa.select(pool_snapshot.c.partners)
            .where(pool_snapshot.c.as_of == as_of)  # a void one too: it is made anew for a new roster only
            .order_by(pool_snapshot.c.version.desc())
            .limit(1)
        )
        counted = {partner: each["as_of"] for partner, each in (conn.scalar(newest) or {}).items()}
        if counted != {partner: each["as_of"] for partner, each in _partners(conn, as_of).items()}:
            found.append(as_of)
    return found


def _partners(conn: sa.Connection, as_of: date) -> dict[str, Any]:
    rows = conn.execute(
        sa.select(
            delivery.c.partner,
            sa.func.max(delivery.c.as_of).label("as_of"),
            sa.func.max(delivery.c.publish_seq).label("seq"),
        )
        .where(delivery.c.state == State.PUBLISHED, delivery.c.as_of <= as_of)
        .group_by(delivery.c.partner)
        .order_by(delivery.c.partner)
    )
    return {row.partner: {"as_of": row.as_of.isoformat(), "publish_seq": row.seq} for row in rows}


def _records(conn: sa.Connection, as_of: date) -> None:
    """Temporary table pool_record: the records of the date with their persons."""
    then = records_at(as_of)
    uploads = sa.select(delivery.c.delivery_id).where(delivery.c.sent_counties.is_not(None))
    brought = sa.case((then.c.delivery_id.in_(uploads), brought_seq(then.c)))  # few are: the others cost no look-up
    of_record = (then.c[name] for name in OF_RECORD)
    query = sa.select(record_person.c.person_id, *of_record, brought.label("brought_seq")).join(
        record_person, record_person.c.record_id == then.c.record_id
    )
    body = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    conn.exec_driver_sql(f"create temporary table pool_record on commit drop as {body}")
    conn.exec_driver_sql("analyze pool_record")


def _parameters(rules: PoolRules, as_of: date) -> dict[str, Any]:
    youth = rules.youth
    return {
        "age_day": as_of if youth.birthday_rule == "on_day" else as_of - timedelta(days=1),
        "youth_min": youth.min,
        "youth_max": youth.max if youth.inclusive else youth.max - 1,
        "lowers": list(rules.bands),
        "labels": band_labels(rules.bands),
    }


def _content_hash(conn: sa.Connection) -> str:
    """Over people and presences in order; no serial numbers, no clock times."""
    return str(
        conn.scalar(
            sa.text(
                """
                select encode(sha256(convert_to(concat(
                    (select string_agg(md5(p::text), '' order by p.person_id) from pool_people p), '|',
                    (select string_agg(md5(row(person_id, partner, record_id, county, station, status, spell_from)::text),
                                       '' order by record_id) from pool_record)), 'UTF8')), 'hex')
                """
            )
        )
    )


def _keep(conn: sa.Connection, snapshot_id: int) -> None:
    people = [column.name for column in pool_person.columns if column.name != "snapshot_id"]
    source = sa.table("pool_people", *(sa.column(name) for name in people))
    conn.execute(
        pool_person.insert().from_select(
            ["snapshot_id", *people], sa.select(sa.literal(snapshot_id), *(source.c[name] for name in people))
        )
    )
    seen = [column.name for column in pool_presence.columns if column.name != "snapshot_id"]
    record = sa.table("pool_record", *(sa.column(name) for name in seen))
    conn.execute(
        pool_presence.insert().from_select(
            ["snapshot_id", *seen], sa.select(sa.literal(snapshot_id), *(record.c[name] for name in seen))
        )
    )
