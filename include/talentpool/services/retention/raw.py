"""Let landed raw files go after their day, with what a killed run left in the landing store; and uploads nobody handed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from upath import UPath

from talentpool.acquire import expired, finished, let_go_within, strays
from talentpool.deliveries.holds import RAW, UPLOADS, in_force, settle
from talentpool.model import delivery, upload
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.retention.kind import Due, Kind, Room, put_down

MOST = 50
"""Files of one batch."""
STRAY = timedelta(days=1)
"""A landed file without a delivery is a day old before it is taken for one that a killed run left."""


def due_files(room: Room) -> Due:
    """Raw files past their day: of finished deliveries, held ones, and those still needed to stage a delivery again."""
    with room.office.engine.connect() as conn:
        held = in_force(conn, room.today).of_landed()
        counts = (
            sa.func.count().filter(finished(), ~held),
            sa.func.count().filter(held),
            sa.func.count().filter(~finished(), ~held),
        )
        free, kept, waiting = conn.execute(sa.select(*counts).select_from(delivery).where(expired(room.today))).one()
        return Due(free + len(_strays(room, conn)), kept, waiting)


def batch_of_files(room: Room) -> int:
    """Let the next few go."""
    with room.office.engine.begin() as conn:
        settle(conn)
        holds = in_force(conn, room.today)
        gone = let_go_within(conn, sa.and_(expired(room.today), ~holds.of_landed()), MOST)
        lost = _strays(room, conn)[:MOST]
        for url in lost:
            UPath(url).unlink(missing_ok=True)
        if gone or lost:
            put_down(conn, room, RAW, gone + len(lost), {"delivery": gone, "strays": len(lost)})
    return gone + len(lost)


def forget_uploads(office: Office) -> int:
    """Delete files that were tried more than a day ago, but those under legal hold; returns how many."""
    with office.engine.begin() as conn:
        settle(conn)
        return conn.execute(
            upload.delete().where(_old(), ~in_force(conn, today_in_office(office.settings)).of_upload())
        ).rowcount


def due_uploads(room: Room) -> Due:
    """Uploads that nobody handed on within the day."""
    with room.office.engine.connect() as conn:
        kept = in_force(conn, room.today).of_upload()
        counts = (sa.func.count().filter(~kept), sa.func.count().filter(kept))
        return Due(*conn.execute(sa.select(*counts).select_from(upload).where(_old())).one())


def batch_of_uploads(room: Room) -> int:
    """All of them: there are few."""
    with room.office.engine.begin() as conn:
        settle(conn)
        gone = conn.execute(upload.delete().where(_old(), ~in_force(conn, room.today).of_upload())).rowcount
        if gone:
            put_down(conn, room, UPLOADS, gone)
    return gone


def _old() -> sa.ColumnElement[bool]:
    return upload.c.made_at < sa.func.now() - sa.text("interval '1 day'")


def _strays(room: Room, conn: sa.Connection) -> list[str]:
    """None while a hold is on all raw files or on a partner or delivery: nobody knows whose they are."""
    holds = in_force(conn, room.today)
    if RAW in holds.kinds or holds.partners or holds.deliveries:
        return []
    return strays(room.office.settings, conn, datetime.now(UTC) - STRAY)


FILES = Kind(RAW, due_files, batch_of_files)
TRIED = Kind(UPLOADS, due_uploads, batch_of_uploads)
