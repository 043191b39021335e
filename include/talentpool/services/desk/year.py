"""Put together what the page 年度活动日历 shows: rounds with their lists, what is next, what is to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.life.states import FROZEN, OPEN, PLANNED, ListState
from talentpool.campaigns.planning.calendar import STEPS, Planned, calendar_of, missing_years, months_later
from talentpool.campaigns.planning.cautions import overlaps, unchecked_years
from talentpool.campaigns.planning.dates import GONE, Made, cancelled, dates, with_dates
from talentpool.campaigns.planning.lawful import notices_for
from talentpool.campaigns.planning.reach import Reach, reach
from talentpool.declare import Campaign
from talentpool.declare.occasion import say_cycle
from talentpool.model import target_list
from talentpool.reference import working_days

MONTHS = 12
SOON = timedelta(days=30)
DONE_IN: dict[str, tuple[str, ...]] = {"draw": (*OPEN, *FROZEN), "freeze": FROZEN}
"""Step -> states of a list in which it is done."""
OVERDUE, MISSED = "overdue", "missed"
"""A round without a list whose draw should have been; whose occasion is over. Before that it is PLANNED."""


@dataclass(frozen=True)
class Entry:
    """A round. `state`: of its list, or that it is cancelled, or one of PLANNED, OVERDUE, MISSED; `draws_on`: when it is drawn
    by itself; `made`: by whom it was moved or added; `may_move`: whether it could be, now."""

    planned: Planned
    state: str
    list_id: int | None
    draws_on: date
    made: Made | None
    may_move: bool


@dataclass(frozen=True)
class Step:
    """What is to be done soon."""

    day: date
    left: int
    what: str
    name: str
    cycle: str


@dataclass(frozen=True)
class Unlawful:
    """A campaign whose purpose no notice names, and whom it would reach; None = there is no pool yet."""

    name: str
    purpose: str
    reach: Reach | None


@dataclass(frozen=True)
class Year:
    """`missing`: years without a holiday table; `made`: every day on record, the newest first."""

    start: date
    end: date
    entries: list[Entry]
    soon: list[Step]
    missing: list[int]
    unlawful: list[Unlawful]
    cautions: list[str]
    made: list[Made]


def year_of(
    conn: sa.Connection, campaigns: Sequence[Campaign], today: date, counties: Collection[str] | None = None
) -> Year:
    """Twelve months from `today` on; people are counted in these counties (None = all)."""
    working, kept = working_days(conn), [with_dates(conn, campaign) for campaign in campaigns]
    end = months_later(today, MONTHS) - timedelta(days=1)
    rows = calendar_of(kept, today, end, working)
    made = dates(conn, withdrawn=True)
    held = {(one.campaign, one.cycle): one for one in made if one.withdrawn_at is None}
    lists = _lists(conn)
    leads = {campaign.code: campaign.lead_days for campaign in kept}
    entries = [
        _entry(row, lists.get((row.campaign, row.cycle)), held.get((row.campaign, row.cycle)), today,
               row.first - timedelta(days=leads[row.campaign]))
        for row in rows
    ]  # fmt: skip
    return Year(
        today, end, entries, _soon(entries, today), missing_years(rows, working),
        [_unlawful(conn, campaign, counties) for campaign in kept if not notices_for(conn, campaign.purpose, today)],
        [*overlaps(kept, rows), *unchecked_years(kept, rows)], made[::-1],
    )  # fmt: skip


def _lists(conn: sa.Connection) -> dict[tuple[str, str], tuple[int | None, str]]:
    """(campaign, cycle) -> number and state of the list that stands: one that was locked before any other, supplements last.
    A round that was cancelled has none."""
    of = target_list.c
    order = (of.supplement, of.locked_at.is_not(None).desc(), of.list_id.desc())
    query = sa.select(of.campaign, of.cycle, of.list_id, of.state).where(of.state.not_in(GONE))
    query = query.ext(distinct_on(of.campaign, of.cycle)).order_by(of.campaign, of.cycle, *order)
    gone: dict[tuple[str, str], tuple[int | None, str]] = dict.fromkeys(cancelled(conn), (None, ListState.CANCELLED))
    return {(row.campaign, row.cycle): (row.list_id, row.state) for row in conn.execute(query)} | gone


def _entry(row: Planned, there: tuple[int | None, str] | None, made: Made | None, today: date, draws_on: date) -> Entry:
    without = MISSED if row.last < today else OVERDUE if draws_on < today else PLANNED
    list_id, state = there or (None, without)
    extra = made is not None and made.replaces is None
    return Entry(
        row, state, list_id, draws_on, made, may_move=row.last >= today and not extra and state != ListState.CANCELLED
    )


def _soon(entries: Sequence[Entry], today: date) -> list[Step]:
    """Steps and occasions of the next thirty days that are still to be done, the nearest first."""
    order = [*STEPS]
    rows = [(entry.planned, entry.state) for entry in entries if entry.state != ListState.CANCELLED]
    days = [
        (day, order.index(step), STEPS[step], row)
        for row, state in rows
        for step, day in row.days.items()
        if state not in DONE_IN.get(step, ())
    ]
    days += [(row.first, len(order), "活动日", row) for row, _ in rows if row.days["hand_out"] != row.first]
    near = sorted(
        (one for one in days if today <= one[0] <= today + SOON), key=lambda one: (one[0], one[1], one[3].name)
    )
    return [Step(day, (day - today).days, what, row.name, say_cycle(row.cycle)) for day, _, what, row in near]


def _unlawful(conn: sa.Connection, campaign: Campaign, counties: Collection[str] | None) -> Unlawful:
    return Unlawful(campaign.name, campaign.purpose, reach(conn, campaign, counties))
