"""The two partners of the demo: their connections, and what they hand over in a month."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from talentpool_airflow.demo_run.layout import Layout

SFTP_USER = "talentpool"
MARK = "demo.json"


@dataclass(frozen=True)
class Roster:
    """A roster file of the synthetic city."""

    partner: str
    as_of: date
    path: Path


def make_city(layout: Layout, people: int | None = None) -> list[Roster]:
    """Two months of rosters and their truth, written once and used again."""
    from talentpool.demo import write_demo_data

    mark = layout.demo / MARK
    if not mark.is_file():
        made = write_demo_data(layout.demo, people=people).as_json()
        mark.write_text(json.dumps(made["files"], default=str), encoding="utf-8")
    files = json.loads(mark.read_text(encoding="utf-8"))
    return sorted(
        (Roster(f["partner"], date.fromisoformat(f["as_of"]), _absolute(layout.demo, f["path"])) for f in files),
        key=lambda roster: (roster.as_of, roster.partner),
    )


def _absolute(root: Path, path: str) -> Path:
    return Path(path) if Path(path).is_absolute() or Path(path).exists() else root / path


def drop(layout: Layout, roster: Roster) -> None:
    """Hand a roster over the way its partner does; one that lies there already is left alone."""
    if roster.partner == "postal":
        from simulators.postal import deliver  # type: ignore[import-not-found]

        deliver(layout.sftp_root, roster.path, as_of=roster.as_of)
    elif roster.partner == "didi":
        _into_inbox(layout.inbox, roster)


def _into_inbox(inbox: Path, roster: Roster) -> None:
    """As an officer would: the file under its agreed name, and its manifest beside it when there is one."""
    name = f"roster_didi_{roster.as_of:%Y%m%d}{roster.path.suffix}"
    if (inbox / name).exists():
        return
    beside = roster.path.with_name(roster.path.name + ".manifest.json")
    if beside.is_file():
        shutil.copyfile(beside, inbox / f"{name}.manifest.json")
    unfinished = inbox / f".{name}.part"
    shutil.copyfile(roster.path, unfinished)
    unfinished.replace(inbox / name)


def connections(layout: Layout, sftp_port: int, keys: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Airflow connections by id, in the fields of the UI's forms."""
    return {
        "partner_postal": {
            "conn_type": "sftp",
            "host": "127.0.0.1",
            "port": sftp_port,
            "login": SFTP_USER,
            "extra": json.dumps({"host_key": keys["host_key"], "private_key": keys["private_key"]}),
            "description": "市邮政管理局 SFTP（演示）",
        },
        "partner_didi": {
            "conn_type": "fs",
            "extra": json.dumps({"path": str(layout.inbox)}),
            "description": "网约车名册收件夹（演示）",
        },
    }
