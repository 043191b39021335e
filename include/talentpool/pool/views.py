"""Count a snapshot for the city, and for each county only its own side."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.model import pool_person, pool_presence


@dataclass(frozen=True)
class CityCounts:
    """Active people. `people`: distinct; `by_county`: seen by each; overlap = sum over counties - distinct."""

    people: int
    youth: int
    by_county: dict[str, int]

    @property
    def overlap(self) -> int:
        return sum(self.by_county.values()) - self.people


@dataclass(frozen=True)
class CountyCounts:
    """One county's side: people with a running spell there, and those it serves as their home."""

    county: str
    seen: int
    served: int
    youth_served: int


def _active(snapshot_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(pool_presence.c.snapshot_id == snapshot_id, pool_presence.c.status.not_in(("left", "suspended")))


def city_counts(conn: sa.Connection, snapshot_id: int) -> CityCounts:
    """The city: distinct people, and how many each county sees."""
    people, youth = conn.execute(
        sa.select(sa.func.count(), sa.func.count().filter(pool_person.c.youth)).where(
            pool_person.c.snapshot_id == snapshot_id, pool_person.c.active
        )
    ).one()
    seen = conn.execute(
        sa.select(pool_presence.c.county, sa.func.count(pool_presence.c.person_id.distinct()))
        .where(_active(snapshot_id), pool_presence.c.county.is_not(None))
        .group_by(pool_presence.c.county)
        .order_by(pool_presence.c.county)
    )
    return CityCounts(people, youth, {row[0]: row[1] for row in seen})


def county_counts(conn: sa.Connection, snapshot_id: int, county: str) -> CountyCounts:
    """One county: nothing of other counties enters."""
    seen = conn.scalar(
        sa.select(sa.func.count(pool_presence.c.person_id.distinct())).where(
            _active(snapshot_id), pool_presence.c.county == county
        )
    )
    served, youth = conn.execute(
        sa.select(sa.func.count(), sa.func.count().filter(pool_person.c.youth)).where(
            pool_person.c.snapshot_id == snapshot_id, pool_person.c.active, pool_person.c.home_county == county
        )
    ).one()
    return CountyCounts(county, seen or 0, served, youth)
