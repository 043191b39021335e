"""Count the known people whom a delivery would suspend, and say when that is too many."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.bounds import Key
from talentpool.declare import Partner
from talentpool.deliveries.ending import ended_rows
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import source_record, staging_table, verdict_table
from talentpool.texts.finding import Finding


def count_ended(conn: sa.Connection, partner: Partner, delivery_id: int, *, past: bool) -> dict[str, int]:
    """People on the roster of the partner whom the delivery would suspend, by cause; of a late one, whom it names at all."""
    ended = ended_rows(staging_table(delivery_id), verdict_table(delivery_id)).subquery()
    live = source_record
    query = (
        sa.select(ended.c.cause, sa.func.count())
        .join(live, sa.and_(live.c.partner == partner.code, live.c.record_id == ended.c.record_id))
        .where(sa.true() if past else live.c.status.in_(["active", "suspected"]))
        .group_by(ended.c.cause)
    )
    return dict(conn.execute(query).all())


def too_many_ended(conn: sa.Connection, case: UnderAudit, ended: dict[str, int]) -> list[Finding]:
    """Held when more of the partner's people would be suspended than may be missing; of a delta, more of those it names
    whose consent is blank or unknown: a column that was not exported looks like that, a reported withdrawal does not."""
    bounds, total = case.partner.bounds, sum(ended.values())
    live, staged = source_record, staging_table(case.delivery_id)
    of_partner = sa.and_(live.c.partner == case.partner.code, live.c.status.in_(["active", "suspected"]))
    active = conn.scalar(sa.select(sa.func.count()).select_from(live).where(of_partner)) or 0
    if not active:
        return []
    bound = case.gauge.share(Key("consent_ended"), total / active, bounds.removals_max)
    if total < bounds.removals_min_people:
        return []
    if bound.broken(total / active):
        return [bound.against("consent_ended_many", total / active)]
    if case.facts.kind == "delta":
        named = sa.exists().where(staged.c.record_id == live.c.record_id)
        of_those = conn.scalar(sa.select(sa.func.count()).select_from(live).where(of_partner, named)) or 0
        missing = ended.get("missing", 0)
        if of_those and missing >= bounds.removals_min_people and missing > bounds.removals_max * of_those:
            return [Finding("consent_ended_many", round(missing / of_those, 4), bounds.removals_max)]
    return []
