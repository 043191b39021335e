"""Count the known people whom a delivery would suspend, and say when that is too many."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.declare import Partner
from talentpool.deliveries.ending import ended_rows
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


def too_many_ended(
    conn: sa.Connection, partner: Partner, delivery_id: int, kind: str, ended: dict[str, int]
) -> list[Finding]:
    """Held when more of the partner's people would be suspended than may be missing; of a delta, more of those it names
    whose consent is blank or unknown: a column that was not exported looks like that, a reported withdrawal does not."""
    bounds, total = partner.bounds, sum(ended.values())
    if total < bounds.removals_min_people:
        return []
    live, staged = source_record, staging_table(delivery_id)
    of_partner = sa.and_(live.c.partner == partner.code, live.c.status.in_(["active", "suspected"]))
    active = conn.scalar(sa.select(sa.func.count()).select_from(live).where(of_partner)) or 0
    shares = [(total, active)]
    if kind == "delta":
        named = sa.exists().where(staged.c.record_id == live.c.record_id)
        of_those = conn.scalar(sa.select(sa.func.count()).select_from(live).where(of_partner, named)) or 0
        shares.append((ended.get("missing", 0), of_those))
    return [
        Finding("consent_ended_many", round(count / people, 4), bounds.removals_max)
        for count, people in shares
        if people and count >= bounds.removals_min_people and count > bounds.removals_max * people
    ][:1]
