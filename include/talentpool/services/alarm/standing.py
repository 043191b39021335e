"""Read alerts as they stand, each with how often it was seen, what was sent of it and who has taken note; take note of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from talentpool.errors import UsageError
from talentpool.model import alert, alert_sending, alert_word
from talentpool.services.alarm.kinds import KINDS, NOTE, SEVERITIES
from talentpool.texts.redact import redact

LATELY = timedelta(days=7)
"""How long an alert waits for somebody, is sent, and is tried to be sent."""
LONGEST_NOTE = 200
ITSELF = "系统"
"""Who takes note of what ended by itself."""


@dataclass(frozen=True)
class Noticed:
    """An alert. Moments are those of the database's clock; `count`: how often it was noticed."""

    key: str
    kind: str
    severity: str
    subject: str
    message: str
    path: str
    first_seen: datetime
    last_seen: datetime
    count: int
    noted_by: str | None = None
    noted_at: datetime | None = None
    note: str = ""

    @property
    def title(self) -> str:
        """What it is, in an officer's words."""
        return KINDS[self.kind].words if self.kind in KINDS else KINDS["other"].words

    @property
    def gravity(self) -> str:
        return SEVERITIES[self.severity]


@dataclass(frozen=True)
class Sending:
    """A try to send."""

    what: str
    channel: str
    day: date
    keys: tuple[str, ...]
    sent: bool
    fault: str
    made_at: datetime


def standing(
    conn: sa.Connection, since: timedelta, now: datetime, keys: Collection[str] | None = None
) -> list[Noticed]:
    """Alerts last seen within `since`, the newest first; with `keys` only these, however old."""
    of = alert.c

    def newest(column: sa.Column[str]) -> sa.ColumnElement[str]:
        return sa.func.array_agg(aggregate_order_by(column, of.alert_id.desc()))[1]

    first, last = sa.func.min(of.made_at).label("first"), sa.func.max(of.made_at).label("last")
    seen = sa.select(
        of.dedup_key, newest(of.kind).label("kind"), newest(of.severity).label("severity"),
        newest(of.subject).label("subject"), newest(of.message).label("message"), newest(of.path).label("path"),
        first, last, sa.func.count().label("times"),
    ).group_by(of.dedup_key)  # fmt: skip
    lately = sa.func.max(of.made_at) > now - since
    seen = seen.having(lately) if keys is None else seen.where(of.dedup_key.in_(keys))
    words = {row.dedup_key: row for row in conn.execute(sa.select(alert_word).order_by(alert_word.c.word_id))}
    found = []
    for row in conn.execute(seen.order_by(last.desc(), of.dedup_key)):
        word = words.get(row.dedup_key)
        found.append(
            Noticed(
                row.dedup_key, row.kind, row.severity, row.subject, row.message, row.path, row.first, row.last,
                row.times, word.said_by if word else None, word.made_at if word else None, word.note if word else "",
            )
        )  # fmt: skip
    return found


def waiting_alerts(conn: sa.Connection, now: datetime) -> int:
    """How many alerts of the last days nobody has taken note of, mere notes left out."""
    return sum(one.noted_by is None and one.severity != NOTE for one in standing(conn, LATELY, now))


def sendings(conn: sa.Connection, since: date) -> list[Sending]:
    """Tries since that day of the office, in order."""
    query = sa.select(alert_sending).where(alert_sending.c.day >= since).order_by(alert_sending.c.sending_id)
    return [
        Sending(row.what, row.channel, row.day, tuple(row.keys), row.sent, row.fault, row.made_at)
        for row in conn.execute(query)
    ]


def told_of(conn: sa.Connection, channel: str, what: str, keys: Collection[str]) -> set[str]:
    """Of these alerts those that a letter of this kind told by this channel, however long ago: each is told once."""
    of = alert_sending.c
    told = sa.select(sa.func.unnest(of["keys"]).label("key")).where(of.channel == channel, of.what == what, of.sent)
    every = told.subquery("told")
    return set(conn.scalars(sa.select(every.c.key).where(every.c.key.in_(list(keys))).distinct()))


def settle(
    conn: sa.Connection, kinds: Collection[str], found: Collection[str], unsure: Collection[str], now: datetime
) -> None:
    """Take note, in nobody's name, of open alerts of these kinds that are `found` no more; not of subjects that are `unsure`."""
    for one in standing(conn, LATELY, now):
        if one.kind in kinds and one.noted_by is None and one.key not in found and one.subject not in unsure:
            conn.execute(alert_word.insert().values(dedup_key=one.key, said_by=ITSELF, note="再次检查时已经解决"))


def acknowledge(conn: sa.Connection, key: str, *, by: str, note: str = "") -> None:
    """Put down that somebody has taken note: it is escalated no more. UsageError for an alert that there is not."""
    if not conn.scalar(sa.select(sa.func.count()).where(alert.c.dedup_key == key)):
        raise UsageError("没有这条告警，请刷新页面")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"说明最多 {LONGEST_NOTE} 字")
    conn.execute(alert_word.insert().values(dedup_key=key, said_by=by, note=redact(note)))
