"""Let sheets go: sealed files of exports whose use is over, with the passwords of zips, and old workbooks of our own folder.

The record of an export stays (three years); a locked list's workbooks can be made again from the list.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from talentpool.deliveries.holds import EXPORTS, SHEETS, in_force, settle
from talentpool.model import list_file, provision
from talentpool.office_day import in_office
from talentpool.services.retention.kind import Due, Kind, Room, put_down

MOST = 200
"""Files of one batch."""


def due_exports(room: Room) -> Due:
    """Files of exports past their use that still lie where they were written."""
    with room.office.engine.connect() as conn:
        return _due(conn, room, EXPORTS, _of_exports(conn, room))


def batch_of_exports(room: Room) -> int:
    """Delete the next few."""
    return _delete(room, EXPORTS)


def due_sheets(room: Room) -> Due:
    """Old workbooks in the folder of lists."""
    with room.office.engine.connect() as conn:
        return _due(conn, room, SHEETS, _of_lists(conn, room))


def batch_of_sheets(room: Room) -> int:
    """Delete the next few."""
    return _delete(room, SHEETS)


def _delete(room: Room, code: str) -> int:
    """Files go before the commit: what cannot be deleted is found again."""
    with room.office.engine.begin() as conn:
        settle(conn)
        if code in in_force(conn, room.today).kinds:
            return 0
        paths = (_of_exports if code == EXPORTS else _of_lists)(conn, room)[:MOST]
        for path in paths:
            path.unlink(missing_ok=True)
        if paths:
            put_down(conn, room, code, len(paths))
    return len(paths)


def _due(conn: sa.Connection, room: Room, code: str, paths: list[Path]) -> Due:
    return Due(0, len(paths)) if code in in_force(conn, room.today).kinds else Due(len(paths))


def _of_exports(conn: sa.Connection, room: Room) -> list[Path]:
    last = room.today - timedelta(days=room.terms.days(EXPORTS))
    over = sa.select(provision.c.export_id, provision.c.files).where(
        provision.c.state == "made", provision.c.use_until < last
    )
    found = []
    for row in conn.execute(over.order_by(provision.c.export_id)):
        found += [Path(file["folder"]) / file["name"] for file in row.files if Path(file["name"]).name == file["name"]]
        found.append(room.office.settings.home / "passwords" / f"export-{row.export_id:05d}.txt")
    return [path for path in found if path.is_file()]


def _of_lists(conn: sa.Connection, room: Room) -> list[Path]:
    last = room.today - timedelta(days=room.terms.days(SHEETS))
    made = sa.cast(in_office(list_file.c.made_at), sa.Date)
    names = conn.scalars(sa.select(list_file.c.name).where(made < last).order_by(list_file.c.made_at, list_file.c.name))
    folder = room.office.settings.lists_dir
    return [folder / name for name in names if Path(name).name == name and (folder / name).is_file()]


EXPORTED = Kind(EXPORTS, due_exports, batch_of_exports)
WRITTEN = Kind(SHEETS, due_sheets, batch_of_sheets)
