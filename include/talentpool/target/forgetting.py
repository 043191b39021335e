"""A person is erased: drafts they stood on go (draw again), locked lists keep a nameless place and say so."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.model import list_file, target_list, target_row
from talentpool.settings import Settings
from talentpool.target import lists
from talentpool.target.files import write_files

NAMELESS = {"age": None, "age_band": "unknown", "sex": 0, "by_station": False, "erased": True}


def forget_in_lists(conn: sa.Connection, person_id: UUID) -> tuple[dict[str, list[int]], list[str]]:
    """Take a person off every list. Returns ids of lists, `cut` drafts and `flagged` locked ones, and files to unlink.

    A locked list's hash no longer follows from its rows; `erased` says why. The number printed on the sheet stays, so
    that a receipt can still be read.
    """
    on = (
        sa.select(target_list.c.list_id, target_list.c.state, target_list.c.cycle, target_list.c.passport)
        .where(target_list.c.list_id.in_(sa.select(target_row.c.list_id).where(target_row.c.person_id == person_id)))
        .order_by(target_list.c.list_id)
    )
    found: dict[str, list[int]] = {"cut": [], "flagged": []}
    stale: list[str] = []
    for row in conn.execute(on).all():
        lists.serialize(conn, row.passport["purpose"], row.cycle)
        if row.state == "draft":
            stale += lists.drop(conn, row.list_id)
            found["cut"].append(row.list_id)
            continue
        nobody = sa.func.gen_random_uuid()
        conn.execute(
            target_row.update()
            .where(target_row.c.list_id == row.list_id, target_row.c.person_id == person_id)
            .values(person_id=nobody, record_id=nobody, station="", facts=NAMELESS)
        )
        conn.execute(target_list.update().where(target_list.c.list_id == row.list_id).values(erased=True))
        found["flagged"].append(row.list_id)
    return found, stale


def rewrite_files(engine: sa.Engine, keys: KeyRing, settings: Settings, list_ids: list[int], stale: list[str]) -> int:
    """Make the workbooks of flagged lists anew where ours still lie, and unlink those of cut drafts; returns files."""
    folder = settings.lists_dir
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    written = 0
    for list_id in list_ids:
        with engine.connect() as conn:
            names = list(conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id == list_id)))
            stored = lists.find(conn, list_id)
        if any((folder / name).is_file() for name in names):
            written += len(write_files(engine, keys, settings, stored, folder, names))
    return written
