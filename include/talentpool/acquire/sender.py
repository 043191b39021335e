"""Tell who brought a delivery's bytes: an officer who handed them on, with that day's counties, or the partner.

It goes by content alone, and is on record before the file is in the inbox: whoever copies a county's file there, under
whatever name or time, before it is taken or after, offers the county's file. The same bytes become the city's when an
officer of the city hands them on, or an operator brings them by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from talentpool.model import handed_on


def put_down(
    conn: sa.Connection,
    upload_id: UUID,
    partner: str,
    as_of: date,
    sha256: str,
    by: str,
    counties: Sequence[str] | None,
) -> None:
    """Put on record that `by` is about to hand a file on; `counties`: whose rows they may send, None = anybody's."""
    row = {"upload_id": upload_id, "partner": partner, "as_of": as_of, "sha256": sha256, "handed_by": by}
    conn.execute(handed_on.insert().values(row | {"counties": None if counties is None else list(counties)}))


def placed(conn: sa.Connection, upload_id: UUID, file: Path) -> None:
    """The file is in the inbox."""
    conn.execute(handed_on.update().where(handed_on.c.upload_id == upload_id).values(placed_as=file.name))


def take_back(conn: sa.Connection, upload_id: UUID) -> None:
    """The file did not get into the inbox after all."""
    conn.execute(handed_on.delete().where(handed_on.c.upload_id == upload_id, handed_on.c.placed_as.is_(None)))


def sender_of(conn: sa.Connection, partner: str, sha256: str, *, offered: bool) -> sa.Row | None:
    """The row of handed_on whose bytes these are; None for bytes that no officer handed on.

    The first file of these bytes is the one that waits, a county's before the city's. `offered`: it lay in the inbox,
    so that it may be a copy of one that was taken: then the newest word on these bytes counts.
    """
    same = sa.select(handed_on).where(handed_on.c.partner == partner, handed_on.c.sha256 == sha256)
    rows = conn.execute(same.order_by(handed_on.c.made_at.desc())).all()
    waiting = [row for row in rows if row.delivery_id is None]
    if offered and not waiting:
        return rows[0] if rows else None
    return min(waiting, key=lambda row: row.counties is None, default=None)


def taken(conn: sa.Connection, sender: sa.Row | None, delivery_id: int) -> None:
    """The file became this delivery."""
    if sender is not None:
        which = handed_on.c.upload_id == sender.upload_id, handed_on.c.delivery_id.is_(None)
        conn.execute(handed_on.update().where(*which).values(delivery_id=delivery_id))


def of_sender(sender: sa.Row | None) -> dict[str, object]:
    """What a delivery's row says of its sender. A county brings changes, whatever the file or its manifest says."""
    if sender is None:
        return {"sent_by": None, "sent_counties": None}
    changes = {} if sender.counties is None else {"kind": "delta", "since": None}
    return {"sent_by": sender.handed_by, "sent_counties": sender.counties} | changes
