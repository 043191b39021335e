"""Tell when a campaign comes round, and which cycle a date belongs to. Pure: dates in, dates out, no clock.

Festivals come from the reference table (four calendar libraries agree on every row of it); years beyond it are
computed. A fixed 29 February falls on 1 March in common years, as birthdays do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from talentpool.declare.campaign import Campaign
from talentpool.errors import UsageError
from talentpool.settings import INCLUDE

FESTIVALS = INCLUDE / "reference" / "lunar_festivals_2024_2040.csv"
SEASON_DAYS = 92
"""A list may be locked a season before its occasion, or as early as the campaign's own lead."""
LUNAR_DAYS = {"春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "中秋": (8, 15), "重阳": (9, 9)}


def occasion_date(campaign: Campaign, year: int, *, festivals: Path = FESTIVALS) -> date:
    """The day of the campaign's occasion in the Gregorian year `year`, `days_before` taken off."""
    occasion = campaign.occasion
    if occasion.festival is not None:
        day = festival_date(occasion.festival, year, festivals=festivals)
    else:
        assert occasion.month and occasion.day
        try:
            day = date(year, occasion.month, occasion.day)
        except ValueError:
            day = date(year, 3, 1)
    return day - timedelta(days=occasion.days_before)


def event_dates(campaign: Campaign, years: Iterable[int], *, festivals: Path = FESTIVALS) -> list[date]:
    """The days on which the campaign's lists are drawn: `lead_days` before each year's occasion, ascending."""
    lead = timedelta(days=campaign.lead_days)
    return sorted(occasion_date(campaign, year, festivals=festivals) - lead for year in years)


def cycle_of(campaign: Campaign, as_of: date, *, festivals: Path = FESTIVALS) -> str:
    """The round that facts of `as_of` serve: the year of the first occasion on or after it.

    A list drawn late therefore keeps an as-of before its occasion; drawn with a later one it is next year's.
    """
    years = range(as_of.year, as_of.year + 3)  # days_before may carry a January occasion into the year before
    return str(next(year for year in years if occasion_date(campaign, year, festivals=festivals) >= as_of))


def refuse_out_of_season(campaign: Campaign, as_of: date, *, festivals: Path = FESTIVALS) -> None:
    """UsageError when a list locked with this as-of would use up a cycle long before its occasion.

    A list that comes some days after an occasion would otherwise take the whole next year's cycle, and nobody would
    get anything then.
    """
    cycle = int(cycle_of(campaign, as_of, festivals=festivals))
    occasion = occasion_date(campaign, cycle, festivals=festivals)
    early, allowed = (occasion - as_of).days, max(campaign.lead_days, SEASON_DAYS)
    if early > allowed:
        before = occasion_date(campaign, cycle - 1, festivals=festivals)
        raise UsageError(
            f"{campaign.name}：数据日期 {as_of} 属于 {cycle} 年这一轮，比活动日 {occasion} 早 {early} 天"
            f"（最早可提前 {allowed} 天锁定）；补做 {cycle - 1} 年这一轮的，请用 {before} 或更早的数据日期"
        )


def festival_date(festival: str, year: int, *, festivals: Path = FESTIVALS) -> date:
    """Gregorian date of a lunar festival that falls in `year`; in a leap fifth month the first fifth month counts."""
    known = _table(festivals).get((year, festival))
    if known is not None:
        return known
    from lunar_python import Lunar

    month, day = LUNAR_DAYS[festival]
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@cache
def _table(path: Path) -> dict[tuple[int, str], date]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            (int(row["year"]), row["festival"]): date.fromisoformat(row["gregorian"]) for row in csv.DictReader(lines)
        }
