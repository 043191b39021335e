"""Hand on what was released: the sealed files of an export, as they were recorded, to an officer of its county.

Nothing is opened or made here. A file that is not the recorded one, byte for byte, is not handed on.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.life.states import FROZEN
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import audit
from talentpool.model import provision, target_list
from talentpool.office import Office


@dataclass(frozen=True)
class Released:
    """An export whose sheets may be used. `name`: of the recipient; `files`: their names; `station`: it is a head's."""

    export_id: int
    name: str
    counties: tuple[str, ...]
    people: int
    made_on: date
    use_until: date
    files: tuple[str, ...]
    station: bool


def released(conn: sa.Connection, list_id: int, today: date) -> list[Released]:
    """What left of a list and may still be used, as far as the connection sees it: a county's officer what holds people of that
    county alone; newest first."""
    of = provision.c
    query = (
        sa.select(provision)
        .join(target_list, target_list.c.list_id == of.list_id)
        .where(of.list_id == list_id, of.state == "made", of.use_until >= today, target_list.c.state.in_(FROZEN))
    )
    return [
        Released(
            row["export_id"], row["recipient_facts"].get("name", row["recipient"]), tuple(row["counties"]), row["people"],
            row["made_on"], row["use_until"], tuple(str(file["name"]) for file in row["files"]),
            "station" in row["recipient_facts"],
        )
        for row in conn.execute(query.order_by(of.export_id.desc())).mappings()
    ]  # fmt: skip


def hand_on(office: Office, export_id: int, by: str, today: date) -> list[tuple[str, bytes]]:
    """The files of an export, when that they are handed on is on record. The caller has seen that the export is theirs.

    Raises:
        UsageError: its time is over, its list is void, or a file is gone.
        ConflictError: a file is not the one that was recorded.
    """
    of = provision.c
    with office.engine.begin() as conn:
        query = sa.select(provision, target_list.c.state.label("of_list")).join(
            target_list, target_list.c.list_id == of.list_id
        )
        row = conn.execute(query.where(of.export_id == export_id, of.state == "made")).mappings().one_or_none()
        if row is None or row["use_until"] < today or row["of_list"] not in FROZEN:
            raise UsageError("这次导出已过使用期限，或名单已作废，没有下载；请由市级专员重新导出")
        files = [(str(file["name"]), _read(office.settings.lists_dir, file)) for file in row["files"]]
        audit(
            conn, "export", f"list:{row['list_id']}", actor=by, reason=row["purpose"], scope=",".join(row["counties"]),
            details={"export": export_id, "download": True, "files": len(files), "people": row["people"],
                     "recipient": row["recipient"]},
        )  # fmt: skip
    return files


def _read(folder: Path, file: dict[str, Any]) -> bytes:
    """The recorded file out of the folder of lists; a record that names another place names none that we read."""
    name = str(file["name"])
    if Path(name).name != name or str(folder.resolve()) != file.get("folder"):
        raise UsageError("这次导出的文件不在服务器的名单文件夹里，没有下载；请向导出的人索取")
    try:
        with os.fdopen(os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as found:
            data = found.read()
    except OSError:
        raise UsageError("导出的文件已经移走或删除，没有下载；请由市级专员重新导出") from None
    if hashlib.sha256(data).hexdigest() != file["sha256"]:
        raise ConflictError("导出的文件与记录不符，可能被改动过，没有下载；请告诉运维人员")
    return data
