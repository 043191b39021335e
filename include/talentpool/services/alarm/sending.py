"""Decide what is to be sent of the alerts, to which channels, and put each try on record.

At once: a letter of what is new, one for all. After `alert_hours` without anybody's note: the same to the second addresses.
Once a day: a digest, also of a day on which nothing happened: one that does not come says that something is dead. What could
not be sent is tried again with growing pauses; it never fails whoever raised the alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from talentpool.locks import ALERTS_LOCK, try_hold
from talentpool.model import alert_sending
from talentpool.office import Office
from talentpool.office_day import OFFICE_TIME
from talentpool.services.alarm.kinds import NOTE
from talentpool.services.alarm.letters import Letter, digest, letter
from talentpool.services.alarm.standing import LATELY, Noticed, Sending, sendings, standing, told_of

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (10, 20, 40, 80, 160, 240))
"""Before a channel that failed so often in a row is tried again; the last one for good."""
SECOND = "-second"


class UnsentError(Exception):
    """The other side did not take it; the text is a kind of error, and holds no address."""


class Channel(Protocol):
    """A way out. `name`: as the tables have it; ending in SECOND it leads to the second address."""

    @property
    def name(self) -> str: ...

    def send(self, told: Letter) -> None:
        """UnsentError when it was not taken."""


@dataclass(frozen=True)
class Round:
    """What one round of sending did: letters sent, and those that were not."""

    sent: int = 0
    unsent: int = 0
    busy: bool = False


def send_due(office: Office, channels: Sequence[Channel], today: date, now: datetime, base: str) -> Round:
    """Send what is due now. `base`: where the site is opened, for links. `busy`: another process is at it."""
    with office.engine.begin() as holding:
        if not try_hold(holding, ALERTS_LOCK):
            return Round(busy=True)
        outcomes = [
            _try(office, channel, what, told, today)
            for channel in channels
            for what, told in _due(office, channel, today, now, base)
        ]
    return Round(outcomes.count(True), outcomes.count(False))


def _due(office: Office, channel: Channel, today: date, now: datetime, base: str) -> list[tuple[str, Letter]]:
    """Letters of this channel, with what each is."""
    with office.engine.connect() as conn:
        alerts = standing(conn, LATELY, now)
        tries = [one for one in sendings(conn, today - LATELY) if one.channel == channel.name]
        if is_resting(tries, now):
            return []
        hours, waiting = office.settings.alert_hours, _open(alerts)
        if channel.name.endswith(SECOND):
            told = told_of(conn, channel.name, "escalated", waiting)
            late = [one for one in waiting if one.key not in told and now - one.first_seen >= timedelta(hours=hours)]
            return [("escalated", letter(late, base, escalated=hours))] if late else []
        told = told_of(conn, channel.name, "first", waiting)
        new = [one for one in waiting if one.key not in told]
        found = [("first", letter(new, base))] if new else []
        digested = any(one.what == "digest" and one.sent and one.day == today for one in tries)
        if not digested and now.astimezone(OFFICE_TIME).hour >= office.settings.alert_digest_hour:
            found.append(("digest", digest(conn, office, alerts, today, base)))
    return found


def _open(alerts: Iterable[Noticed]) -> list[Noticed]:
    """Of which nobody has taken note; a mere note is for page and digest."""
    return [one for one in alerts if one.noted_by is None and one.severity != NOTE]


def is_resting(tries: Sequence[Sending], now: datetime) -> bool:
    """Whether a channel that failed the last times is left alone for now."""
    failed = 0
    for one in reversed(tries):
        if one.sent:
            break
        failed += 1
    return failed > 0 and now - tries[-1].made_at < PAUSES[min(failed, len(PAUSES)) - 1]


def _try(office: Office, channel: Channel, what: str, told: Letter, today: date) -> bool:
    """Send it, and put down at once what became of it; whatever a channel does, the others get their turn."""
    fault = ""
    try:
        channel.send(told)
    except UnsentError as error:
        fault = str(error)
    except Exception as error:  # noqa: BLE001
        fault = f"没有送达（{type(error).__name__}）"  # its text may hold an address
    with office.engine.begin() as conn:
        conn.execute(
            alert_sending.insert().values(
                what=what, channel=channel.name, day=today, keys=list(told.keys), sent=not fault, fault=fault
            )
        )
    return not fault
