"""Show the rounds of all campaigns on one board: where each stands, what it waits for, and the day that is next.

People come through the caller's own connection, so a county reads its own numbers; days and rounds name nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.campaigns.life.states import FROZEN, OPEN, ListState
from talentpool.campaigns.life.steps import Step, steps
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.planning.calendar import Planned, calendar_of, months_later
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.planning.lawful import notices_for
from talentpool.declare import Campaign
from talentpool.declare.rules import MEETS_EVERY_RULE
from talentpool.model import cancelled_round, target_list, target_row
from talentpool.reference import working_days

MOST = 60
"""Lists on the board at most, the newest."""
AHEAD = 12
"""Months in which the next round of a campaign is looked for."""


@dataclass(frozen=True)
class Counted:
    """People of a list that the reader may see."""

    eligible: int
    selected: int


@dataclass(frozen=True)
class Drawn:
    """A list on the board. `steps`: approvals of the reader's sight, given or missing; `next`: what is due next, a step of
    campaigns.planning.calendar, and `day` its day; None where nothing is, or the declaration is gone."""

    stored: Stored
    counted: Counted
    steps: list[Step]
    next: str | None
    day: date | None

    @property
    def open(self) -> bool:
        return self.stored.state in OPEN

    @property
    def missing(self) -> list[Step]:
        return [step for step in self.steps if step.approved_by is None]

    @property
    def lacks_other_counties(self) -> bool:
        """Whether a county is silent whose approval the reader does not see."""
        given = [step.approved_by is not None for step in self.steps if step.county is not None]
        return self.stored.state == ListState.DRAFT and bool(given) and all(given)


@dataclass(frozen=True)
class Ahead:
    """The next round of a campaign, of which no list is drawn. `cancelled`: who said that it does not take place, and why."""

    campaign: str
    name: str
    cycle: str
    day: date
    first: date
    lawful: bool
    cancelled: tuple[str, str] | None = None


def drawn_lists(conn: sa.Connection, days: dict[tuple[str, str], Planned]) -> list[Drawn]:
    """The newest lists that the connection sees, void ones left out."""
    of = target_list.c
    columns = [of[name] for name in Stored.__dataclass_fields__]
    query = sa.select(*columns).where(of.state != ListState.VOID)
    stored = [Stored(*row) for row in conn.execute(query.order_by(of.as_of.desc(), of.list_id.desc()).limit(MOST))]
    counts = _counted(conn, [one.list_id for one in stored])
    return [_drawn(conn, one, counts.get(one.list_id, Counted(0, 0)), days) for one in stored]


def _drawn(conn: sa.Connection, one: Stored, counted: Counted, days: dict[tuple[str, str], Planned]) -> Drawn:
    step = "freeze" if one.state in OPEN else "hand_out" if one.state in FROZEN else None
    if one.state == ListState.CLOSED:
        step = None
    planned = days.get((one.campaign, one.cycle))
    day = planned.days[step] if planned is not None and step is not None else None
    return Drawn(one, counted, steps(conn, one.list_id) if one.state in OPEN else [], step if day else None, day)


def _counted(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Counted]:
    of = target_row.c
    eligible = sa.func.count().filter(of.reason.in_(MEETS_EVERY_RULE))
    query = sa.select(of.list_id, eligible, sa.func.count().filter(of.selected)).where(of.list_id.in_(ids))
    return {number: Counted(meets, on) for number, meets, on in conn.execute(query.group_by(of.list_id))}


def days_of(conn: sa.Connection, campaigns: Iterable[Campaign], today: date) -> dict[tuple[str, str], Planned]:
    """(campaign, cycle) -> its days, of a year back and a year ahead. For the pipeline's login."""
    kept = [with_dates(conn, campaign) for campaign in campaigns]
    found = calendar_of(kept, months_later(today, -12), months_later(today, AHEAD), working_days(conn))
    return {(one.campaign, one.cycle): one for one in found}


def rounds_ahead(
    conn: sa.Connection, campaigns: Collection[Campaign], days: dict[tuple[str, str], Planned], today: date
) -> list[Ahead]:
    """Each campaign's next round without a list, by the day on which it is drawn; and those of the rounds ahead that were
    cancelled before. For the pipeline's login."""
    of, off = target_list.c, cancelled_round.c
    taken = {(campaign, cycle) for campaign, cycle in conn.execute(
        sa.select(of.campaign, of.cycle).where(of.state != ListState.VOID).distinct())}  # fmt: skip
    gone = {(row.campaign, row.cycle): (row.cancelled_by, row.reason) for row in conn.execute(
        sa.select(off.campaign, off.cycle, off.cancelled_by, off.reason))}  # fmt: skip
    found = []
    for campaign in campaigns:
        lawful = bool(notices_for(conn, campaign.purpose, today))
        for one in sorted((one for one in days.values() if one.campaign == campaign.code), key=lambda one: one.first):
            if one.last < today or (one.campaign, one.cycle) in taken:
                continue
            off_it = gone.get((one.campaign, one.cycle))
            found.append(Ahead(one.campaign, one.name, one.cycle, one.days["draw"], one.first, lawful, off_it))
            if off_it is None:
                break
    return sorted(found, key=lambda one: (one.day, one.campaign, one.cycle))
