"""Read the pool's figures that were counted with the snapshot: the whole area's, or one county's side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.declare import load_pool_rules
from talentpool.model import occupation, pool_count, pool_snapshot
from talentpool.report.figures import Breakdown, Count
from talentpool.report.reading import NO_VALUE, STANDS, UNKNOWN, band_names, say_band
from talentpool.settings import INCLUDE, Settings

MONTHS = 12
WHOLE = ""


@dataclass(frozen=True)
class Point:
    """The pool at the end of a month, as its newest snapshot counts it."""

    as_of: date
    people: int
    youth: int


@dataclass(frozen=True)
class Side:
    """`people`: distinct people seen on this side (the whole area's: all); `served`: those whose home county it is.

    `by_band` and `by_occupation` are of the served; `by_home`, `by_seen` the whole area's only. `several`: people of more
    than one partner, in the whole area; None in snapshots of before they were counted.
    """

    snapshot_id: int
    as_of: date
    version: int
    side: str
    people: int
    youth: int
    served: int
    weak: int
    left: int
    several: int | None
    youth_rule: str
    by_partner: Breakdown
    by_band: Breakdown
    by_occupation: Breakdown
    by_home: Breakdown
    by_seen: Breakdown
    trend: tuple[Point, ...]


def dates(conn: sa.Connection) -> list[date]:
    """The dates of which there is a pool, newest first."""
    return list(
        conn.scalars(sa.select(pool_snapshot.c.as_of).where(STANDS).distinct().order_by(pool_snapshot.c.as_of.desc()))
    )


def newest_snapshot(conn: sa.Connection, as_of: date | None = None) -> Any:
    """The pool of a date, or of the latest, in its newest version; None where there is none."""
    latest = (
        sa.select(pool_snapshot).where(STANDS).order_by(pool_snapshot.c.as_of.desc(), pool_snapshot.c.version.desc())
    )
    if as_of is not None:
        latest = latest.where(pool_snapshot.c.as_of == as_of)
    return conn.execute(latest.limit(1)).one_or_none()


def side_counts(conn: sa.Connection, settings: Settings, side: str = WHOLE, as_of: date | None = None) -> Side | None:
    """Figures of a side, WHOLE or a county's code, on a date (unset: the newest). None without a snapshot, or out of scope."""
    snapshot = newest_snapshot(conn, as_of)
    if snapshot is None:
        return None
    counted = sa.select(pool_count).where(pool_count.c.snapshot_id == snapshot.snapshot_id, pool_count.c.side == side)
    found: dict[str, dict[str, Any]] = {}
    for row in conn.execute(counted):
        found.setdefault(row.dimension, {})[row.code] = row
    if not found:
        return None
    rules = load_pool_rules(INCLUDE)
    people = found.get("people", {})
    served = people["active"].people if "active" in people else 0
    seen = people["seen"] if "seen" in people else people.get("active")
    distinct = seen.people if seen else 0
    counties = county_names(conn, settings.area)
    jobs = {row.code: row.name for row in conn.execute(sa.select(occupation.c.code, occupation.c.name))}
    return Side(
        snapshot_id=snapshot.snapshot_id,
        as_of=snapshot.as_of,
        version=snapshot.version,
        side=side,
        people=distinct,
        youth=seen.youth if seen else 0,
        served=served,
        weak=people["weak"].people if "weak" in people else 0,
        left=people["left"].people if "left" in people else 0,
        several=people["several"].people if "several" in people else None,
        youth_rule=say_band(rules.youth),
        by_partner=_lines(found.get("partner", {}), partner_names(settings), distinct),
        by_band=_lines(found.get("band", {}), band_names(rules.bands), served),
        by_occupation=_lines(found.get("occupation", {}), jobs, served),
        by_home=_lines(found.get("home", {}), counties, served),
        by_seen=_lines(found.get("seen", {}), counties, distinct),
        trend=_trend(conn, side),
    )


def _lines(rows: dict[str, Any], names: dict[str, str], distinct: int) -> Breakdown:
    order = [*(code for code in names if code in rows), *sorted(set(rows) - set(names))]
    return Breakdown(
        tuple(
            Count(code, names.get(code, UNKNOWN if code in NO_VALUE else code), rows[code].people, rows[code].youth)
            for code in order
        ),
        distinct,
    )


def _trend(conn: sa.Connection, side: str) -> tuple[Point, ...]:
    """The newest snapshot of each month, oldest first."""
    month = sa.func.date_trunc("month", pool_snapshot.c.as_of)
    last = (
        sa.select(pool_snapshot.c.snapshot_id, pool_snapshot.c.as_of)
        .where(STANDS)
        .ext(distinct_on(month))
        .order_by(month.desc(), pool_snapshot.c.as_of.desc(), pool_snapshot.c.version.desc())
        .limit(MONTHS)
        .subquery()
    )
    code = "active" if side == WHOLE else "seen"
    rows = conn.execute(
        sa.select(last.c.as_of, pool_count.c.people, pool_count.c.youth)
        .join(pool_count, pool_count.c.snapshot_id == last.c.snapshot_id)
        .where(pool_count.c.side == side, pool_count.c.dimension == "people", pool_count.c.code == code)
        .order_by(last.c.as_of)
    )
    return tuple(Point(row.as_of, row.people, row.youth) for row in rows)
