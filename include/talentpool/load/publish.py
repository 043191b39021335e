"""Publish an audited delivery: one transaction, all or nothing, only what changed.

Live deliveries move the live records forward. A delivery older than what is live writes history only. Publishing the
same delivery again does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.ending import suppression_size
from talentpool.deliveries.publications import corrects_a_row, goes_to_history, newest_seq, published
from talentpool.deliveries.staging import drop_staged, stage_of
from talentpool.errors import StaleStageError, TalentpoolError
from talentpool.load.history import publish_history
from talentpool.load.live import Moved, publish_live
from talentpool.load.remembered import end_remembered
from talentpool.load.staged import Publication, keep_quarantine, keep_sightings, keep_stations
from talentpool.locks import GLOBAL_LOCK, hold, publish_lock
from talentpool.model import delivery, delivery_decision, publish_seq
from talentpool.office import Office


@dataclass(frozen=True)
class Published:
    """What moved, in counts. `effect` is live or history."""

    delivery_id: int
    effect: str
    moved: Moved


def publish(office: Office, partner: Partner, delivery_id: int) -> Published:
    """Publish; StaleStageError when another delivery of the partner was published since this one was staged."""
    with office.engine.begin() as conn:
        _lock(conn, partner.code)
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
        if facts.state == State.PUBLISHED:
            return Published(delivery_id, facts.effect, Moved())
        if facts.state != State.AUDITED:
            raise TalentpoolError(f"delivery {delivery_id} is {facts.state}; only an audited one can be published")
        publication = _publication(conn, partner, facts)
        moved = publish_history(conn, publication) if publication.past else publish_live(conn, publication)
        keep_quarantine(conn, publication)
        keep_sightings(conn, publication)
        keep_stations(conn, publication)
        conn.execute(
            delivery.update()
            .where(delivery.c.delivery_id == delivery_id)
            .values(
                state=State.PUBLISHED,
                effect="history" if publication.past else "live",
                publish_seq=publication.seq,
                published_at=sa.func.now(),
            )
        )
        if not publication.past:
            if not corrects_a_row(facts):
                _supersede(conn, publication)
            if facts.sent_by is None and facts.sent_counties is None:  # an officer's file is not the partner's word
                end_remembered(conn, publication)
        drop_staged(conn, delivery_id)
    return Published(delivery_id, "history" if publication.past else "live", moved)


def _supersede(conn: sa.Connection, publication: Publication) -> None:
    """What is still held of this date or before has been overtaken: nobody needs to decide on it any more."""
    ours: sa.ColumnElement[bool] = sa.true()
    if publication.sent_counties is not None:  # a county's changes overtake no roster of the whole area
        ours = delivery.c.sent_counties == publication.sent_counties
    overtaken = (
        sa.update(delivery)
        .where(
            ours,
            delivery.c.partner == publication.partner,
            delivery.c.state == State.HELD,
            delivery.c.as_of <= publication.as_of,
        )
        .values(
            state=State.REJECTED,
            decided="superseded",
            reasons=delivery.c.reasons.concat(sa.func.jsonb_build_object("superseded", 1)),
            message=f"交付 {publication.delivery_id} 已先入库，名册日期相同或更新，这份名册不再需要；无需处理",
        )
        .returning(delivery.c.delivery_id, delivery.c.findings)
    )
    for row in conn.execute(overtaken).all():
        conn.execute(
            delivery_decision.insert().values(
                delivery_id=row.delivery_id,
                choice="superseded",
                decided_by="publish",
                reason=f"交付 {publication.delivery_id}（名册日期 {publication.as_of}）已入库",
                findings=row.findings,
            )
        )


def _lock(conn: sa.Connection, partner: str) -> None:
    """One publication of a partner at a time, and publish_seq in the order of commits over all partners."""
    hold(conn, GLOBAL_LOCK, publish_lock(partner))


def _publication(conn: sa.Connection, partner: Partner, facts: sa.Row) -> Publication:
    if conn.scalar(sa.select(newest_seq(partner.code))) != facts.base_seq:
        raise StaleStageError(f"delivery {facts.delivery_id}: the pool moved since it was staged; stage it again")
    if suppression_size(conn) != facts.reference_version.get("suppression", 0):
        raise StaleStageError(f"delivery {facts.delivery_id}: somebody withdrew since it was staged; stage it again")
    stage_of(conn, facts.delivery_id, facts.rows)  # of an emptied table everybody would have left
    theirs = published(partner.code)
    following = conn.scalar(sa.select(sa.func.min(delivery.c.as_of)).where(theirs, delivery.c.as_of > facts.as_of))
    before = conn.scalar(sa.select(sa.func.max(delivery.c.as_of)).where(theirs, delivery.c.as_of < facts.as_of))
    return Publication(
        partner=partner.code,
        delivery_id=facts.delivery_id,
        as_of=facts.as_of,
        full=facts.kind == "full",
        past=goes_to_history(conn, partner.code, facts.as_of),
        following=following,
        before=before,
        removals=facts.decided != "no-removals",
        sent_counties=facts.sent_counties,
        seq=conn.scalar(sa.select(publish_seq.next_value())) or 0,
    )


def drop_staging(engine: sa.Engine, delivery_id: int) -> None:
    """Drop what was staged of a delivery, if anything is there."""
    with engine.begin() as conn:
        drop_staged(conn, delivery_id)
