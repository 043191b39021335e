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


def turns(campaign: Campaign, years: Iterable[int]) -> list[Turn]:
    """Every turn named after these years, by their first days."""
    found = (turn for year in years for turn in campaign.occasion.turns(year))
    return sorted(found, key=lambda turn: (turn.first, turn.cycle))


def event_dates(campaign: Campaign, years: Iterable[int]) -> list[date]:
    """The days on which the campaign's lists are drawn: `lead_days` before each occasion, ascending."""
    lead = timedelta(days=campaign.lead_days)
    return [turn.first - lead for turn in turns(campaign, years)]


def turn_of(campaign: Campaign, as_of: date) -> Turn:
    """The turn that facts of `as_of` serve: the first whose last day is on or after it.

    A list drawn late therefore keeps an as-of before its occasion ends; drawn with a later one it is the next turn's.
    """
    near = turns(campaign, range(as_of.year - 1, as_of.year + 3))  # a season or days_before may cross the new year
    return next(turn for turn in near if turn.last >= as_of)


def cycle_of(campaign: Campaign, as_of: date) -> str:
    """The name of that turn: 2026, 2026-07 or 2026-Q3."""
    return turn_of(campaign, as_of).cycle


def say_cycle(cycle: str) -> str:
    """A cycle in Chinese: 2026 年, 2026 年 7 月, 2026 年第 3 季度."""
    year, _, part = cycle.partition("-")
    if not part:
        return f"{year} 年"
    return f"{year} 年第 {part[1:]} 季度" if part.startswith("Q") else f"{year} 年 {int(part)} 月"


def refuse_out_of_season(campaign: Campaign, as_of: date) -> None:
    """UsageError when a list locked with this as-of would use up a cycle long before its occasion.

    A list that comes some days after an occasion would otherwise take the whole next cycle, and nobody would get
    anything then.
    """
    turn = turn_of(campaign, as_of)
    early, allowed = (turn.first - as_of).days, max(campaign.lead_days, SEASON_DAYS)
    if early > allowed:
        before = [one for one in turns(campaign, range(as_of.year - 2, as_of.year + 1)) if one.last < as_of][-1]
        raise UsageError(
            f"{campaign.name}：数据日期 {as_of} 属于 {say_cycle(turn.cycle)}这一轮，比活动日 {turn.first} 早 {early} 天"
            f"（最早可提前 {allowed} 天锁定）；补做 {say_cycle(before.cycle)}这一轮的，请用 {before.last} 或更早的数据日期"
        )
