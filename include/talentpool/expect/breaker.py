"""Find what of a whole delivery looks wrong enough that a person must decide. Counts, never people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from talentpool.bounds import FEWEST_PEOPLE, Key
from talentpool.conform.values.documents import USABLE
from talentpool.declare import Partner
from talentpool.deliveries.publications import is_roster, newest_roster, published
from talentpool.expect.audit import marks_table
from talentpool.expect.damage import DAMAGE, carries, whole_columns
from talentpool.expect.drift import shapes_moved
from talentpool.expect.growth import additions, content_of_other, rows_against, stations_moved
from talentpool.expect.moves import moved_values
from talentpool.expect.shifted import many_shifted
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import delivery, source_record, staging_table
from talentpool.texts.finding import Finding

KEY_FIELDS = ("id_number", "mobile", "birth_date")
"""Fields with a declared bound, which rules where there is no baseline."""
DISAGREE_MAX, DISAGREE_FROM = 0.2, 10
FULL_FIELDS = ("mobile2", "station", "sex", "hired_on")
"""Fields that a full snapshot is compared in as well; what a delta says of them depends on whom it names."""


OTHER_PEOPLE = ("removals_high", "additions_high", "rows_jump")
"""Findings after which other shares of ages, sexes and counties are no news."""
AGES = (16, 18, 26, 36, 46, 61)
"""Where bands of age begin, for the comparison of one roster with the next; below and above there is one more."""


def profile(conn: sa.Connection, delivery_id: int) -> dict[str, Any]:
    """Rows, rows by county, age and sex, and by field rows without a usable value (blank, masked or damaged), of a staged
    delivery."""
    staged = staging_table(delivery_id)
    unusable = {
        "id_number": staged.c.id_number_status.not_in(USABLE),
        "mobile": staged.c.mobile_status != "ok",
        "birth_date": staged.c.birth_date.is_(None),
        "mobile2": staged.c.mobile2_status != "ok",
        "station": staged.c.station == "",
        "sex": staged.c.sex.not_in([1, 2]),
        "hired_on": staged.c.hired_on.is_(None),
    }
    counts = (
        sa.func.count().filter(sa.or_(without, carries(staged, DAMAGE[name]))).label(name)
        for name, without in unusable.items()
    )
    row = conn.execute(sa.select(sa.func.count().label("rows"), *counts)).one()
    as_of = sa.select(delivery.c.as_of).where(delivery.c.delivery_id == delivery_id).scalar_subquery()
    years = sa.func.date_part("year", sa.func.age(as_of, staged.c.birth_date))
    band = sa.func.width_bucket(years, sa.cast(list(AGES), sa.ARRAY(sa.Float)))
    return {
        "rows": row.rows,
        "unusable": {name: getattr(row, name) for name in unusable},
        "counties": _counted(conn, staged.c.county),
        "ages": _counted(conn, sa.cast(band, sa.Text)),
        "sexes": _counted(conn, sa.cast(sa.func.nullif(staged.c.sex, 0), sa.Text)),
    }


def _counted(conn: sa.Connection, by: Any) -> dict[str, int]:
    """Rows by a column's values, those without one under the empty text."""
    value = sa.func.coalesce(by, "")
    return {row[0]: row[1] for row in conn.execute(sa.select(value, sa.func.count()).group_by(value).order_by(value))}


def findings(
    conn: sa.Connection, case: UnderAudit, seen: dict[str, Any], *, counts: Mapping[str, int], set_aside: int
) -> list[Finding]:
    """Everything that holds the delivery, beginning with what staging found in the file itself.

    A backfill changes nothing live, so only its own bounds count.

    Args:
        counts: rows by code, of reasons and notes alike.
    """
    partner, facts = case.partner, case.facts
    bounds, rows = partner.bounds, seen["rows"]
    _note_rows(case, seen)
    found = [Finding(**finding) for finding in facts.findings]
    if case.days_ahead > 0:
        found.append(Finding("as_of_ahead", case.days_ahead, 0))
    least = 1 if facts.sent_counties else bounds.min_rows  # the few rows of an officer are no roster cut short
    if not least <= rows <= bounds.max_rows:
        found.append(Finding("rows_out_of_bounds", rows, least if rows < least else bounds.max_rows))
    bound = case.gauge.share(Key("set_aside"), set_aside / rows, bounds.quarantined_max)
    if bound.broken(set_aside / rows) and set_aside >= bounds.quarantined_min_rows:
        found.append(bound.against("quarantine_high", set_aside / rows))
    found += whole_columns(conn, staging_table(facts.delivery_id), counts)
    found += _disagreements(counts, seen)
    if case.past:
        return found
    found += _nulls(conn, case, seen)
    found += moved_values(conn, case, set_aside=set_aside)
    reused = counts.get("staff_no_reused", 0)
    bound = case.gauge.share(Key("reused"), reused / rows, bounds.staff_no_reused_max)
    if bound.broken(reused / rows):
        found.append(bound.against("staff_no_reused_many", reused / rows))
    found += many_shifted(conn, marks_table(facts.delivery_id), seen)
    found += _removals(conn, case)
    found += additions(conn, case)
    found += content_of_other(conn, case, rows)
    if not any(told.field == "station" for told in found):
        found += stations_moved(conn, case, seen, counts.get("station_new", 0))
    if facts.kind == "full":
        before = _last_alike(
            conn, partner, facts, delivery.c.decided.is_distinct_from("no-removals")
        )  # else no whole roster
        found += rows_against(conn, case, before.profile, seen, found) if before else []
        if before:
            fields = {told.field for told in found}
            moved = shapes_moved(before.profile, seen, fields, case.gauge)
            found += [] if any(told.code in OTHER_PEOPLE for told in found) else moved
    else:
        found += _gap(conn, partner, facts)
    return found


def _last_alike(conn: sa.Connection, partner: Partner, facts: sa.Row, *more: sa.ColumnElement[bool]) -> sa.Row | None:
    """Profile and reasons of the last published delivery of the same kind and sender, which meets `more` as well."""
    return conn.execute(
        sa.select(delivery.c.profile, delivery.c.reasons)
        .where(
            *more,
            published(partner.code),
            delivery.c.effect == "live",
            delivery.c.kind == facts.kind,
            is_roster(),
            # the few rows of a county are no measure for a partner's
            delivery.c.sent_counties.is_not_distinct_from(facts.sent_counties),
        )
        .order_by(delivery.c.publish_seq.desc())
        .limit(1)
    ).one_or_none()


def _note_rows(case: UnderAudit, seen: dict[str, Any]) -> None:
    case.gauge.note(Key("rows"), seen["rows"])
    for county, rows in seen["counties"].items():
        if county and rows >= FEWEST_PEOPLE:
            case.gauge.note(Key("rows", county=county), rows)


def _nulls(conn: sa.Connection, case: UnderAudit, seen: dict[str, Any]) -> list[Finding]:
    """Against the level that was learned; before that, the last published delivery of the same kind; without one, against the
    declared bounds."""
    partner, facts = case.partner, case.facts
    bounds, rows = partner.bounds, seen["rows"]
    before = _last_alike(conn, partner, facts)
    declared = {
        "id_number": bounds.id_missing_max, "mobile": bounds.mobile_missing_max, "birth_date": bounds.birth_missing_max,
    }  # fmt: skip
    found = []
    for name in (*KEY_FIELDS, *FULL_FIELDS) if facts.kind == "full" else KEY_FIELDS:
        unusable = seen["unusable"][name]
        rate = unusable / rows
        old = _unusable_before(before, name) if before else None
        at_most = None if before else declared.get(name, 1)
        at_most = at_most if old is None else old + bounds.nulls_jump_max
        bound = case.gauge.level(Key("unusable", name), rate, at_most, bounds.nulls_jump_max)
        usual = bound.spread.median if bound.origin == "learned" and bound.spread else old or 0
        if bound.broken(rate) and unusable - usual * rows >= bounds.nulls_jump_min_rows:
            found.append(bound.against("nulls_jump" if before else "nulls_high", rate, field=name))
    return found


def _unusable_before(before: sa.Row, name: str) -> float | None:
    """A rate of the delivery before. Older profiles counted blanks and masks alone: the damaged are in its reasons."""
    rows, counted = before.profile.get("rows"), before.profile.get("unusable", {})
    if not rows:
        return None
    if name in counted:
        return float(counted[name] / rows)
    missing = before.profile.get("missing", {})
    if name not in missing:
        return None
    return float((missing[name] + sum(before.reasons.get(code, 0) for code in DAMAGE[name])) / rows)


def _disagreements(counts: Mapping[str, int], seen: dict[str, Any]) -> list[Finding]:
    """A birth date or sex column that is at odds with the documents, row by row: one of them was moved alone."""
    found = []
    for name, code in (("birth_date", "birth_date_differs"), ("sex", "sex_differs")):
        both = seen["rows"] - seen["unusable"]["id_number"]
        odd = counts.get(code, 0)
        if odd >= DISAGREE_FROM and odd > DISAGREE_MAX * both:
            found.append(Finding("values_disagree", round(odd / max(both, odd), 4), DISAGREE_MAX, field=name))
    return found


def _removals(conn: sa.Connection, case: UnderAudit) -> list[Finding]:
    """Active people whom the delivery says to have left, or a full snapshot no longer names: in all, and of each county."""
    partner, facts, bounds = case.partner, case.facts, case.partner.bounds
    staged, live = staging_table(facts.delivery_id), source_record
    active = (
        sa.select(live.c.county, sa.func.count())
        .where(live.c.partner == partner.code, live.c.status == "active")
        .group_by(live.c.county)
    )
    # two queries, so that this is one join: inside an aggregate's filter it becomes a search of all rows for each row
    named, left = staged.c.record_id == live.c.record_id, staged.c.left_on <= facts.as_of
    gone: dict[str | None, int] = {row[0]: row[1] for row in conn.execute(active.where(sa.exists().where(named, left)))}
    if facts.kind == "full":
        for county, unnamed in conn.execute(active.where(~sa.exists().where(named))):
            gone[county] = gone.get(county, 0) + unnamed
    rows = [(county, known, gone.get(county, 0)) for county, known in conn.execute(active.order_by(live.c.county))]
    groups = rows if facts.sent_counties else [(None, sum(r[1] for r in rows), sum(r[2] for r in rows)), *rows]
    found = []
    for county, known, missing in groups:
        if not known:
            continue
        key = Key("removals", county=county or "")
        bound = case.gauge.share(key, missing / known, bounds.removals_max, people=known)
        if bound.broken(missing / known) and missing >= bounds.removals_min_people:
            found.append(bound.against("removals_high", missing / known, county=county))
    return found


def _gap(conn: sa.Connection, partner: Partner, facts: sa.Row) -> list[Finding]:
    """A delta that begins after the last published date leaves days of which nobody knows."""
    newest = conn.scalar(sa.select(newest_roster(partner.code)))
    if newest is None or facts.since is None or facts.since <= newest:
        return []
    return [Finding("delta_gap", (facts.since - newest).days, 0)]
