"""Let rows go that were set aside longer ago than their partner's term: the row, its salts, its codes, and what was remembered
for a row that is nowhere any more; counts stay."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from talentpool.deliveries.holds import ROWS, Holds, in_force, settle
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import (
    delivery,
    quarantine,
    record_salt,
    remembered_value,
    source_record,
    source_record_history,
)
from talentpool.office import Office
from talentpool.services.retention.kind import Due, Kind, Room, put_down
from talentpool.services.retention.terms import terms_of

CODE = ROWS
MOST = 2_000
"""Rows of one batch."""


def expire_quarantine(office: Office, today: date) -> int:
    """Let every row go whose term is over, batch by batch; returns how many rows went. What was remembered for one goes on
    while the person stands on a roster, or waits on another: it has a salt of its own."""
    room, gone = Room(office, terms_of(office.settings), today), 0
    while more := batch(room):
        gone += more
    return gone


def due(room: Room) -> Due:
    """How many rows are due; what is remembered for them goes with them."""
    with room.office.engine.connect() as conn:
        holds = in_force(conn, room.today)
        rows = _places(room).add_columns(_held(holds).label("on_hold")).subquery()
        free, kept = conn.execute(
            sa.select(sa.func.count().filter(~rows.c.on_hold), sa.func.count().filter(rows.c.on_hold))
        ).one()
    return Due(free, kept)


def batch(room: Room) -> int:
    """Let the next few go, the longest set aside first."""
    with room.office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        settle(conn)
        holds = in_force(conn, room.today)
        chosen = _places(room).where(~_held(holds)).order_by(quarantine.c.delivery_id).limit(MOST)
        places = [tuple(row) for row in conn.execute(chosen)]
        counts = {}
        for table in (quarantine, record_salt):
            of = sa.tuple_(table.c.delivery_id, table.c.row_no).in_(places)
            counts[table.name] = conn.execute(table.delete().where(of)).rowcount
        if words := _forget_nobodys(conn, holds):
            counts |= {remembered_value.name: words, record_salt.name: counts[record_salt.name] + words}
        if places or words:
            put_down(conn, room, CODE, len(places) or words, counts)
    return len(places) or words


def _forget_nobodys(conn: sa.Connection, holds: Holds) -> int:
    """What was remembered for records that stand nowhere: they never came in, and the rows in which they waited are gone. How
    many went."""
    value, salt = remembered_value, record_salt
    if CODE in holds.kinds:
        return 0
    there = (
        sa.exists().where(one.c.record_id == value.c.record_id)
        for one in (source_record, source_record_history, quarantine)
    )
    kept = sa.exists().where(delivery.c.delivery_id == value.c.delivery_id, holds.of_delivery())
    nowhere = sa.and_(sa.not_(sa.or_(*there)), ~kept, value.c.record_id.not_in(holds.records))
    went = conn.execute(value.delete().where(nowhere).returning(value.c.delivery_id, -value.c.value_id)).all()
    conn.execute(salt.delete().where(sa.tuple_(salt.c.delivery_id, salt.c.row_no).in_([tuple(one) for one in went])))
    return len(went)


def _places(room: Room) -> sa.Select:
    """(delivery, row) of each row whose term is over. A row that was set aside is nowhere else, so its salt goes with it."""
    of, aside = delivery.c, quarantine.c
    known = room.terms.partners
    own = {code: one.quarantine_days for code, one in known.items() if one.quarantine_days is not None}
    unread = [code for code, one in known.items() if one.quarantine_days is None]
    days = sa.case(own, value=of.partner, else_=room.terms.days(CODE)) if own else sa.literal(room.terms.days(CODE))
    return (
        sa.select(aside.delivery_id, aside.row_no)
        .join(delivery, of.delivery_id == aside.delivery_id)
        .where(of.as_of + days < room.today, of.partner.not_in(unread))
        .group_by(aside.delivery_id, aside.row_no, of.partner, of.delivery_id)
    )


def _held(holds: Holds) -> sa.ColumnElement[bool]:
    """Whether a hold keeps a row: on all of them, its partner, its delivery, or whose number it has."""
    if CODE in holds.kinds:
        return sa.true()
    other = quarantine.alias("other")
    theirs = sa.exists().where(
        other.c.delivery_id == quarantine.c.delivery_id, other.c.row_no == quarantine.c.row_no,
        other.c.record_id.in_(holds.records),
    )  # fmt: skip
    return sa.or_(holds.of_delivery(), theirs)


KIND = Kind(CODE, due, batch)
