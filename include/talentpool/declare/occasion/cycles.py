"""Tell on which days a campaign's lists are drawn, and which cycle a date belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from talentpool.declare.occasion.kinds import Turn
from talentpool.errors import UsageError

if TYPE_CHECKING:
    from talentpool.declare.campaign import Campaign

SEASON_DAYS = 92
"""A list may be locked a season before its occasion, or as early as the campaign's own lead."""


EXTRA = "X"
"""What the second part of an extra round's cycle begins with: 2027-X0308."""


def turns(campaign: Campaign, years: Iterable[int]) -> list[Turn]:
    """Every turn named after these years, by their first days: as declared, but for what officers moved or added."""
    wanted = set(years)
    declared = {turn.cycle: turn for year in wanted for turn in campaign.occasion.turns(year)}
    made = {dated.turn.cycle: dated.turn for dated in campaign.dates}
    moved = {cycle: made[cycle] for cycle in declared.keys() & made.keys()}
    extra = {cycle: turn for cycle, turn in made.items() if is_extra(cycle) and int(cycle[:4]) in wanted}
    return sorted((declared | moved | extra).values(), key=lambda turn: (turn.first, turn.cycle))


def extra_cycle(first: date) -> str:
    """The cycle of a round that an officer adds for a day: 2027-X0308. No declared cycle is called so, and two campaigns
    of one purpose that are added for one day serve one cycle."""
    return f"{first.year}-{EXTRA}{first:%m%d}"


def is_extra(cycle: str) -> bool:
    """Whether a cycle is of a round that an officer added."""
    return cycle[4:6] == f"-{EXTRA}"


def draw_day(campaign: Campaign, turn: Turn) -> date:
    """The day from which on the turn's list is drawn."""
    return turn.first - timedelta(days=campaign.lead_days)


def event_dates(campaign: Campaign, years: Iterable[int]) -> list[date]:
    """The days on which the campaign's lists are drawn: `lead_days` before each occasion, ascending."""
    return [draw_day(campaign, turn) for turn in turns(campaign, years)]


def turn_of(campaign: Campaign, as_of: date) -> Turn:
    """The turn that facts of `as_of` serve: the first declared (or moved) one whose last day is on or after it.

    A list drawn late therefore keeps an as-of before its occasion ends; drawn with a later one it is the next turn's.
    An extra round has the days from its draw to its last day, but for those on which the declared one's draw came later.
    """
    near = turns(campaign, range(as_of.year - 1, as_of.year + 3))  # a season or days_before may cross the new year
    regular = next(turn for turn in near if turn.last >= as_of and not is_extra(turn.cycle))
    begun = [turn for turn in near if is_extra(turn.cycle) and draw_day(campaign, turn) <= as_of <= turn.last]
    latest = max(begun, key=lambda turn: turn.first, default=regular)
    return latest if draw_day(campaign, regular) > as_of or latest.first > regular.first else regular


def cycle_of(campaign: Campaign, as_of: date) -> str:
    """The name of that turn: 2026, 2026-07, 2026-Q3 or 2027-X0308."""
    return turn_of(campaign, as_of).cycle


def say_cycle(cycle: str) -> str:
    """A cycle in Chinese: 2026 年, 2026 年 7 月, 2026 年第 3 季度, 2027 年 3 月 8 日加办."""
    year, _, part = cycle.partition("-")
    if not part:
        return f"{year} 年"
    if is_extra(cycle):
        return f"{year} 年 {int(part[1:3])} 月 {int(part[3:])} 日加办"
    return f"{year} 年第 {part[1:]} 季度" if part.startswith("Q") else f"{year} 年 {int(part)} 月"


def refuse_out_of_season(campaign: Campaign, as_of: date) -> None:
    """UsageError when a list locked with this as-of would use up a cycle long before its occasion.

    A list that comes some days after an occasion would otherwise take the whole next cycle, and nobody would get
    anything then.
    """
    turn = turn_of(campaign, as_of)
    early, allowed = (turn.first - as_of).days, max(campaign.lead_days, SEASON_DAYS)
    if early > allowed:
        past = turns(campaign, range(as_of.year - 2, as_of.year + 1))
        before = [one for one in past if one.last < as_of and not is_extra(one.cycle)][-1]
        raise UsageError(
            f"{campaign.name}：数据日期 {as_of} 属于 {say_cycle(turn.cycle)}这一轮，比活动日 {turn.first} 早 {early} 天"
            f"（最早可提前 {allowed} 天锁定）；补做 {say_cycle(before.cycle)}这一轮的，请用 {before.last} 或更早的数据日期"
        )
