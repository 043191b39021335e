"""Let entries of our own books go: provisions after three years, closed requests that hold for nothing, old sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from talentpool.deliveries.holds import Holds, in_force, settle
from talentpool.model import person_request, provision, request_step, sign_in_lock, sign_in_session
from talentpool.office_day import in_office
from talentpool.services.retention.kind import Due, Kind, Room, put_down

PROVISIONS, REQUESTS, SIGN_INS = "provisions", "requests", "sign_ins"
MOST = 500
"""Entries of one batch."""
LOCK_DAYS = 2
"""How long failures to sign in are counted (guard/attempts.py)."""


def due_provisions(room: Room) -> Due:
    """Provisions whose three years are over."""
    return _due(room, PROVISIONS, provision.c.export_id, _over(room))


def batch_of_provisions(room: Room) -> int:
    """Let the next few go. The trigger that keeps them goes by the database's own day, and never lets one go early."""
    with room.office.engine.begin() as conn:
        numbers = _free(conn, room, PROVISIONS, provision.c.export_id, sa.and_(_over(room), _past()))
        gone = conn.execute(provision.delete().where(provision.c.export_id.in_(numbers))).rowcount
        if gone:
            put_down(conn, room, PROVISIONS, gone)
    return gone


def due_requests(room: Room) -> Due:
    """Requests closed long ago that hold for nothing: copies, and consent given anew."""
    return _due(room, REQUESTS, person_request.c.request_id, _closed(room))


def batch_of_requests(room: Room) -> int:
    """Let the next few go, with their steps."""
    with room.office.engine.begin() as conn:
        numbers = _free(conn, room, REQUESTS, person_request.c.request_id, _closed(room))
        counts = {
            table.name: conn.execute(table.delete().where(table.c.request_id.in_(numbers))).rowcount
            for table in (request_step, person_request)
        }
        if numbers:
            put_down(conn, room, REQUESTS, len(numbers), counts)
    return len(numbers)


def due_sign_ins(room: Room) -> Due:
    """Sessions of last week, and failures that count no more."""
    with room.office.engine.connect() as conn:
        many = sum(conn.scalar(sa.select(sa.func.count()).select_from(table).where(old)) or 0
                   for table, old in _signed_in(room))  # fmt: skip
        return Due(0, many) if SIGN_INS in in_force(conn, room.today).kinds else Due(many)


def batch_of_sign_ins(room: Room) -> int:
    """All of them: there are few."""
    with room.office.engine.begin() as conn:
        settle(conn)
        if SIGN_INS in in_force(conn, room.today).kinds:
            return 0
        counts = {table.name: conn.execute(table.delete().where(old)).rowcount for table, old in _signed_in(room)}
        if sum(counts.values()):
            put_down(conn, room, SIGN_INS, sum(counts.values()), counts)
    return sum(counts.values())


def _over(room: Room) -> sa.ColumnElement[bool]:
    return provision.c.keep_until < room.today


def _past() -> sa.ColumnElement[bool]:
    return provision.c.keep_until < sa.func.current_date()


def _closed(room: Room) -> sa.ColumnElement[bool]:
    """A withdrawal, an erasure and an opt-out stay: a restored backup forgets by them. What was revoked stays, too: by how many
    those are, who publishes sees that the suppressions changed (deliveries/ending.py)."""
    of = person_request.c
    ends = sa.and_(of.kind.in_(("access", "restore")), ~of.proof.has_key("tokens_lifted"))
    last = room.today - timedelta(days=room.terms.days(REQUESTS))
    return sa.and_(of.done_at.is_not(None), ends, sa.cast(in_office(of.done_at), sa.Date) < last)


def _held(code: str, holds: Holds) -> sa.ColumnElement[bool]:
    """Whether a hold keeps an entry: on all of its kind; of a request also on the person."""
    if code in holds.kinds:
        return sa.true()
    if code == REQUESTS and holds.records:
        return person_request.c.records.overlap(sorted(holds.records))
    return sa.false()


def _due(room: Room, code: str, number: sa.Column, which: sa.ColumnElement[bool]) -> Due:
    with room.office.engine.connect() as conn:
        held = _held(code, in_force(conn, room.today))
        counts = (sa.func.count(number).filter(~held), sa.func.count(number).filter(held))
        return Due(*conn.execute(sa.select(*counts).where(which)).one())


def _free(
    conn: sa.Connection, room: Room, code: str, number: sa.Column, which: sa.ColumnElement[bool]
) -> Sequence[int]:
    """The numbers of the next few, which no hold keeps."""
    settle(conn)
    held = _held(code, in_force(conn, room.today))
    return list(conn.scalars(sa.select(number).where(which, ~held).order_by(number).limit(MOST)))


def _signed_in(room: Room) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    def before(days: int) -> sa.ColumnElement:
        return sa.func.now() - sa.func.make_interval(0, 0, 0, days)

    days = room.terms.days(SIGN_INS)
    return [
        (sign_in_session, sign_in_session.c.began_at < before(days)),
        (sign_in_lock, sign_in_lock.c.failed_at < before(LOCK_DAYS)),
    ]


PROVIDED = Kind(PROVISIONS, due_provisions, batch_of_provisions)
ASKED = Kind(REQUESTS, due_requests, batch_of_requests)
SIGNED_IN = Kind(SIGN_INS, due_sign_ins, batch_of_sign_ins)
