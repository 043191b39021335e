"""Read alerts as they stand, each with how often it was seen, what was sent of it and who has taken note; take note of one.

A matter that ended by itself and is seen again is a new occurrence: it is counted, told and noted anew (ADR 115).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
EVER = timedelta(days=3650)
LONGEST_NOTE = 200
ITSELF = "系统"
"""Who takes note of what ended by itself."""


@dataclass(frozen=True)
class Noticed:
    """An alert, in its newest occurrence. Moments are those of the database's clock; `count`: how often it was noticed;
    `ended`: it was found no more."""

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
    ended: bool = False

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
    seen_last = sa.select(of.dedup_key, last).group_by(of.dedup_key)
    lately = sa.func.max(of.made_at) > now - since
    matter = (seen_last.having(lately) if keys is None else seen_last.where(of.dedup_key.in_(keys))).subquery("matter")
    before = _ended_before(matter)
    seen = sa.select(
        of.dedup_key, newest(of.kind).label("kind"), newest(of.severity).label("severity"),
        newest(of.subject).label("subject"), newest(of.message).label("message"), newest(of.path).label("path"),
        first, last, sa.func.count().label("times"),
    ).group_by(of.dedup_key)  # fmt: skip
    seen = seen.join(matter, matter.c.dedup_key == of.dedup_key).outerjoin(before, before.c.dedup_key == of.dedup_key)
    seen = seen.where(sa.or_(before.c.at.is_(None), of.made_at > before.c.at))
    words: dict[str, list[sa.Row]] = {}
    for one in conn.execute(sa.select(alert_word).order_by(alert_word.c.word_id)):
        words.setdefault(one.dedup_key, []).append(one)
    found = []
    for row in conn.execute(seen.order_by(last.desc(), of.dedup_key)):
        said = [one for one in words.get(row.dedup_key, ()) if one.made_at >= row.first]
        word = next((one for one in reversed(said) if one.said_by != ITSELF), said[-1] if said else None)
        found.append(
            Noticed(
                row.dedup_key, row.kind, row.severity, row.subject, row.message, row.path, row.first, row.last,
                row.times, word.said_by if word else None, word.made_at if word else None, word.note if word else "",
                any(one.said_by == ITSELF for one in said),
            )
        )  # fmt: skip
    return found


def _ended_before(matter: sa.Subquery) -> sa.Subquery:
    """When each matter had last ended by itself before it was last seen: what was seen and said until then is history."""
    word = alert_word.c
    ended = sa.select(word.dedup_key, sa.func.max(word.made_at).label("at")).join(
        matter, matter.c.dedup_key == word.dedup_key
    )
    past = ended.where(word.said_by == ITSELF, word.made_at < matter.c.last)
    return past.group_by(word.dedup_key).subquery("before")


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


def told_of(conn: sa.Connection, channel: str, what: str, alerts: Iterable[Noticed]) -> set[str]:
    """Keys of those alerts that a letter of this kind told by this channel, however long ago: each occurrence is told once."""
    of, began = alert_sending.c, {one.key: one.first_seen for one in alerts}
    told = sa.select(sa.func.unnest(of["keys"]).label("key"), of.made_at)
    every = told.where(of.channel == channel, of.what == what, of.sent).subquery("told")
    last = sa.select(every.c.key, sa.func.max(every.c.made_at)).where(every.c.key.in_(list(began)))
    return {key for key, at in conn.execute(last.group_by(every.c.key)) if at >= began[key]}


def settle(
    conn: sa.Connection, kinds: Collection[str], found: Collection[str], unsure: Collection[str], now: datetime
) -> None:
    """End alerts of these kinds that are `found` no more, whoever took note of them; not those of subjects that are `unsure`."""
    for one in standing(conn, EVER, now):
        if one.kind in kinds and not one.ended and one.key not in found and one.subject not in unsure:
            _say(conn, one.key, ITSELF, "再次检查时已经解决")


def acknowledge(conn: sa.Connection, key: str, *, by: str, note: str = "") -> None:
    """Put down that somebody has taken note: it is escalated no more. UsageError for an alert that there is not."""
    if not conn.scalar(sa.select(sa.func.count()).where(alert.c.dedup_key == key)):
        raise UsageError("没有这条告警，请刷新页面")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"说明最多 {LONGEST_NOTE} 字")
    _say(conn, key, by, redact(note))


def _say(conn: sa.Connection, key: str, by: str, note: str) -> None:
    """Of this moment, not of the transaction's start: words and sights are told apart by when they were."""
    at = sa.func.clock_timestamp()
    conn.execute(alert_word.insert().values(dedup_key=key, said_by=by, note=note, made_at=at))
