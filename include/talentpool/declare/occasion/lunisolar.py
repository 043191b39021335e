"""Compute lunar festivals, solar terms and the three ten-day periods of summer heat (三伏) as Gregorian dates.

`lunar_python` (MIT) computes them for any year; a test holds it against a table on which four libraries agree.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Literal

Festival = Literal["春节", "元宵", "端午", "中秋", "重阳"]
SolarTerm = Literal[
    "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至",
    "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
    "初伏", "中伏", "末伏",
]  # fmt: skip
LUNAR_DAYS = {"春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "中秋": (8, 15), "重阳": (9, 9)}
HEAT = ("初伏", "中伏", "末伏")
TEN_DAYS = timedelta(days=10)
GENG = 2
"""Proleptic Gregorian ordinal, modulo 10, of days 庚: 2026-07-15 is one."""
CHECKED_UNTIL = 2099
"""Up to this year four libraries were held against each other: they agree on every festival but two of theirs."""
LAST_HEAT = TEN_DAYS - timedelta(days=1)
"""末伏 lasts ten days: its last day is nine after its first."""


def festival_date(festival: str, year: int) -> date:
    """Gregorian date of a lunar festival that falls in `year`; of a month that comes twice (leap) the first counts."""
    return _year(year)[festival]


def solar_term_date(term: str, year: int) -> date:
    """Gregorian date on which a solar term begins, Beijing time; or the first day of 初伏, 中伏 or 末伏."""
    if term in HEAT:
        return _heat(term, year)
    return _year(year)["DONG_ZHI" if term == "冬至" else term]  # under 冬至 is the one before that year


def _heat(term: str, year: int) -> date:
    """初伏 begins on the third day 庚 from the summer solstice on, 中伏 ten days later, 末伏 on the first from 立秋 on."""
    if term == "末伏":
        return _first_geng(_year(year)["立秋"])
    begins = _first_geng(_year(year)["夏至"]) + 2 * TEN_DAYS
    return begins if term == "初伏" else begins + TEN_DAYS


def _first_geng(day: date) -> date:
    """The first day on or after `day` whose heavenly stem is 庚, one of ten that go on without a break."""
    return day + timedelta(days=(GENG - day.toordinal()) % 10)


@cache
def _year(year: int) -> dict[str, date]:
    """Festivals and solar terms, of one look at the year: the library keeps one in memory, and making it takes 4 ms."""
    from lunar_python import Lunar, Solar

    terms = Solar.fromYmd(year, 6, 15).getLunar().getJieQiTable()
    # a leap month is a negative one there
    festivals = {name: Lunar.fromYmd(year, month, day).getSolar() for name, (month, day) in LUNAR_DAYS.items()}
    return {name: _date(moment) for name, moment in (terms | festivals).items()}


def _date(solar: object) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())  # type: ignore[attr-defined]
