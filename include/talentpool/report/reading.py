"""Read the figures of the data-quality page from the tables, all in one read-only snapshot of the database."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.area import county_names, division_name, level, prefecture, prefecture_names
from talentpool.declare import AgeBand, load_partner, load_pool_rules, partner_files
from talentpool.declare.ages import band_labels
from talentpool.declare.rules import list_reasons
from talentpool.delivery_state import State
from talentpool.errors import DeclarationError
from talentpool.match import review_pending
from talentpool.model import delivery, occupation, pool_snapshot, target_list, target_row
from talentpool.reasons import reasons as reason_table
from talentpool.report import rosters
from talentpool.report.figures import (
    MANY,
    Breakdown,
    Bridge,
    Count,
    DeliveryFigures,
    ListFigures,
    PoolFigures,
    Quality,
    ReasonCount,
    RosterFigures,
)
from talentpool.report.identity import identity
from talentpool.settings import INCLUDE, Settings

log = logging.getLogger(__name__)

COUNT_POOL = sa.text((Path(__file__).parent / "count_pool.sql").read_text(encoding="utf-8"))
FINGERPRINT = sa.text(
    "select (select string_agg(state || n, ' ' order by state) from"
    "          (select state, count(*) as n from delivery group by state) states),"
    "       (select max(publish_seq) from delivery), (select max(snapshot_id) from pool_snapshot),"
    "       (select count(*) from pool_snapshot where void),"
    "       (select max(match_run_id) from match_run), (select max(activated_at) from match_weights),"
    "       (select count(done_at) from person_request), (select count(*) from edge where rule = 'human'),"
    "       (select max(list_id) from target_list), (select count(*) from target_list where state = 'locked')"
)
STANDS = pool_snapshot.c.void.is_(False)
"""Pools that nobody has declared void."""
_DATES = sa.union(sa.select(delivery.c.as_of), sa.select(pool_snapshot.c.as_of).where(STANDS)).subquery()
DATES = sa.select(_DATES.c.as_of).order_by(_DATES.c.as_of.desc())
UNKNOWN = "未知"
NO_VALUE = ("", "unknown")


def quality(engine: sa.Engine, settings: Settings, as_of: date | None = None) -> Quality:
    """The figures up to `as_of` (its newest pool version), or the newest there are."""
    partners = partner_names(settings)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        deliveries = _deliveries(conn, partners, as_of)
        past = as_of is not None and any(day > as_of for day in conn.scalars(DATES))
        return Quality(
            area_name=division_name(conn, settings.area),
            level=level(settings.area),
            as_of=as_of,
            deliveries=deliveries,
            silent=tuple(sorted(set(partners.values()) - {found.partner_name for found in deliveries})),
            pool=_pool(conn, settings.area, partners, as_of, past=past),
            lists=_lists(conn, settings.area, as_of),
            identity=None if past else identity(conn, partners),
            rosters=_rosters(conn, partners, as_of if past else None),
            past=past,
        )


def fingerprint(engine: sa.Engine) -> tuple[Any, ...]:
    """Changes whenever the figures may have: cheap enough to ask before each page, so that pages can be kept."""
    with engine.connect() as conn:
        return tuple(conn.execute(FINGERPRINT).one())


def dates(engine: sa.Engine) -> tuple[date, ...]:
    """The dates of which there are figures, newest first: of rosters and of pools."""
    with engine.connect() as conn:
        return tuple(conn.scalars(DATES))


def _deliveries(conn: sa.Connection, partners: dict[str, str], as_of: date | None) -> tuple[DeliveryFigures, ...]:
    found = sa.select(delivery).order_by(delivery.c.as_of.desc(), delivery.c.delivery_id.desc()).limit(MANY)
    if as_of is not None:
        found = found.where(delivery.c.as_of <= as_of)
    figures = []
    published: dict[str, tuple[date, int]] = {}
    rows = conn.execute(found).mappings().all()
    for row in rows:
        if row["state"] == State.PUBLISHED:
            place = (row["as_of"], row["delivery_id"])
            published[row["partner"]] = max(published.get(row["partner"], place), place)
    for row in rows:
        overtaken = row["partner"] in published and published[row["partner"]] > (row["as_of"], row["delivery_id"])
        figures.append(_delivery(row, partners, settled=overtaken))
    return tuple(figures)


def _delivery(row: Any, partners: dict[str, str], *, settled: bool) -> DeliveryFigures:
    return DeliveryFigures(
        **{name: row[name] for name in ("delivery_id", "partner", "as_of", "kind", "state", "effect", "rows",
                                        "accepted", "quarantined", "refused")},
        partner_name=partners.get(row["partner"], row["partner"]),
        reasons=_reasons(row["reasons"]),
        notes=_reasons(row["notes"]),
        message=row["message"] or "",
        settled=settled,
    )  # fmt: skip


def _rosters(conn: sa.Connection, partners: dict[str, str], as_of: date | None) -> tuple[RosterFigures, ...]:
    """`as_of`: a past date; None for the rosters as they stand now."""
    made = rosters.chains(conn, as_of)
    aside, there = rosters.standing(conn, made), rosters.on_roster(conn, as_of)
    figures = []
    for partner, rows in made.items():
        records, lacking = there.get(partner, (0, Counter()))
        codes = Counter({code: n for code, n in aside[partner].items() if code}) + rosters.refused(rows)
        figures.append(
            RosterFigures(
                partner, partners.get(partner, partner), records, aside[partner][""], sum(row.refused for row in rows),
                lacking=_reasons(lacking), reasons=_reasons(codes),
                deliveries=tuple(_delivery(row._mapping, partners, settled=True) for row in reversed(rows)),
            )
        )  # fmt: skip
    return tuple(sorted(figures, key=lambda roster: roster.partner_name))


def _reasons(counted: Mapping[str, int]) -> tuple[ReasonCount, ...]:
    known = reason_table()
    found = [
        ReasonCount(code, known[code].text_zh, known[code].fix_zh, n, known[code].level == "delivery")
        if code in known
        else ReasonCount(code, code, "", n)
        for code, n in counted.items()
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.count, reason.code)))


def _pool(
    conn: sa.Connection, area: str, partners: dict[str, str], as_of: date | None, *, past: bool
) -> PoolFigures | None:
    newest = (
        sa.select(pool_snapshot)
        .where(STANDS)
        .order_by(pool_snapshot.c.as_of.desc(), pool_snapshot.c.version.desc())
        .limit(1)
    )
    if as_of is not None:
        newest = newest.where(pool_snapshot.c.as_of <= as_of)
    snapshot = conn.execute(newest).mappings().one_or_none()
    if snapshot is None:
        return None
    found: dict[str, dict[str, Any]] = {}
    for row in conn.execute(COUNT_POOL, {"snapshot_id": snapshot["snapshot_id"]}):
        found.setdefault(row.dimension, {})[row.code] = row
    total = found.get("total", {})
    people = total["active"].people if "active" in total else 0
    rules = load_pool_rules(INCLUDE)
    counties = county_names(conn, area)
    jobs = {row.code: row.name for row in conn.execute(sa.select(occupation.c.code, occupation.c.name))}

    def breakdown(dimension: str, names: dict[str, str]) -> Breakdown:
        rows = found.get(dimension, {})
        order = [*(code for code in names if code in rows), *sorted(set(rows) - set(names))]
        lines = (
            Count(code, names.get(code, UNKNOWN if code in NO_VALUE else code), rows[code].people, rows[code].youth)
            for code in order
        )
        return Breakdown(tuple(lines), people)

    by_home = breakdown("home", counties)
    return PoolFigures(
        as_of=snapshot["as_of"],
        version=snapshot["version"],
        people=people,
        youth=total["active"].youth if "active" in total else 0,
        weak=total["active"].extra if "active" in total else 0,
        left=total["left"].people if "left" in total else 0,
        review_pending=None if past else review_pending(conn),
        youth_rule=say_band(rules.youth),
        by_county=breakdown("seen_county", counties),
        by_home=by_home,
        by_prefecture=_roll_up(by_home, prefecture_names(conn)) if level(area) == "province" else None,
        by_partner=breakdown("partner", partners),
        by_band=breakdown("band", band_names(rules.bands)),
        by_occupation=breakdown("occupation", jobs),
        uncounted=_uncounted(conn, snapshot),
        several=total["several"].people if "several" in total else 0,
        bridges=_bridges(conn, snapshot["partners"], partners, found.get("partner", {})),
    )


def _uncounted(conn: sa.Connection, snapshot: Mapping[Any, Any]) -> int:
    counted = max((source.get("publish_seq") or 0 for source in snapshot["partners"].values()), default=0)
    later = sa.and_(
        delivery.c.state == State.PUBLISHED, delivery.c.as_of <= snapshot["as_of"], delivery.c.publish_seq > counted
    )
    return conn.scalar(sa.select(sa.func.count()).select_from(delivery).where(later)) or 0


def _roll_up(counties: Breakdown, names: dict[str, str]) -> Breakdown:
    """The lines of counties added up by prefecture; each person stands in one line."""
    people: Counter[str] = Counter()
    youth: Counter[str] = Counter()
    for line in counties.lines:
        place = prefecture(line.code) if line.code else ""
        people[place] += line.people
        youth[place] += line.youth
    order = [*(code for code in names if code in people), *sorted(set(people) - set(names))]
    lines = tuple(Count(code, names.get(code, code or UNKNOWN), people[code], youth[code]) for code in order)
    return Breakdown(lines, counties.distinct)


def _bridges(
    conn: sa.Connection, sources: dict[str, Any], partners: dict[str, str], counted: dict[str, Any]
) -> tuple[Bridge, ...]:
    bridges = []
    for code, source in sorted(sources.items(), key=lambda item: partners.get(item[0], item[0])):
        row = conn.execute(
            sa.select(delivery)
            .where(
                delivery.c.partner == code,
                delivery.c.as_of == date.fromisoformat(source["as_of"]),
                delivery.c.state == State.PUBLISHED,
            )
            .order_by(delivery.c.publish_seq.desc().nulls_last())
            .limit(1)
        ).one_or_none()
        if row is None:
            continue
        at = counted.get(code)
        bridges.append(
            Bridge(
                partners.get(code, code), row.as_of, row.rows, row.quarantined, row.refused, row.accepted,
                records=at.extra if at else 0, people=at.people if at else 0,
            )
        )  # fmt: skip
    return tuple(bridges)


def _lists(conn: sa.Connection, area: str, as_of: date | None) -> tuple[ListFigures, ...]:
    found = sa.select(target_list).order_by(target_list.c.as_of.desc(), target_list.c.list_id.desc()).limit(MANY)
    if as_of is not None:
        found = found.where(target_list.c.as_of <= as_of)
    rows = conn.execute(found).mappings().all()
    wide = level(area) == "province"
    counties = prefecture_names(conn) if wide else county_names(conn, area)
    texts = list_reasons()
    chosen: dict[int, Counter[str]] = {}
    per_county = (
        sa.select(target_row.c.list_id, target_row.c.county, sa.func.count().label("people"))
        .where(target_row.c.selected, target_row.c.list_id.in_([row["list_id"] for row in rows]))
        .group_by(target_row.c.list_id, target_row.c.county)
    )
    for row in conn.execute(per_county):
        place = row.county or ""
        chosen.setdefault(row.list_id, Counter())[prefecture(place) if place and wide else place] += row.people
    return tuple(
        ListFigures(
            **{name: row[name] for name in ("list_id", "cycle", "as_of", "state", "eligible", "selected",
                                            "content_hash")},
            campaign=row["passport"].get("name", row["campaign"]),
            excluded=tuple(
                ReasonCount(code, texts.get(code, code), "", n)
                for code, n in sorted(row["excluded"].items(), key=lambda item: -item[1])
            ),
            by_county=tuple(
                (counties.get(code, code or UNKNOWN), n) for code, n in sorted(chosen.get(row["list_id"], {}).items())
            ),
        )
        for row in rows
    )  # fmt: skip


def partner_names(settings: Settings) -> dict[str, str]:
    """Partner code -> name as declared; a broken declaration leaves the code."""
    names = {}
    for code in partner_files(settings.partner_dirs):
        try:
            names[code] = load_partner(settings.partner_dirs, code).name
        except DeclarationError as error:
            log.warning("the page names partner %s by its code: %s", code, error)
            names[code] = code
    return names


def band_names(lower_bounds: tuple[int, ...]) -> dict[str, str]:
    """Label of each band, youngest first -> how an officer reads it."""
    labels = band_labels(lower_bounds)
    first, last = f"不满 {lower_bounds[0]}", f"{lower_bounds[-1]} 及以上"
    return {labels[0]: first, **{label: label for label in labels[1:-1]}, labels[-1]: last}


def say_band(band: AgeBand) -> str:
    return f"{band.min} 至 {band.max} 周岁" + ("（含）" if band.inclusive else f"（不含 {band.max}）")
