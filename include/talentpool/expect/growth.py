"""Find a delivery that brings too much: people, rows or stations that nobody knew, or the roster of another partner.

Every share is of the whole delivery and of each county: what doubles in one county is lost in the sum of all. Counts, never
people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from talentpool.bounds import Key
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.expect.audit import marks_table
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import delivery, source_record, staging_table
from talentpool.texts.finding import Finding

CAME = (State.PUBLISHED.value, State.AUDITED.value, State.HELD.value)
SAMPLE = 2_000
"""Rows that are looked up among other partners' people, evenly spread: enough for a share, and no join of a million."""
FEWEST_SAMPLED = 30
SAME_NUMBERS_MAX, SAME_NUMBERS_FROM = 0.2, 10
"""Rows whose person another partner knows under the same staff number: two employers hardly give one person one number."""


def additions(conn: sa.Connection, case: UnderAudit) -> list[Finding]:
    """Rows of people whom the partner never named, against its people at work: in all, and of each county where it has any (a
    county that is new shows in the whole, and in its shape)."""
    staged, marks = staging_table(case.delivery_id), marks_table(case.delivery_id)
    known = _at_work(conn, case.partner)
    if sum(known.values()) < case.partner.bounds.additions_min_people or case.facts.sent_counties:
        return []  # where hardly anybody is known all are new; a county's few rows are no roster
    fresh = sa.select(marks.c.row_no).where(marks.c.fresh)
    stays = sa.func.coalesce(staged.c.left_on > case.facts.as_of, sa.true())  # who has left is added to nobody's work
    new = _by_county(conn, staged.c.county, staged, sa.and_(staged.c.row_no.in_(fresh), staged.c.staff_no != "", stays))
    bounds, found = case.partner.bounds, []
    for county, at_work, more in _in_all_and_each(known, new):
        if not at_work:
            continue
        key = Key("additions", county=county or "")
        bound = case.gauge.share(key, more / at_work, bounds.additions_max, people=at_work)
        if bound.broken(more / at_work) and more >= bounds.additions_min_people:
            found.append(bound.against("additions_high", more / at_work, county=county))
    return found


def rows_against(
    conn: sa.Connection, case: UnderAudit, before: Mapping[str, Any], seen: dict[str, Any], told: list[Finding]
) -> list[Finding]:
    """Rows of a full snapshot against what was learned of them, and before that against those of the last one and the people that
    deltas made of them since, more or fewer; where no finding of people says it already."""
    partner, bounds, found = case.partner, case.partner.bounds, []
    said = {finding.county for finding in told if finding.code in ("additions_high", "removals_high")}
    old, new = before.get("counties", {}), seen["counties"]
    at_work = {county: people for county, people, _ in _in_all_and_each(_at_work(conn, partner), {})}
    for county, was, now in _in_all_and_each(old, new):
        people = at_work.get(county, was)
        declared = (1 - bounds.rows_jump_max) * min(was, people), (1 + bounds.rows_jump_max) * max(was, people)
        bound = case.gauge.count(Key("rows", county=county or ""), now, declared, bounds.rows_jump_max)
        usual = bound.spread.median if bound.origin == "learned" and bound.spread else was
        if county in said or usual < bounds.rows_jump_min or abs(now - usual) < bounds.rows_jump_min:
            continue
        if bound.broken(now):
            found.append(bound.against("rows_jump", now, county=county, digits=0))
    return found


def content_of_other(conn: sa.Connection, case: UnderAudit, rows: int) -> list[Finding]:
    """Whether the rows are another partner's: its bytes, its people under its staff numbers, or nearly all of its people."""
    if not case.know_people or case.facts.sent_counties:
        return []
    of = delivery.c
    same = sa.select(of.partner).where(
        of.sha256 == case.facts.sha256,
        of.partner != case.partner.code,
        of.state.in_(CAME),
    )
    if (partner := conn.scalar(same.limit(1))) is not None:
        return [Finding("content_of_other", 1, SAME_NUMBERS_MAX, detail=partner)]
    for partner, sampled, people, numbers in _known_elsewhere(conn, case, rows):
        if numbers >= SAME_NUMBERS_FROM and numbers > SAME_NUMBERS_MAX * sampled:
            return [Finding("content_of_other", round(numbers / sampled, 4), SAME_NUMBERS_MAX, detail=partner)]
        if sampled >= FEWEST_SAMPLED and people > case.partner.bounds.same_people_max * sampled:
            bound = case.partner.bounds.same_people_max
            return [Finding("content_of_other", round(people / sampled, 4), bound, detail=partner)]
    return []


def _known_elsewhere(conn: sa.Connection, case: UnderAudit, rows: int) -> list[Any]:
    """(partner, rows of the sample, those of people it knows, those under the same staff number), most people first."""
    staged, live = staging_table(case.delivery_id), source_record
    step, own = max(rows // SAMPLE, 1), live.alias("own")  # a row that did not change is staged without its numbers
    mine = sa.and_(own.c.partner == case.partner.code, own.c.record_id == staged.c.record_id, sa.not_(staged.c.changed))
    numbers = [sa.func.coalesce(staged.c[name], own.c[name]) for name in ("id_index", "mobile_index")]
    sample = (
        sa.select(staged.c.row_no, staged.c.staff_no, numbers[0].label("id_index"), numbers[1].label("mobile_index"))
        .select_from(staged.outerjoin(own, mine))
        .where(staged.c.row_no % step == 0, sa.or_(*(number.is_not(None) for number in numbers)))
        .cte("sample")
    )
    theirs = (live.c.partner != case.partner.code, live.c.status != "left")
    pair = sa.select(sample.c.row_no, live.c.partner, (live.c.staff_no == sample.c.staff_no).label("numbered"))
    pairs = sa.union_all(
        *(
            pair.join_from(sample, live, live.c[index] == sample.c[index]).where(*theirs)
            for index in ("id_index", "mobile_index")
        )
    ).subquery("pairs")
    people = sa.func.count(pairs.c.row_no.distinct())
    query = sa.select(
        pairs.c.partner,
        sa.select(sa.func.count()).select_from(sample).scalar_subquery(),
        people,
        sa.func.count(pairs.c.row_no.distinct()).filter(pairs.c.numbered),
    ).group_by(pairs.c.partner)
    return list(conn.execute(query.order_by(people.desc(), pairs.c.partner)))


def at_new_stations(conn: sa.Connection, case: UnderAudit) -> int:
    """Rows at a station where the partner had nobody before; 0 where nothing is known of its stations."""
    staged, live = staging_table(case.delivery_id), source_record
    ours = sa.and_(live.c.partner == case.partner.code, live.c.station != "")
    if case.past or not case.know_people or case.facts.sent_counties:
        return 0
    if not conn.scalar(sa.select(sa.exists().where(ours))):
        return 0
    known = sa.select(live.c.station).where(ours).distinct()
    new = sa.select(sa.func.count()).where(staged.c.station != "", staged.c.station.not_in(known))
    return int(conn.scalar(new) or 0)


def stations_moved(conn: sa.Connection, case: UnderAudit, seen: Mapping[str, Any], new: int) -> list[Finding]:
    """Whether most rows of a full snapshot stand at new stations, or most who are at work stood at stations that it no longer
    names. Not where few had a station before: then the column was hardly filled in. A delta names who is new or moved.

    Args:
        new: rows at new stations (at_new_stations).
    """
    staged, live, bounds = staging_table(case.delivery_id), source_record, case.partner.bounds
    rows = seen["rows"] - seen["unusable"]["station"]
    if not rows or case.facts.kind != "full" or not case.know_people or case.facts.sent_counties:
        return []
    named = sa.select(staged.c.station).where(staged.c.station != "").distinct()
    placed = live.c.station != ""
    left = sa.func.count().filter(placed, live.c.station.not_in(named))
    active = sa.select(sa.func.count(), sa.func.count().filter(placed), left)
    of_partner = live.c.partner == case.partner.code
    everybody, known, gone = conn.execute(active.where(of_partner, live.c.status == "active")).one()
    if 2 * known < everybody:
        return []
    found = []
    sides = (("stations_new", "stations_new_many", new, max(rows, new)),
             ("stations_gone", "stations_gone_many", gone, known))  # fmt: skip
    for metric, code, count, of in sides:
        if not of:
            continue
        bound = case.gauge.share(Key(metric), count / of, bounds.stations_max)
        if bound.broken(count / of) and count >= bounds.stations_min_people:
            found.append(bound.against(code, count / of, field="station"))
    return found


def _at_work(conn: sa.Connection, partner: Partner) -> dict[str, int]:
    live = source_record
    return _by_county(conn, live.c.county, live, sa.and_(live.c.partner == partner.code, live.c.status == "active"))


def _by_county(conn: sa.Connection, county: Any, table: sa.Table, where: sa.ColumnElement[bool]) -> dict[str, int]:
    query = sa.select(sa.func.coalesce(county, ""), sa.func.count()).select_from(table).where(where).group_by(county)
    return {row[0]: row[1] for row in conn.execute(query)}


def _in_all_and_each(old: Mapping[str, int], new: Mapping[str, int]) -> list[tuple[str | None, int, int]]:
    """(county, before, now), the whole first, then each county in order; what lies in no county counts in the whole."""
    whole: tuple[str | None, int, int] = (None, sum(old.values()), sum(new.values()))
    counties = sorted({*old, *new} - {""})
    return [whole, *((county, old.get(county, 0), new.get(county, 0)) for county in counties)]
