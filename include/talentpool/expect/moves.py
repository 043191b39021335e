"""Find values of known people that a delivery would lose, change or give to others, field by field.

Rows that changed, or whose cells are damaged, are held against the live records; unchanged rows hold what is known, so
they are only counted, and only where something looks wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from talentpool.bounds import Bound, Key
from talentpool.conform.values.documents import USABLE
from talentpool.declare import Partner
from talentpool.declare.partner import VALUES_CHANGED_MAX
from talentpool.expect.damage import DAMAGE, carries
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import source_record, staging_table, verdict_table
from talentpool.texts.finding import Finding

INDEXES = {"id_number": "id_index", "mobile": "mobile_index", "mobile2": "mobile2_index"}
STEADY = ("name", "id_number", "birth_date", "consented_on")
"""What people are known by, and the consent they gave: a delta of changes, too, changes these of few."""
SMALL = (*STEADY, "mobile", "mobile2")
FIELDS = ("name", "id_number", "birth_date", "sex", "hired_on", "left_on", "county", "station", "occupation", "mobile",
          "mobile2", "consented_on")  # fmt: skip
NEVER_LOST = ("name", "county")
"""A row without it is set aside, and touches no record."""
FEW = 3
"""People from which a small roster can show that something befell a column."""
MOST = 0.5
EVERYBODY = 0.8
SWAPPED_MAX, SWAPPED_MANY = 0.01, 10
"""People whose value another one had, who has another now: more than these share, or as many, is no accident."""


@dataclass(frozen=True)
class Tally:
    """Of the known people of a delivery: who had a usable value of a field, who would lose it, whose is another."""

    known: int
    lost: int
    changed: int


def moved_values(conn: sa.Connection, case: UnderAudit, *, set_aside: int) -> list[Finding]:
    """What holds a delivery that moves the live records: values_lost; and values_changed, values_swapped where values may
    be compared with those of known people."""
    partner, facts, compare = case.partner, case.facts, case.compares_values
    live = source_record
    if not conn.scalar(sa.select(sa.exists().where(live.c.partner == partner.code))):
        return []
    touched = _touched(conn, partner, facts.delivery_id)
    beside = _untouched(conn, facts.delivery_id)  # unchanged rows say what is known
    people = beside["people"] + touched["people"]
    found: list[Finding] = []
    for name in FIELDS:
        tally = Tally(*(touched[f"{name}_{part}"] for part in ("known", "lost", "changed")))
        tally = tally if compare else replace(tally, changed=0)
        found += _speaks(case, name, tally, tally.known + beside[name], people)
    if touched["people"] < FEW and not set_aside:
        return []
    found += _consent_lost(conn, case, people)
    return found + (_swapped(conn, partner, facts.delivery_id, touched, people) if compare else [])


def _speaks(case: UnderAudit, name: str, tally: Tally, known: int, people: int) -> list[Finding]:
    """`known`: of `people`, those who had a value of the field."""
    bounds, full, gauge = case.partner.bounds, case.facts.kind == "full", case.gauge
    if not known:
        return []
    lost, changed, found = tally.lost / known, tally.changed / known, []
    bound = gauge.share(Key("lost", name), lost, bounds.values_lost_max)
    few_have_it = name == "left_on"  # who left is a small part of any roster
    whole = tally.lost >= FEW and lost >= EVERYBODY and (few_have_it or known >= MOST * people)
    if (bound.broken(lost) and tally.lost >= bounds.values_lost_min_people) or whole:
        found.append(_told(bound, bounds.values_lost_max, "values_lost", lost, name))
    if name not in VALUES_CHANGED_MAX or not (full or name in STEADY):
        return found
    declared = bounds.changed_max(name) if full or name == "consented_on" else MOST
    bound = gauge.share(Key("changed", name), changed, declared)
    whole = full and name in SMALL and tally.changed >= FEW and changed > MOST
    if (bound.broken(changed) and tally.changed >= bounds.values_changed_min_people) or whole:
        found.append(_told(bound, declared, "values_changed", changed, name))
    return found


def _told(bound: Bound, declared: float, code: str, share: float, name: str) -> Finding:
    """The finding of a field; of a whole column that befell few people it is against what is declared."""
    return (bound if bound.broken(share) else Bound(high=declared)).against(code, share, field=name)


def _touched(conn: sa.Connection, partner: Partner, delivery_id: int) -> dict[str, int]:
    """Counts over the accepted rows that changed or are damaged, each beside its live record."""
    staged, live = staging_table(delivery_id), source_record
    every = [code for codes in DAMAGE.values() for code in codes]
    columns = []
    for name in FIELDS:
        known, lost, changed = _known(live, name), _lost(staged, live, name), _changed(staged, live, name)
        columns += [
            sa.func.count().filter(known).label(f"{name}_known"),
            sa.func.count().filter(known, lost).label(f"{name}_lost"),
            sa.func.count().filter(known, sa.not_(lost), changed).label(f"{name}_changed"),
        ]
    query = (
        sa.select(sa.func.count().label("people"), *columns)
        .join_from(staged, live, _same_record(partner, staged, live))
        .where(sa.or_(staged.c.changed, carries(staged, every)), _accepted(staged, delivery_id))
    )
    return {name: int(count) for name, count in conn.execute(query).mappings().one().items()}


def _untouched(conn: sa.Connection, delivery_id: int) -> dict[str, int]:
    """Unchanged, undamaged rows, and those with a usable value, by field: they say what the live records say."""
    staged = staging_table(delivery_id)
    every = [code for codes in DAMAGE.values() for code in codes]
    known = (sa.func.count().filter(_known(staged, name)).label(name) for name in FIELDS)
    query = sa.select(sa.func.count().label("people"), *known).where(
        ~staged.c.changed, ~carries(staged, every), _accepted(staged, delivery_id)
    )
    return {name: int(count) for name, count in conn.execute(query).mappings().one().items()}


def _consent_lost(conn: sa.Connection, case: UnderAudit, others: int) -> list[Finding]:
    """Known people whose rows now lack the consent that they had: they are refused, and none of the rows that are compared."""
    partner, delivery_id = case.partner, case.delivery_id
    staged, live, verdicts = staging_table(delivery_id), source_record, verdict_table(delivery_id)
    refused = sa.select(verdicts.c.row_no).where(verdicts.c.code == "no_consent")
    lost = conn.scalar(
        sa.select(sa.func.count())
        .join_from(staged, live, _same_record(partner, staged, live))
        .where(staged.c.row_no.in_(refused), live.c.consented_on.is_not(None))
    )
    bounds, known = partner.bounds, others + (lost or 0)
    if not lost or not known:
        return []
    share = lost / known
    bound = case.gauge.share(Key("lost", "consented_on"), share, bounds.values_lost_max)
    many = bound.broken(share) and lost >= bounds.values_lost_min_people
    if not many and not (lost >= FEW and share >= EVERYBODY):
        return []
    return [_told(bound, bounds.values_lost_max, "values_lost", share, "consented_on")]


def _swapped(
    conn: sa.Connection, partner: Partner, delivery_id: int, touched: dict[str, int], people: int
) -> list[Finding]:
    """Values that were another record's, which has another one now: rows that slipped, or a column sorted alone."""
    found = []
    for name, index in (("name", "name_county_index"), ("id_number", "id_index"), ("mobile", "mobile_index")):
        if touched[f"{name}_changed"] < FEW:
            continue
        ours, theirs = staging_table(delivery_id), staging_table(delivery_id).alias("theirs")
        mine, other = source_record.alias("mine"), source_record.alias("other")
        swapped = conn.scalar(
            sa.select(sa.func.count(ours.c.row_no.distinct()))
            .join_from(ours, mine, _same_record(partner, ours, mine))
            .join(other, sa.and_(other.c.partner == partner.code, other.c[index] == ours.c[index]))
            .join(theirs, theirs.c.record_id == other.c.record_id)
            .where(
                ours.c.changed, theirs.c.changed, mine.c[index] != ours.c[index],
                other.c.record_id != ours.c.record_id, theirs.c[index] != other.c[index],
                _accepted(ours, delivery_id),
            )
        ) or 0  # fmt: skip
        if swapped >= SWAPPED_MANY or (swapped >= FEW and swapped > SWAPPED_MAX * people):
            found.append(Finding("values_swapped", swapped, FEW, field=name))
    return found


def _same_record(partner: Partner, staged: sa.Table, live: Any) -> sa.ColumnElement[bool]:
    return sa.and_(live.c.partner == partner.code, live.c.record_id == staged.c.record_id)


def _accepted(staged: sa.Table, delivery_id: int) -> sa.ColumnElement[bool]:
    verdicts = verdict_table(delivery_id)
    return ~sa.exists().where(verdicts.c.row_no == staged.c.row_no).correlate(staged)


def _known(table: sa.Table, name: str) -> sa.ColumnElement[bool]:
    """Whether a record or a row has a usable value; narrow rows have statuses, and no indexes."""
    if name in NEVER_LOST:
        return sa.true()
    if name == "id_number":
        return table.c.id_number_status.in_(USABLE)
    if name in INDEXES:
        return table.c[f"{name}_status"] == "ok"
    if name == "sex":
        return table.c.sex.in_([1, 2])
    if name == "station":
        return table.c.station != ""
    return table.c.occupation != "other" if name == "occupation" else table.c[name].is_not(None)


def _lost(staged: sa.Table, live: sa.Table, name: str) -> sa.ColumnElement[bool]:
    """A blank that clears, or a damaged cell that would; a mask clears nothing."""
    if name in NEVER_LOST:
        return sa.false()
    damaged = carries(staged, DAMAGE[name])
    if name == "left_on":  # who is hired again has none any more, and a later day of hire
        hired_again = sa.func.coalesce(staged.c.hired_on > live.c.left_on, sa.false())
        return sa.or_(sa.and_(staged.c.left_on.is_(None), ~hired_again), damaged)
    if name in INDEXES:
        status = staged.c["id_number_status" if name == "id_number" else f"{name}_status"]
        return sa.or_(sa.and_(~_known(staged, name), status != "masked"), damaged)
    return sa.or_(~_known(staged, name), damaged)


def _changed(staged: sa.Table, live: sa.Table, name: str) -> sa.ColumnElement[bool]:
    if name in INDEXES:
        return staged.c[INDEXES[name]] != live.c[INDEXES[name]]
    if name == "name":  # the index is of name and county together: of movers it tells nothing
        return sa.and_(staged.c.county == live.c.county, staged.c.name_county_index != live.c.name_county_index)
    if name == "consented_on":
        return staged.c.consented_on < live.c.consented_on
    return staged.c[name] != live.c[name]
