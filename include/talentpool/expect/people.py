"""Count whom a held delivery would move, by county: what each answer of the officer does, in people.

It asks what publication (talentpool/load) would do to each live record, and does nothing. Counts alone are kept, in the
transaction of the verdict, because what was staged of a held delivery is dropped.
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.deliveries.ending import ended_rows
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import delivery_people, source_record, staging_table, verdict_table

COUNTS = ("added", "changed", "staying", "leaving", "missing", "suspended")
AT_WORK = ("active", "suspected")


def keep_people(conn: sa.Connection, case: UnderAudit, *, held: bool) -> None:
    """Keep the counts of a held delivery, and none of another; a delivery to history moves nobody who is live."""
    conn.execute(delivery_people.delete().where(delivery_people.c.delivery_id == case.delivery_id))
    if not held or case.past:
        return
    each = sa.union_all(_known(case), _new(case)).subquery("each")
    counts = (sa.func.count().filter(each.c.what == name).label(name) for name in COUNTS)
    county = sa.func.coalesce(each.c.county, "")
    rows = sa.select(sa.literal(case.delivery_id), county, *counts).group_by(county)
    conn.execute(delivery_people.insert().from_select(["delivery_id", "county", *COUNTS], rows))


def _known(case: UnderAudit) -> sa.Select:
    """(county, what) of every live record of the partner that is at work, or comes back to it."""
    staged, live, verdicts = staging_table(case.delivery_id), source_record, verdict_table(case.delivery_id)
    taken = (
        sa.select(staged.c.record_id, staged.c.changed, staged.c.left_on)
        .where(_accepted(staged, verdicts))
        .subquery("taken")
    )
    ended = ended_rows(staged, verdicts).subquery("ended")
    named = sa.exists().where(staged.c.record_id == live.c.record_id)
    accepted, at_work = taken.c.record_id.is_not(None), live.c.status.in_(AT_WORK)
    gone = sa.and_(accepted, sa.func.coalesce(taken.c.left_on <= case.facts.as_of, False))
    missing = ~named if case.facts.kind == "full" else sa.false()
    what = sa.case(
        (sa.and_(at_work, ended.c.record_id.is_not(None)), "suspended"),
        (sa.and_(at_work, gone), "leaving"),
        (sa.and_(at_work, accepted, taken.c.changed), "changed"),
        (sa.and_(at_work, missing, sa.or_(live.c.left_on.is_(None), live.c.left_on > case.facts.as_of)), "missing"),
        (at_work, "staying"),
        (sa.and_(accepted, ~gone, sa.or_(live.c.left_on.is_(None), taken.c.changed)), "added"),
    )
    return (
        sa.select(live.c.county, what.label("what"))
        .outerjoin(taken, taken.c.record_id == live.c.record_id)
        .outerjoin(ended, ended.c.record_id == live.c.record_id)
        .where(live.c.partner == case.partner.code, live.c.status.in_([*AT_WORK, "left"]))
    )


def _new(case: UnderAudit) -> sa.Select:
    """(county, what) of accepted rows that no live record is of, and whom they do not say to have left."""
    staged, live, verdicts = staging_table(case.delivery_id), source_record, verdict_table(case.delivery_id)
    known = sa.exists().where(live.c.partner == case.partner.code, live.c.record_id == staged.c.record_id)
    here = sa.or_(staged.c.left_on.is_(None), staged.c.left_on > case.facts.as_of)
    return sa.select(staged.c.county, sa.literal("added").label("what")).where(
        staged.c.changed, _accepted(staged, verdicts), ~known, here
    )


def _accepted(staged: sa.Table, verdicts: sa.Table) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(verdicts.c.row_no == staged.c.row_no).correlate(staged)
