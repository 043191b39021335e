"""The library's calendar, held against four others, against astronomy, and against its own periods of heat."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta, timezone
from math import cos, radians, sin
from pathlib import Path
from typing import get_args

import pytest

from talentpool.declare.occasion import festival_date, solar_term_date
from talentpool.declare.occasion.lunisolar import HEAT, SolarTerm

TABLE = Path(__file__).with_name("lunar_festivals_2024_2040.csv")
"""Festivals on which four calendar libraries agree."""
TERMS = [term for term in get_args(SolarTerm) if term not in HEAT]
BEIJING = timezone(timedelta(hours=8))
EQUINOX = TERMS.index("春分")


def test_festivals_are_those_on_which_four_libraries_agree() -> None:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        known = list(csv.DictReader(lines))
    assert len(known) == 85
    assert [festival_date(row["festival"], int(row["year"])).isoformat() for row in known] == [
        row["gregorian"] for row in known
    ]


def test_of_a_month_that_comes_twice_the_first_counts() -> None:
    assert [festival_date("端午", year) for year in (2009, 2028, 2039, 2047)] == [
        date(2009, 5, 28), date(2028, 5, 28), date(2039, 5, 27), date(2047, 5, 29),
    ]  # fmt: skip


def test_years_beyond_any_table_are_there() -> None:
    assert festival_date("春节", 2060) == date(2060, 2, 2)
    assert festival_date("中秋", 2099) == date(2099, 9, 29)


def _longitude(moment: datetime) -> float:
    """Of the sun, in degrees, good to 0.01 (the low-precision formula of the Astronomical Almanac)."""
    days = (moment - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)
    anomaly = radians(357.528 + 0.9856003 * days)
    return (280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly)) % 360


@pytest.mark.parametrize("year", [2024, 2027, 2033, 2046])
def test_on_its_day_the_sun_passes_the_longitude_of_a_term(year: int) -> None:
    assert len(TERMS) == 24
    slack = timedelta(hours=1)  # of the formula, and of what a term falls short of midnight by
    for number, term in enumerate(TERMS):
        wanted = 15 * (number - EQUINOX) % 360
        midnight = datetime.combine(solar_term_date(term, year), time(), BEIJING)
        before, after = _longitude(midnight - slack), _longitude(midnight + timedelta(days=1) + slack)
        assert sin(radians(wanted - before)) > 0 > sin(radians(wanted - after)), (term, year)
        assert cos(radians(wanted - before)) > 0.9, (term, year)


def test_the_periods_of_heat_are_those_that_the_library_counts_day_by_day() -> None:
    from lunar_python import Solar

    for year in range(2024, 2051):
        first = {}
        for day in (date(year, 7, 1) + timedelta(days=n) for n in range(60)):
            heat = Solar.fromYmd(day.year, day.month, day.day).getLunar().getFu()
            if heat is not None and heat.getIndex() == 1:
                first[heat.getName()] = day
        assert first == {name: solar_term_date(name, year) for name in HEAT}
