"""Say of each partner's rosters of some months when they are expected and what became of them.

A roster is due when the partner's cadence comes round, on a working day; from `lead_days` before it is announced, after its
grace it is late, and once the next one is due it is missing. One meets it that speaks of later facts than the round before
could: dated up to its own day, or landed before the next one was due. A partner of whom nothing was ever published is not
connected yet, and nobody waits for it (docs/adr/0081).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa

from talentpool.acquire import load_partner
from talentpool.declare import partner_files
from talentpool.declare.due import Due, rounds
from talentpool.declare.occasion import WorkingDays
from talentpool.declare.partner import Partner
from talentpool.deliveries.delivery_state import HANDLED, State
from talentpool.errors import DeclarationError
from talentpool.model import delivery
from talentpool.office import Office
from talentpool.office_day import in_office
from talentpool.reference import working_days

EARLY = timedelta(days=7)
"""So long before the last round came round a roster may land and still be of this one: not a year before, by a mistyped date."""
MARGIN = timedelta(days=100)
"""So much later the round after the last one of a period has come round, of a cadence that does so every quarter at least."""


class Standing(StrEnum):
    """What became of a roster that was or is to be due."""

    PLANNED = "planned"
    EXPECTED = "expected"
    RECEIVED = "received"
    HELD = "on_hold"
    LATE = "late"
    MISSING = "missing"
    UNCONNECTED = "unconnected"


WORDS = {
    Standing.PLANNED: "计划", Standing.EXPECTED: "待到", Standing.RECEIVED: "已收到", Standing.HELD: "搁置",
    Standing.LATE: "迟到", Standing.MISSING: "缺失", Standing.UNCONNECTED: "未接入",
}  # fmt: skip
"""What officers read."""


@dataclass(frozen=True)
class Expected:
    """A roster of the calendar. `came`: the office's day on which it landed; `in_time`: within its grace; `handed_in`: its
    grace had ended before anything of the partner landed, so that nobody was late; `rejected`: one came and was sent back, and
    none since."""

    due: Due
    standing: Standing
    came: date | None = None
    delivery_id: int | None = None
    in_time: bool = True
    handed_in: bool = False
    rejected: bool = False
    near: bool = False

    @property
    def words(self) -> str:
        if self.standing == Standing.RECEIVED and self.handed_in:
            return "已收到（补录）"
        if self.standing == Standing.RECEIVED and not self.in_time:
            return "已收到（迟）"
        return WORDS[self.standing] + ("（已退回）" if self.rejected else "")


@dataclass(frozen=True)
class PartnerCalendar:
    """A partner's rosters of a period. `partner` is None where the declaration cannot be read: nobody can tell."""

    code: str
    name: str
    partner: Partner | None
    rosters: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class _Came:
    delivery_id: int
    as_of: date
    day: date
    state: str


def calendars(conn: sa.Connection, office: Office, first: date, last: date, today: date) -> list[PartnerCalendar]:
    """Of every partner, by code; reads only. `first`, `last`: days on which a roster is due; `today`: the office's."""
    working = working_days(conn)
    landed, begun = _landed(conn), _begun(conn)
    found = []
    for code in partner_files(office.settings.partner_dirs):
        try:
            partner = load_partner(office.settings.partner_dirs, code)
        except DeclarationError:
            found.append(PartnerCalendar(code, code, None))
            continue
        due = rounds(partner, first, last + MARGIN, working)
        rosters = tuple(
            _standing(partner, due, place, landed.get(code, []), begun.get(code), today, working)
            for place, one in enumerate(due)
            if one.on <= last
        )
        found.append(PartnerCalendar(code, partner.name, partner, rosters))
    return found


def _standing(
    partner: Partner, due: Sequence[Due], place: int, landed: Sequence[_Came], begun: date | None, today: date,
    working: WorkingDays,
) -> Expected:  # fmt: skip
    """What became of `due[place]`."""
    one, after = due[place], due[place + 1] if place + 1 < len(due) else None
    first = (
        landed[0].day if landed else date.min
    )  # an officer's few rows connect a partner, and are no roster that came
    met = [came for came in landed if came.as_of > one.after and came.day > one.after - EARLY
           and (came.as_of <= one.fires or after is None or came.day < after.on)]  # fmt: skip
    good = min((came for came in met if came.state == State.PUBLISHED), key=lambda came: came.day, default=None)
    held = next((came for came in met if came.state == State.HELD), None)
    ended = (*HANDLED, State.REJECTED)  # what landed and is not looked at within a day is no roster that came
    way = next((came for came in met if came.state not in ended and came.day >= today - timedelta(days=1)), None)
    best = good or held or way
    if best is not None:
        standing = Standing.HELD if best is held else Standing.RECEIVED
        return Expected(
            one, standing, best.day, best.delivery_id, in_time=best.day <= one.until, handed_in=one.until < first
        )
    if begun is None or one.on < begun or one.until < first:  # nobody was connected then
        return Expected(one, Standing.UNCONNECTED)
    rejected = bool(met)
    if after is not None and today >= after.on:
        return Expected(one, Standing.MISSING, rejected=rejected)
    if today > one.until:
        return Expected(one, Standing.LATE, rejected=rejected)
    if today >= one.on:
        return Expected(one, Standing.EXPECTED, rejected=rejected, near=True)
    announced = working.on_or_before(one.on - timedelta(days=partner.cadence.lead_days))
    return Expected(one, Standing.PLANNED, near=announced <= today)


def _landed(conn: sa.Connection) -> dict[str, list[_Came]]:
    """Partner -> its deliveries, in the order in which they landed; the few rows of an officer are no roster that came."""
    of = delivery.c
    day = sa.cast(in_office(of.landed_at), sa.Date).label("day")
    query = sa.select(of.partner, of.delivery_id, of.as_of, day, of.state).where(of.sent_counties.is_(None))
    query = query.order_by(of.delivery_id)
    found: dict[str, list[_Came]] = {}
    for row in conn.execute(query):
        found.setdefault(row.partner, []).append(_Came(row.delivery_id, row.as_of, row.day, row.state))
    return found


def _begun(conn: sa.Connection) -> dict[str, date]:
    """Partner -> the earliest day of which anything was published live: from then on it is connected. A roster of before that is
    handed in later asks for none between."""
    of = delivery.c
    query = (
        sa.select(of.partner, sa.func.min(of.as_of).label("first"))
        .where(of.state == State.PUBLISHED, of.effect == "live")
        .group_by(of.partner)
    )
    return {row.partner: row.first for row in conn.execute(query)}
