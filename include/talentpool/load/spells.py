"""Compute who worked where and when from all that was published, in whatever order it came.

Live spells (`source_record.spell_from`, `employment_spell`) move forward only: a roster that comes late leaves them as
they are (docs/adr/0009). What is asked about the past is read here: from versions, absences and sightings by date.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from talentpool.deliveries.publications import published
from talentpool.load.at_date import LEFT_AFTER
from talentpool.model import delivery, delivery_sighting, record_absence, source_record, source_record_history


@dataclass(frozen=True)
class Spell:
    """A time at one station. `ends_on` is included, None while it runs; `cause`: moved, left_on or missing."""

    starts_on: date
    county: str | None
    station: str
    ends_on: date | None = None
    cause: str | None = None


@dataclass(frozen=True)
class _Roster:
    """What one published as-of date says: whether it names everybody, and whom a delta names."""

    as_of: date
    full: bool
    named: frozenset[UUID]


@dataclass(frozen=True)
class _Version:
    valid_from: date
    valid_to: date
    county: str | None
    station: str
    hired_on: date | None
    left_on: date | None


def spells(conn: sa.Connection, partner: str, records: Sequence[UUID]) -> dict[UUID, list[Spell]]:
    """The spells of records of one partner, oldest first; a record that was never accepted has none."""
    rosters = _rosters(conn, partner, records)
    versions = _versions(conn, partner, records)
    absences: dict[UUID, set[date]] = defaultdict(set)
    absent = record_absence
    for record, as_of in conn.execute(
        sa.select(absent.c.record_id, absent.c.as_of).where(
            absent.c.partner == partner, absent.c.record_id.in_(records)
        )
    ):
        absences[record].add(as_of)
    return {record: _walk(record, rosters, versions[record], absences[record]) for record in records}


def _rosters(conn: sa.Connection, partner: str, records: Sequence[UUID]) -> list[_Roster]:
    facts = sa.select(delivery.c.delivery_id, delivery.c.as_of, delivery.c.kind, delivery.c.decided).where(
        published(partner)
    )
    rosters = conn.execute(facts.order_by(delivery.c.as_of, delivery.c.publish_seq)).all()
    named: dict[int, set[UUID]] = defaultdict(set)
    seen = delivery_sighting
    for delivery_id, record in conn.execute(
        sa.select(seen.c.delivery_id, seen.c.record_id).where(
            seen.c.delivery_id.in_([row.delivery_id for row in rosters]), seen.c.record_id.in_(records)
        )
    ):
        named[delivery_id].add(record)
    # a snapshot published without its removals says nothing about absence
    return [
        _Roster(row.as_of, row.kind == "full" and row.decided != "no-removals", frozenset(named[row.delivery_id]))
        for row in rosters
    ]


def _versions(conn: sa.Connection, partner: str, records: Sequence[UUID]) -> dict[UUID, list[_Version]]:
    found: dict[UUID, list[_Version]] = defaultdict(list)
    live, past = source_record, source_record_history
    names = ("record_id", "valid_from", "county", "station", "hired_on", "left_on")
    both = sa.union_all(
        sa.select(*(past.c[name] for name in names), past.c.valid_to).where(
            past.c.partner == partner, past.c.record_id.in_(records)
        ),
        sa.select(*(live.c[name] for name in names), sa.literal(date.max).label("valid_to")).where(
            live.c.partner == partner, live.c.record_id.in_(records)
        ),
    ).subquery()
    for row in conn.execute(sa.select(both).order_by(both.c.valid_from)):
        found[row.record_id].append(
            _Version(row.valid_from, row.valid_to, row.county, row.station, row.hired_on, row.left_on)
        )
    return found


def _walk(record: UUID, rosters: Iterable[_Roster], versions: list[_Version], absences: set[date]) -> list[Spell]:
    """Date by date: what the roster said of the record, and what that did to its spell."""
    done: list[Spell] = []
    running: Spell | None = None
    last_seen, missed = date.min, 0
    for roster in rosters:
        version = _on(versions, roster.as_of)
        gone = roster.full and (version is None or roster.as_of in absences)
        if gone:
            missed += 1
            if missed >= LEFT_AFTER and running is not None:
                done.append(replace(running, ends_on=max(last_seen, running.starts_on), cause="missing"))
                running = None
            continue
        if version is None or not (roster.full or record in roster.named or version.valid_from == roster.as_of):
            continue
        missed = 0
        if version.left_on is not None and version.left_on <= roster.as_of:
            began = running or _begun(version, roster.as_of, first=not done)
            if running is not None or not done:
                done.append(replace(began, ends_on=version.left_on, cause="left_on"))
            running = None
        elif running is None:
            running = _begun(version, roster.as_of, first=not done)
        elif (running.county, running.station) != (version.county, version.station):
            end = max(running.starts_on, roster.as_of - timedelta(days=1))
            done.append(replace(running, ends_on=end, cause="moved"))
            running = Spell(roster.as_of, version.county, version.station)
        last_seen = roster.as_of
    return [*done, running] if running is not None else done


def _begun(version: _Version, as_of: date, *, first: bool) -> Spell:
    """The first spell begins when they were hired; one after an absence when they were seen again."""
    start = min(version.hired_on or as_of, as_of) if first else as_of
    return Spell(start, version.county, version.station)


def _on(versions: list[_Version], day: date) -> _Version | None:
    """Of the versions that hold on a day the one that came last."""
    last = bisect_left(versions, day + timedelta(days=1), key=lambda version: version.valid_from)
    return next((version for version in reversed(versions[:last]) if version.valid_to > day), None)
