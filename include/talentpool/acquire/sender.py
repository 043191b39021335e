"""Who brought the bytes of a delivery: an officer who handed them on, with the counties of then, or the partner.

It goes by content, and is on record before the file is in the inbox: a new name, another date or an upgrade does not
make a county's file the partner's. Whoever brings the same bytes after that file was taken is not bound by it.
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
    told = {"placed_as": file.name, "placed_ns": file.stat().st_mtime_ns}
    conn.execute(handed_on.update().where(handed_on.c.upload_id == upload_id).values(told))


def take_back(conn: sa.Connection, upload_id: UUID) -> None:
    """The file did not get into the inbox after all."""
    conn.execute(handed_on.delete().where(handed_on.c.upload_id == upload_id, handed_on.c.placed_as.is_(None)))


def sender_of(conn: sa.Connection, partner: str, sha256: str, name: str, offer_id: str | None) -> sa.Row | None:
    """The row of handed_on whose file this is; None for a file that no officer handed on.

    An offer is told by its name, or by its time of writing under another name; and the first file of these bytes is
    the one that waits, a county's before the city's.
    """
    table = handed_on
    same = sa.select(table).where(table.c.partner == partner, table.c.sha256 == sha256)
    rows = conn.execute(same.order_by(table.c.made_at.desc())).all()
    if offer_id is not None:
        written = offer_id.rpartition("@")[2]
        own = [row for row in rows if row.placed_as and (row.placed_as == name or str(row.placed_ns) == written)]
        if own:
            return own[0]
    waiting = [row for row in rows if row.delivery_id is None]
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
