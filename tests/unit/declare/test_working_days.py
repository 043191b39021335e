"""Working days by the holiday table: days off, make-up workdays, and years of which nothing is known."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest

from talentpool.declare.occasion import WorkingDays, years_with_a_table
from talentpool.errors import UsageError
from talentpool.settings import INCLUDE


@pytest.fixture
def working() -> WorkingDays:
    with (INCLUDE / "reference/public_holidays_2026.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(date.fromisoformat(row["date"]), row["kind"]) for row in csv.DictReader(lines)]
    return WorkingDays(
        frozenset(day for day, kind in rows if kind == "holiday"),
        frozenset(day for day, kind in rows if kind == "adjusted workday"),
    )


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 8), True),
        (date(2026, 10, 7), False),  # a Wednesday in the holiday week
        (date(2026, 10, 10), True),  # a Saturday that is worked
        (date(2026, 10, 11), False),
        (date(2026, 2, 14), True),
        (date(2027, 2, 8), True),  # no table: a Monday, whatever the year's notice will say
    ],
)
def test_a_day_is_worked_or_off(working: WorkingDays, day: date, works: bool) -> None:
    assert working.is_working(day) is works


def test_a_day_off_moves_to_the_nearest_working_day(working: WorkingDays) -> None:
    assert working.on_or_before(date(2026, 2, 20)) == date(2026, 2, 14), "a make-up Saturday before the holidays"
    assert working.on_or_after(date(2026, 2, 20)) == date(2026, 2, 24)
    assert working.on_or_before(date(2026, 3, 4)) == working.on_or_after(date(2026, 3, 4)) == date(2026, 3, 4)


def test_a_year_is_known_when_its_new_years_day_is(working: WorkingDays) -> None:
    assert working.years == {2026}
    assert years_with_a_table([date(2026, 12, 31)]) == frozenset(), "the next year's notice may name it"


def test_a_table_without_working_days_is_an_error() -> None:
    endless = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(60))
    with pytest.raises(UsageError, match="请核对节假日表"):
        WorkingDays(endless, frozenset()).on_or_after(date(2026, 1, 1))
