"""Read the figures of the data-quality page from the tables, all in one read-only snapshot of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.area import county_names, division_name, level, prefecture, prefecture_names
from talentpool.declare import AgeBand, load_pool_rules
from talentpool.declare.ages import band_labels
from talentpool.declare.rules import list_reasons
from talentpool.deliveries.delivery_state import State
from talentpool.frames.tables import SEVERAL, STANDS, cross_tab, newest_snapshot, people
from talentpool.match import review_pending
from talentpool.model import delivery, occupation, pool_person, pool_presence, pool_snapshot, target_list, target_row
from talentpool.office import Office
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
from talentpool.settings import INCLUDE
from talentpool.texts.reasons import reasons as reason_table

if TYPE_CHECKING:
    import pandas as pd


FINGERPRINT = sa.text(
    "select (select string_agg(state || n, ' ' order by state) from"
    "          (select state, count(*) as n from delivery group by state) states),"
    "       (select max(publish_seq) from delivery), (select max(snapshot_id) from pool_snapshot),"
    "       (select count(*) from pool_snapshot where void),"
    "       (select max(match_run_id) from match_run), (select max(activated_at) from match_weights),"
    "       (select count(done_at) from person_request), (select count(*) from edge where rule = 'human'),"
    "       (select max(list_id) from target_list), (select count(*) from target_list where state = 'locked')"
)
_DATES = sa.union(sa.select(delivery.c.as_of), sa.select(pool_snapshot.c.as_of).where(STANDS)).subquery()
DATES = sa.select(_DATES.c.as_of).order_by(_DATES.c.as_of.desc())
UNKNOWN = "未知"
NO_VALUE = ("", "unknown")


def quality(office: Office, as_of: date | None = None) -> Quality:
    """The figures up to `as_of` (its newest pool version), or the newest there are."""
    partners = partner_names(office.settings)
    with office.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        deliveries = _deliveries(conn, partners, as_of)
        past = as_of is not None and any(day > as_of for day in conn.scalars(DATES))
        return Quality(
            area_name=division_name(conn, office.settings.area),
            level=level(office.settings.area),
            as_of=as_of,
            deliveries=deliveries,
            silent=tuple(sorted(set(partners.values()) - {found.partner_name for found in deliveries})),
            pool=_pool(conn, office.settings.area, partners, as_of, past=past),
            lists=_lists(conn, office.settings.area, as_of),
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
    query = sa.select(delivery).order_by(delivery.c.as_of.desc(), delivery.c.delivery_id.desc()).limit(MANY)
    if as_of is not None:
        query = query.where(delivery.c.as_of <= as_of)
    figures = []
    published: dict[str, tuple[date, int]] = {}
    rows = conn.execute(query).mappings().all()
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
    reasons = reason_table()
    counts = [
        ReasonCount(code, reasons[code].text_zh, reasons[code].fix_zh, n, reasons[code].level == "delivery")
        if code in reasons
        else ReasonCount(code, code, "", n)
        for code, n in counted.items()
    ]
    return tuple(sorted(counts, key=lambda reason: (-reason.count, reason.code)))


def _pool(
    conn: sa.Connection, area: str, partners: dict[str, str], as_of: date | None, *, past: bool
) -> PoolFigures | None:
    snapshot = newest_snapshot(conn, as_of)
    if snapshot is None:
        return None
    everybody = people(conn, snapshot.snapshot_id)
    active = everybody[everybody["status"] == "active"]
    seen = active[active["records"] > 0]
    rules = load_pool_rules(INCLUDE)
    counties = county_names(conn, area)
    jobs = {row.code: row.name for row in conn.execute(sa.select(occupation.c.code, occupation.c.name))}

    def breakdown(of: pd.DataFrame, column: str, names: dict[str, str]) -> Breakdown:
        lines = cross_tab(of, column)
        order = [*(code for code in names if code in lines.index), *sorted(set(lines.index) - set(names))]
        return Breakdown(
            tuple(
                Count(code, names.get(code, UNKNOWN if code in NO_VALUE else code), *map(int, lines.loc[code]))
                for code in order
            ),
            len(active),
        )

    by_partner = breakdown(seen, "partners", partners)
    by_prefecture = None
    if level(area) == "province":
        homes = active.assign(prefecture=active["home_county"].map(prefecture))
        by_prefecture = breakdown(homes, "prefecture", prefecture_names(conn))
    return PoolFigures(
        as_of=snapshot.as_of,
        version=snapshot.version,
        people=len(active),
        youth=int(active["youth"].sum()),
        weak=int(active["weak_identity"].sum()),
        left=int((everybody["status"] == "left").sum()),
        review_pending=None if past else review_pending(conn),
        youth_rule=say_band(rules.youth),
        by_county=breakdown(seen, "counties", counties),
        by_home=breakdown(active, "home_county", counties),
        by_prefecture=by_prefecture,
        by_partner=by_partner,
        by_band=breakdown(active, "age_band", band_names(rules.bands)),
        by_occupation=breakdown(active, "occupation", jobs),
        uncounted=_uncounted(conn, snapshot._mapping),
        several=int(seen["partners"].str.contains(SEVERAL, regex=False).sum()),
        bridges=_bridges(conn, snapshot, partners, {line.code: line.people for line in by_partner.lines}),
    )


def _uncounted(conn: sa.Connection, snapshot: Mapping[Any, Any]) -> int:
    counted = max((source.get("publish_seq") or 0 for source in snapshot["partners"].values()), default=0)
    later = sa.and_(
        delivery.c.state == State.PUBLISHED, delivery.c.as_of <= snapshot["as_of"], delivery.c.publish_seq > counted
    )
    return conn.scalar(sa.select(sa.func.count()).select_from(delivery).where(later)) or 0


def _bridges(
    conn: sa.Connection, snapshot: sa.Row[Any], partners: dict[str, str], people: dict[str, int]
) -> tuple[Bridge, ...]:
    records = _records_on_rosters(conn, snapshot.snapshot_id)
    bridges = []
    for code, source in sorted(snapshot.partners.items(), key=lambda item: partners.get(item[0], item[0])):
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
        bridges.append(
            Bridge(
                partners.get(code, code), row.as_of, row.rows, row.quarantined, row.refused, row.accepted,
                records=records.get(code, 0), people=people.get(code, 0),
            )
        )  # fmt: skip
    return tuple(bridges)


def _records_on_rosters(conn: sa.Connection, snapshot_id: int) -> dict[str, int]:
    """Partner -> records of active people."""
    of, whose = pool_presence.c, pool_person.c
    there = sa.and_(of.snapshot_id == snapshot_id, of.status.not_in(("left", "suspended")))
    query = sa.select(of.partner, sa.func.count().label("records")).where(
        there, whose.snapshot_id == snapshot_id, whose.active
    )
    rows = conn.execute(query.where(whose.person_id == of.person_id).group_by(of.partner))
    return {row.partner: row.records for row in rows}


def _lists(conn: sa.Connection, area: str, as_of: date | None) -> tuple[ListFigures, ...]:
    query = sa.select(target_list).order_by(target_list.c.as_of.desc(), target_list.c.list_id.desc()).limit(MANY)
    if as_of is not None:
        query = query.where(target_list.c.as_of <= as_of)
    rows = conn.execute(query).mappings().all()
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


def band_names(lower_bounds: tuple[int, ...]) -> dict[str, str]:
    """Label of each band, youngest first -> how an officer reads it."""
    labels = band_labels(lower_bounds)
    first, last = f"不满 {lower_bounds[0]}", f"{lower_bounds[-1]} 及以上"
    return {labels[0]: first, **{label: label for label in labels[1:-1]}, labels[-1]: last}


def say_band(band: AgeBand) -> str:
    return f"{band.min} 至 {band.max} 周岁" + ("（含）" if band.inclusive else f"（不含 {band.max}）")
