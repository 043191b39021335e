"""Search the audit log for an auditor, and pick out what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.guard import gather
from talentpool.model import audit_log
from talentpool.office_day import in_office
from talentpool.services.desk.look_up import missed

MOST = 200
DAYS = 30
MANY_REVEALS, MANY_PEOPLE, MANY_SEARCHES, MANY_REFUSALS = 10, 50, 100, 10
"""By one person on one day: from so many on it is shown."""
MANY_MISSES, MANY_MISSES_IN_ALL = 5, 20
"""Searches by a number that found nobody, by one person: on one day, and in all the days that are looked at. Whoever
guesses slowly stays below the first."""
NIGHT_FROM, NIGHT_TO = 22, 6
LOOKS = ("view", "reveal")
AT_NIGHT = ("view", "reveal", "search", "export")


@dataclass(frozen=True)
class Asked:
    """What is searched for; '' and None leave open."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Unusual:
    """One person's day. `what`: reveals, night, scan, searches, misses, refusals; guesses: misses of all the days up to it."""

    day: date
    actor: str
    what: str
    count: int


def _local() -> sa.ColumnElement[Any]:
    return in_office(audit_log.c.at)


def search_log(conn: sa.Connection, asked: Asked) -> list[Any]:
    """Rows, newest first, MOST + 1 at most; days are the office's, `until` included."""
    gather(conn)
    log = audit_log
    query = sa.select(
        log.c.seq, log.c.at, log.c.actor, log.c.action, log.c.subject, log.c.reason, log.c.scope, log.c.details
    )
    for column, value in ((log.c.subject, asked.subject), (log.c.actor, asked.actor), (log.c.action, asked.action)):
        if value:
            query = query.where(column == value)
    if asked.since:
        query = query.where(log.c.at >= in_office(sa.cast(asked.since, sa.DateTime())))
    if asked.until:
        after = sa.cast(asked.until, sa.DateTime()) + sa.literal(timedelta(days=1))
        query = query.where(log.c.at < in_office(after))
    return list(conn.execute(query.order_by(log.c.seq.desc()).limit(MOST + 1)))


def unusual(conn: sa.Connection, today: date) -> list[Unusual]:
    """Many reveals, refusals or misses in a day, looks at night, more people than anybody's work needs; newest first."""
    gather(conn)
    log = audit_log
    day = sa.cast(_local(), sa.Date).label("day")
    hour = sa.func.extract("hour", _local())
    night = sa.or_(hour >= NIGHT_FROM, hour < NIGHT_TO)
    of = sa.func.count()
    rows = conn.execute(
        sa.select(
            day,
            log.c.actor,
            of.filter(log.c.action == "reveal").label("reveals"),
            of.filter(log.c.action.in_(AT_NIGHT), night).label("night"),
            sa.func.count(log.c.subject.distinct()).filter(log.c.action.in_(LOOKS)).label("scan"),
            of.filter(log.c.action == "search").label("searches"),
            of.filter(missed()).label("misses"),
            of.filter(log.c.action == "refused").label("refusals"),
        )
        .where(log.c.at >= in_office(sa.cast(today - timedelta(days=DAYS), sa.DateTime())))
        .group_by(day, log.c.actor)
        .order_by(day.desc(), log.c.actor)
    ).all()
    least = {
        "reveals": MANY_REVEALS,
        "night": 1,
        "scan": MANY_PEOPLE,
        "searches": MANY_SEARCHES,
        "misses": MANY_MISSES,
        "refusals": MANY_REFUSALS,
    }
    found = [
        Unusual(row.day, row.actor, what, getattr(row, what))
        for row in rows
        for what, enough in least.items()
        if getattr(row, what) >= enough
    ]
    return sorted([*found, *_guesses(rows)], key=lambda one: one.day, reverse=True)


def _guesses(rows: Sequence[Any]) -> list[Unusual]:
    """Who missed too often in all the days, by the newest day on which they did."""
    missed_on: dict[str, list[Any]] = {}
    for row in rows:
        if row.misses:
            missed_on.setdefault(row.actor, []).append(row)
    sums = [(max(row.day for row in of), actor, sum(row.misses for row in of)) for actor, of in missed_on.items()]
    return [Unusual(day, actor, "guesses", count) for day, actor, count in sums if count >= MANY_MISSES_IN_ALL]
