"""Define the demo's partners: their connections, and what they hand over in a month."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from simulators import meituan, postal, sf
from talentpool.private_files import replace
from talentpool_airflow.demo_run.environment import for_simulators
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.processes import Processes, free_port

SFTP_USER = "talentpool"
LOOPBACK = "127.0.0.1"
LETTERS_TO = ("postal", "sf", "meituan", "didi")
MARK = "demo.json"
MONTHS = 3


@dataclass(frozen=True)
class Roster:
    """A roster file of the synthetic city."""

    partner: str
    as_of: date
    kind: str
    since: date | None
    path: Path


def make_city(layout: Layout, people: int | None = None) -> list[Roster]:
    """Three months of rosters and their truth, written once and used again."""
    from talentpool.demo import write_demo_data

    mark = layout.demo / MARK
    if not mark.is_file():
        made = write_demo_data(layout.demo, people=people, months=MONTHS).as_json()
        mark.write_text(json.dumps(made["files"], default=str), encoding="utf-8")
    files = json.loads(mark.read_text(encoding="utf-8"))
    return sorted(
        (
            Roster(
                f["partner"],
                date.fromisoformat(f["as_of"]),
                f["kind"],
                date.fromisoformat(f["since"]) if f["since"] else None,
                _absolute(layout.demo, f["path"]),
            )
            for f in files
        ),
        key=lambda roster: (roster.as_of, roster.partner),
    )


def _absolute(root: Path, path: str) -> Path:
    return Path(path) if Path(path).is_absolute() or Path(path).exists() else root / path


def drop(layout: Layout, roster: Roster) -> None:
    """Hand a roster over the way its partner does; one that lies there already is left alone."""
    if roster.partner == "postal":
        postal.deliver(layout.sftp_root, roster.path, as_of=roster.as_of)
    elif roster.partner == "sf":
        sf.deliver(layout.api_root, roster.path, as_of=roster.as_of, kind=roster.kind, since=roster.since)
    elif roster.partner == "meituan":
        meituan.deliver(layout.bucket_root, roster.path, as_of=roster.as_of)
    elif roster.partner == "didi":
        _into_inbox(layout, roster)


def _into_inbox(layout: Layout, roster: Roster) -> None:
    """As an officer would: the file under its agreed name, and its manifest beside it when there is one.

    A landed file is gone from the inbox, so that it is noted apart which were handed over.
    """
    name = f"roster_didi_{roster.as_of:%Y%m%d}{roster.path.suffix}"
    noted = layout.handed_over / name
    if noted.exists():
        return
    beside = roster.path.with_name(roster.path.name + ".manifest.json")
    if beside.is_file():
        _copy(beside, layout.inbox / f"{name}.manifest.json")
    _copy(roster.path, layout.inbox / name)
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.touch()


def _copy(source: Path, target: Path) -> None:
    """There at once, and closed to others from the beginning."""
    replace(target, source.read_bytes())


def serve(layout: Layout, processes: Processes) -> dict[str, dict[str, Any]]:
    """Start the partners' servers, with an environment of their own; returns the Airflow connections to them by id."""
    ports = {name: free_port(0) for name in ("postal", "sf", "meituan")}
    keys = {name: keys_of(layout, name) for name in ("postal", "sf")}
    # Before the servers start: of two that make the keys at the same moment, one would serve with keys nobody has.
    made = connections(layout, {name: (LOOPBACK, port) for name, port in ports.items()})
    for name, root in (("postal", layout.sftp_root), ("sf", layout.api_root), ("meituan", layout.bucket_root)):
        words = ["--root", str(root), "--port", str(ports[name])]
        words += ["--keys", str(keys[name])] if name in keys else []
        words += ["--user", SFTP_USER] if name == "postal" else []
        processes.start(name, [sys.executable, "-m", f"simulators.{name}", *words], for_simulators())
    return made


def keys_of(layout: Layout, partner: str) -> Path:
    """Where a simulated partner's keys and certificates lie."""
    return layout.run / f"{partner}_keys"


def letter_passwords(layout: Layout) -> dict[str, str]:
    """Partner -> the password of its letters, agreed once."""
    path = layout.run / "letter_passwords.json"
    if not path.is_file():
        replace(path, json.dumps({code: secrets.token_urlsafe(12) for code in LETTERS_TO}).encode())
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def connections(layout: Layout, where: dict[str, tuple[str, int]]) -> dict[str, dict[str, Any]]:
    """The Airflow connections to partners that serve at `where` (host, port), by id, in the fields of the UI's forms."""
    login = postal.make_keys(keys_of(layout, "postal"))
    host, port = where["sf"]
    bucket_host, bucket_port = where["meituan"]
    bucket_keys = None if bucket_host == LOOPBACK else keys_of(layout, "meituan")
    made = {
        "partner_sf": sf.connection(keys_of(layout, "sf"), port, host=host)
        | {"description": "顺丰速运名册接口（演示）"},
        "partner_meituan": meituan.connection(layout.bucket_root, bucket_port, host=bucket_host, keys=bucket_keys)
        | {"description": "美团外卖名册存储桶（演示）"},
        "partner_postal": {
            "conn_type": "sftp",
            "host": where["postal"][0],
            "port": where["postal"][1],
            "login": SFTP_USER,
            "extra": {"host_key": login["host_key"], "private_key": login["private_key"]},
            "description": "市邮政管理局 SFTP（演示）",
        },
        "partner_didi": {
            "conn_type": "fs",
            "extra": {"path": str(layout.inbox)},
            "description": "网约车名册收件夹（演示）",
        },
    }
    told = {"conn_type": "generic", "extra": {}, "description": "问题反馈单的约定口令（演示）"}
    made |= {f"letter_{code}": {**told, "password": word} for code, word in letter_passwords(layout).items()}
    return {name: {**facts, "extra": json.dumps(facts["extra"])} for name, facts in made.items()}
