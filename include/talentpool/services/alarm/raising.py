"""Put alerts on record: a row each time; those of one key are one alert, seen so many times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from talentpool.model import alert
from talentpool.services.alarm.kinds import KINDS, Alarm
from talentpool.services.alarm.standing import EVER, standing
from talentpool.texts.redact import redact

LONGEST_WORDS, LONGEST_KEY = 1000, 400
"""Characters that are kept of a message, and of what names a matter."""


def raise_alert(conn: sa.Connection, alarm: Alarm) -> str:
    """Put it down and return its key. Words go through redaction: what looks like a person's number is none any more."""
    kind = alarm.kind if alarm.kind in KINDS else "other"
    key = redact(alarm.key)[:LONGEST_KEY]
    conn.execute(
        alert.insert().values(
            dedup_key=key, kind=kind, severity=alarm.severity or KINDS[kind].severity,
            subject=redact(alarm.subject)[:LONGEST_KEY], message=redact(alarm.message)[:LONGEST_WORDS],
            path=KINDS[kind].path,
        )
    )  # fmt: skip
    return key


def raise_each(conn: sa.Connection, alarms: Iterable[Alarm]) -> list[str]:
    """All of them; the keys of what is new: never raised before, or ended since."""
    found = {redact(alarm.key)[:LONGEST_KEY]: alarm for alarm in alarms}
    known = {one.key for one in standing(conn, EVER, datetime.now(UTC), found) if not one.ended}
    for alarm in found.values():
        raise_alert(conn, alarm)
    return [key for key in found if key not in known]
