"""Reckon how many of what a campaign keeps back may still go to people who are on no list."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.campaigns.handout.holding import holds
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.lists import Stored
from talentpool.declare.stock import CITY, Stock
from talentpool.model import handout_entry, handout_event, target_list, target_row


def walk_ins(conn: sa.Connection, event_id: int) -> int:
    """How many of an event's reserve went to people who are on no list."""
    of = handout_entry.c
    query = sa.select(sa.func.count()).where(of.event_id == event_id, of.row_id.is_(None))
    return int(conn.scalar(query) or 0)


def reserve_left(conn: sa.Connection, stored: Stored, county: str) -> int:
    """How many an event in the county may bring for walk-ins: what is kept back, less what supplements hand out of it, and less
    what other events of the round took or still hold. 0 where the campaign declares no stock."""
    declared = stored.passport.get("stock_declared")
    if not declared:
        return 0
    stock = Stock.model_validate(declared)
    place = county if stock.by_county else CITY
    listed = _listed(conn, stored, county if stock.by_county else None)
    at_hand, kept = stock.at_hand().get(place, 0), stock.kept_back().get(place, 0)
    return max(0, min(kept, at_hand - listed) - _taken(conn, stored, county if stock.by_county else None))


def _rounds(stored: Stored, *more: ListState) -> sa.Select[tuple[int]]:
    of = target_list.c
    same = of.campaign == stored.campaign, of.cycle == stored.cycle, of.state.in_((*FROZEN, *more))
    return sa.select(of.list_id).where(*same)


def _listed(conn: sa.Connection, stored: Stored, county: str | None) -> int:
    """Parcels of the round's lists, supplements included; who is on a follow-up too has one parcel."""
    row = target_row.c
    query = sa.select(sa.func.count(row.person_id.distinct())).where(row.list_id.in_(_rounds(stored)), row.selected)
    if county is not None:
        query = query.where(row.county == county)
    return int(conn.scalar(query) or 0) * int(stored.passport.get("per_person", 1))


def _taken(conn: sa.Connection, stored: Stored, county: str | None) -> int:
    """What events of the round hold: all of their reserve while they do, what went out of it afterwards; by a list that was
    declared void, too: it is gone."""
    event, entry = handout_event.c, handout_entry.c
    out = (
        sa.select(sa.func.count())
        .where(entry.event_id == event.event_id, entry.row_id.is_(None))
        .correlate(handout_event)
        .scalar_subquery()
    )
    whole = holds(sa.func.clock_timestamp())
    held = sa.func.coalesce(sa.func.sum(sa.case((whole, event.reserve), else_=out)), 0)
    query = sa.select(held).where(event.list_id.in_(_rounds(stored, ListState.VOID)))
    if county is not None:
        query = query.where(event.county == county)
    return int(conn.scalar(query) or 0)
