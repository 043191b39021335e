"""Search as a page does: within the day's limit of misses, on record, in one transaction.

A number that is guessed is confirmed by a hit, and whoever guesses mostly misses. So searches by a number that found
nobody are counted, per person and day of the office, and beyond so many none is made: the answer to the next would be
one more guess. A search that finds costs nothing, and a name is no number; but a name in more than one county is looked
for so many times in an hour only, so that nobody reads the whole area by its commoner names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.conform.lookup import name_hash
from talentpool.guard import KeyRing, audit
from talentpool.model import audit_log, audit_waiting
from talentpool.office_day import office_midnight
from talentpool.services.desk.find import Hits, Wanted, find_people
from talentpool.settings import Settings

NUMBERS = ("document", "mobile", "staff_no", "suspended")
"""Ways to search that a guess can be put to; a staff number is one too: some partners use the mobile for it. `suspended`:
by a staff number among those whose consent ended (the page 授权待核实)."""


@dataclass(frozen=True)
class LookedUp:
    """`found`: as find_people says. `opens_at`: the day's misses, or the hour's wide searches, are used up until then, and
    nothing was looked for; `left`: misses that are left today, None where they are not counted."""

    found: Hits | None = None
    opens_at: datetime | None = None
    left: int | None = None


def look_up(
    conn: sa.Connection, keys: KeyRing, settings: Settings, wanted: Wanted, *, actor: str, area: str
) -> LookedUp:
    """Look for somebody through a connection scoped to `actor`, and write that down: how and with how many hits.

    Two searches of one person at once come one after the other: of the last miss there is one.
    """
    subject, counted = f"search:{wanted.by}", wanted.by in NUMBERS
    left = None
    if counted:
        left, opens_at = misses_left(conn, settings, subject, actor=actor, area=area)
        if opens_at is not None:
            return LookedUp(opens_at=opens_at, left=0)
    if wanted.wide and (opens_at := _wide_again_at(conn, settings, subject, actor=actor, area=area)):
        return LookedUp(opens_at=opens_at)
    found = find_people(conn, keys, wanted)
    people = found.people if found else 0
    details: dict[str, Any] = {"people": people, "usable": found is not None}
    if found and wanted.by == "name":  # the same name again is seen to be the same, and is not told
        details |= {
            "hash": name_hash(keys, wanted.value),
            "counties": len(wanted.counties),
            "records": len(found.records),
        }
    audit(conn, "search", subject, actor=actor, scope=area, details=details)
    if left is not None and found is not None and not people:
        left -= 1
    return LookedUp(found, left=left)


def misses_left(
    conn: sa.Connection, settings: Settings, subject: str, *, actor: str, area: str
) -> tuple[int, datetime | None]:
    """How often `actor` may miss today, and, when never, from when on again: that is on record as refused. Until `conn` ends
    no other search of theirs begins; whoever asks writes the search down as missed() counts it."""
    conn.execute(sa.select(sa.func.reveal_turn()))  # the same turn: a look and a search of one person never meet
    left = settings.misses_per_day - _misses_today(conn, actor)
    if left > 0:
        return left, None
    audit(conn, "refused", subject, actor=actor, reason="search: misses", scope=area, details={"why": "misses"})
    return 0, conn.scalar(sa.select(office_midnight(days=1)))


def _wide_again_at(conn: sa.Connection, settings: Settings, subject: str, *, actor: str, area: str) -> datetime | None:
    """None while `actor` may look for a name in several counties; else from when on again, and that is on record."""
    conn.execute(sa.select(sa.func.reveal_turn()))
    hour_ago = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, 1)
    made = [
        sa.select(log.c.at).where(
            log.c.actor == actor, log.c.at >= hour_ago, log.c.action == "search", log.c.subject == subject,
            sa.cast(log.c.details["counties"].astext, sa.Integer) > 1,
        )
        for log in (audit_log, audit_waiting)
    ]  # fmt: skip
    at = sorted(conn.scalars(sa.union_all(*made)))
    if len(at) < settings.wide_searches_per_hour:
        return None
    audit(conn, "refused", subject, actor=actor, reason="search: names", scope=area, details={"why": "names"})
    opens: datetime = at[-settings.wide_searches_per_hour] + timedelta(hours=1)
    return opens


def missed(table: sa.Table = audit_log) -> sa.ColumnElement[bool]:
    """Rows of the audit log that are a search by a number which found nobody."""
    log = table.c
    return sa.and_(
        log.action == "search",
        log.subject.in_([f"search:{by}" for by in NUMBERS]),
        log.details["people"].astext == "0",
        log.details["usable"].astext == "true",
    )


def _misses_today(conn: sa.Connection, actor: str) -> int:
    # as for reveals: in one statement a row stands in the log or waits for it
    counts = (
        sa.select(sa.func.count())
        .where(log.c.actor == actor, log.c.at >= office_midnight(), missed(log))
        .scalar_subquery()
        for log in (audit_log, audit_waiting)
    )
    return conn.scalar(sa.select(sum(counts, start=sa.literal(0)))) or 0
