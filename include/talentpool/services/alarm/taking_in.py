"""Make alerts of the lines that any process writes, and take into the tables what stands in the file of alerts alone.

Whoever cannot reach the database, or may not (the dag-processor, a shell script), writes a line; the next look takes it in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.model import alert
from talentpool.office_day import OFFICE_TIME
from talentpool.services.alarm.kinds import KINDS, Alarm
from talentpool.services.alarm.raising import raise_alert

TAIL = 2**20
"""Bytes at the end of the file that are read: some thousand lines."""
FRESH = timedelta(days=3)
"""Older lines are history: they were told in their time."""


def alarm_of(line: Mapping[str, Any]) -> Alarm:
    """What a line of the file says. `kind`, `subject` and `about` as it names them, else by what it is about."""
    message = str(line.get("message", ""))
    kind = str(line.get("kind") or _guessed(line))
    subject = str(line.get("subject") or line.get("user") or line.get("dag_id") or line.get("task_id") or "system")
    if about := line.get("about"):
        return Alarm(kind, subject, message, about=str(about))
    if run := line.get("run_id"):
        return Alarm(kind, subject, message, about=f"{run}:{line.get('task_id', '')}")
    said = hashlib.sha256(message.encode()).hexdigest()[:12]
    return Alarm(
        kind, subject, message, about=said, day=(_moment(line) or datetime.now(UTC)).astimezone(OFFICE_TIME).date()
    )


def _guessed(line: Mapping[str, Any]) -> str:
    if line.get("what") in KINDS:
        return str(line["what"])
    if line.get("task_id") == "backup":
        return "backup"
    return "task_failed" if line.get("run_id") else "other"


def take_in(conn: sa.Connection, path: Path, now: datetime) -> int:
    """Raise what stands in the file of alerts and not in the table; how many."""
    found = {alarm.key: alarm for alarm in map(alarm_of, _lines(path, now))}
    known = set(conn.scalars(sa.select(alert.c.dedup_key).where(alert.c.dedup_key.in_(found))))
    missing = [alarm for key, alarm in found.items() if key not in known]
    for alarm in missing:
        raise_alert(conn, alarm)
    return len(missing)


def _lines(path: Path, now: datetime) -> Iterator[dict[str, Any]]:
    """Lines of the last days, whole ones that can be read; what was cut by a full disk is none."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        for raw in file:
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            at = _moment(line) if isinstance(line, dict) else None
            if at is not None and now - at < FRESH:
                yield line


def _moment(line: Mapping[str, Any]) -> datetime | None:
    """When it was written; None where the line does not say so, as lines of earlier versions do not."""
    try:
        at = datetime.fromisoformat(str(line["at"]))
    except (KeyError, ValueError):
        return None
    return at if at.tzinfo else None
