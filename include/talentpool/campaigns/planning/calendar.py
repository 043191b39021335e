"""Plan the year: every occasion of every campaign with the days on which the office has something to do for it.

What goes before an occasion is moved to the last working day up to then, what comes after it to the first from then on.
Days that officers moved or added come with the campaigns (`dates.with_dates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from talentpool.declare import Campaign
from talentpool.declare.occasion import Turn, WorkingDays, turns

STEPS = {
    "draw": "拟定名单",
    "freeze": "锁定名单",
    "buy": "采购",
    "hand_out": "发放",
    "receipts": "回收签收表",
    "brief": "简报",
}
"""Steps in the order in which their days come -> what the office calls them."""
ON_THE_DAY = ("session", "event")
"""Forms that are held on the day of the occasion, a Saturday too: it is not moved."""
AFTERWARDS = ("receipts", "brief")


@dataclass(frozen=True)
class Planned:
    """One occasion of a campaign. `days`: step -> working day; `moved`: step -> the day it was moved from."""

    campaign: str
    name: str
    form: str
    cycle: str
    first: date
    last: date
    days: dict[str, date]
    moved: dict[str, date]
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def calendar_of(
    campaigns: Iterable[Campaign],
    start: date,
    end: date,
    working: WorkingDays,
) -> list[Planned]:
    """Occasions of which a step or a day lies between `start` and `end`, both included, by their first days."""
    found = [
        planned
        for campaign in campaigns
        for turn in turns(campaign, range(start.year - 1, end.year + 2))
        if _meets(planned := planned_of(campaign, turn, working), start, end)
    ]
    return sorted(found, key=lambda planned: (planned.first, planned.campaign, planned.cycle))


def _meets(planned: Planned, start: date, end: date) -> bool:
    days = (planned.first, planned.last, *planned.days.values())
    return min(days) <= end and max(days) >= start


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the first of the one after where that month lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def missing_years(rows: Iterable[Planned], working: WorkingDays) -> list[int]:
    """Years in which something is planned and of which the office has no holiday table."""
    planned = {day.year for row in rows for day in (row.first, row.last, *row.days.values())}
    return sorted(planned - working.years)


def say_missing(year: int) -> str:
    """The warning in Chinese, with what to do."""
    return (
        f"没有 {year} 年的节假日表：只按周末推算，未计放假与调休上班日；"
        "国务院通知公布后请导入（talentpool reference import holiday）"
    )


def planned_of(campaign: Campaign, turn: Turn, working: WorkingDays) -> Planned:
    """A turn with its steps on working days."""
    wanted = dict(_wanted(campaign, turn))
    days = {
        step: day
        if step == "hand_out" and campaign.form in ON_THE_DAY
        else working.on_or_after(day)
        if step in AFTERWARDS
        else working.on_or_before(day)
        for step, day in wanted.items()
    }
    years = {day.year for day in (turn.first, turn.last, *wanted.values(), *days.values())}
    return Planned(
        campaign.code, campaign.name, campaign.form, turn.cycle, turn.first, turn.last, days,
        {step: wanted[step] for step, day in days.items() if day != wanted[step]},
        tuple(say_missing(year) for year in sorted(years - working.years)),
    )  # fmt: skip


def _wanted(campaign: Campaign, turn: Turn) -> Iterator[tuple[str, date]]:
    """Step -> its calendar day, in the order of STEPS."""
    leads = campaign.leads
    before = (campaign.lead_days, min(leads.freeze, campaign.lead_days), min(leads.buy, campaign.lead_days),
              min(leads.hand_out, campaign.lead_days))  # fmt: skip
    after = (leads.receipts, leads.brief)
    days = (*(turn.first - timedelta(days=n) for n in before), *(turn.last + timedelta(days=n) for n in after))
    yield from zip(STEPS, days, strict=True)
