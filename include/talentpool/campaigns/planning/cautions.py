"""Say what somebody who plans the year should look at again: rounds that overlap, years that no table was held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from talentpool.campaigns.planning.calendar import Planned
from talentpool.declare import Campaign
from talentpool.declare.occasion import CHECKED_UNTIL, Turn, draw_day, say_cycle


def overlaps(campaigns: Iterable[Campaign], rows: Sequence[Planned]) -> list[str]:
    """Rounds of one campaign of which the second is drawn before the first is over, in Chinese."""
    said = []
    for campaign in campaigns:
        own = [Turn(row.cycle, row.first, row.last) for row in rows if row.campaign == campaign.code]
        for before, after in pairwise(sorted(own, key=lambda turn: turn.first)):
            if (day := draw_day(campaign, after)) <= before.last:
                said.append(
                    f"{campaign.name}：{say_cycle(after.cycle)}在 {day} 拟定时，{say_cycle(before.cycle)}（到 {before.last}）"
                    "还没有结束；两轮各算一轮，同一个人两轮都可能入选"
                )
    return said


def unchecked_years(campaigns: Iterable[Campaign], rows: Sequence[Planned]) -> list[str]:
    """Where a festival or a solar term lies beyond the years for which several libraries were compared."""
    computed = {campaign.code: campaign.name for campaign in campaigns if campaign.occasion.by_moon_or_sun}
    late = sorted({(row.first.year, row.campaign) for row in rows if row.first.year > CHECKED_UNTIL})
    return [
        f"{computed[code]}：{year} 年的农历与节气日期超出核对过的范围（到 {CHECKED_UNTIL} 年），请人工核对"
        for year, code in late
        if code in computed
    ]
