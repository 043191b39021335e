"""Occasions: every kind that may be declared, the day a list is drawn, the cycle a date belongs to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from talentpool.campaigns import cycle_of, event_dates, turn_of, turns
from talentpool.declare import Campaign
from talentpool.declare.occasion import refuse_out_of_season, say_cycle
from talentpool.errors import UsageError


def _campaign(occasion: dict[str, Any], lead_days: int = 14) -> Campaign:
    return Campaign.model_validate(
        {"code": "some", "name": "活动", "owner": "市", "purpose": "some", "occasion": occasion,
         "lead_days": lead_days, "eligibility": {}, "approvals": "none", "item": "物品", "contact": "办公室"}
    )  # fmt: skip


def _days(occasion: dict[str, Any], *years: int) -> list[date]:
    return [turn.first for turn in turns(_campaign(occasion), years)]


WINTER = {"month": 12, "day": 22}


def test_a_list_is_drawn_its_lead_before_the_occasion() -> None:
    assert event_dates(_campaign(WINTER, 21), range(2025, 2028)) == [
        date(2025, 12, 1), date(2026, 12, 1), date(2027, 12, 1),
    ]  # fmt: skip
    assert event_dates(_campaign({"festival": "春节"}, 40), [2027]) == [date(2026, 12, 28)]


@pytest.mark.parametrize(
    ("occasion", "days"),
    [
        ({"festival": "端午"}, [date(2027, 6, 9)]),
        ({"festival": "中秋", "days_before": 3}, [date(2027, 9, 12)]),
        ({"solar_term": "冬至"}, [date(2027, 12, 22)]),
        ({"solar_term": "大暑"}, [date(2027, 7, 23)]),
        ({"solar_term": "中伏"}, [date(2027, 7, 30)]),
        ({"month": 5, "nth": 2, "weekday": 7}, [date(2027, 5, 9)]),
        ({"month": 2, "nth": -1, "weekday": 7}, [date(2027, 2, 28)]),
        ({"month": 5, "nth": 1, "weekday": 6}, [date(2027, 5, 1)]),
        ({"every": "quarter", "month": 2, "day": 31}, [date(2027, m, d) for m, d in ((2, 28), (5, 31), (8, 31), (11, 30))]),
    ],
)  # fmt: skip
def test_each_kind_falls_on_its_days(occasion: dict[str, Any], days: list[date]) -> None:
    assert _days(occasion, 2027) == days


def test_what_comes_every_month_comes_twelve_times_on_its_day_or_the_months_last() -> None:
    assert [day.day for day in _days({"every": "month", "day": 31}, 2028)] == [
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
    ]  # fmt: skip
    wednesdays = _days({"every": "month", "nth": 1, "weekday": 3}, 2027)
    assert len(wednesdays) == 12
    assert {(day.isoweekday(), day.day <= 7) for day in wednesdays} == {(3, True)}


@pytest.mark.parametrize(
    ("season", "first", "last"),
    [
        ("三伏", date(2027, 7, 20), date(2027, 8, 18)),
        ({"begins": {"month": 6, "day": 15}, "ends": {"solar_term": "立秋"}}, date(2027, 6, 15), date(2027, 8, 8)),
        ({"begins": {"month": 12, "day": 1}, "ends": {"festival": "元宵"}}, date(2027, 12, 1), date(2028, 2, 9)),
    ],
)
def test_a_season_has_a_first_and_a_last_day_and_may_cross_the_new_year(season: Any, first: date, last: date) -> None:
    campaign = _campaign({"season": season})
    (turn,) = turns(campaign, [2027])
    assert (turn.cycle, turn.first, turn.last) == ("2027", first, last)
    assert turn_of(campaign, last) == turn, "still this turn's on its last day"


@pytest.mark.parametrize(
    ("occasion", "as_of", "cycle"),
    [
        (WINTER, date(2026, 10, 31), "2026"),
        (WINTER, date(2026, 12, 22), "2026"),
        (WINTER, date(2026, 12, 23), "2027"),
        ({"festival": "春节"}, date(2026, 12, 31), "2027"),
        ({"month": 1, "day": 1, "days_before": 30}, date(2026, 12, 1), "2027"),
        ({"month": 1, "day": 1, "days_before": 30}, date(2026, 12, 10), "2028"),
        ({"season": "三伏"}, date(2027, 8, 19), "2028"),
        ({"every": "month", "day": 10}, date(2026, 12, 11), "2027-01"),
        ({"every": "month", "day": 10}, date(2026, 12, 10), "2026-12"),
        ({"every": "quarter", "month": 1, "day": 15}, date(2026, 10, 16), "2027-Q1"),
        ({"every": "quarter", "month": 3, "day": 15}, date(2026, 10, 16), "2026-Q4"),
    ],
)
def test_facts_serve_the_first_occasion_on_or_after_their_date(
    occasion: dict[str, Any], as_of: date, cycle: str
) -> None:
    assert cycle_of(_campaign(occasion), as_of) == cycle


@pytest.mark.parametrize(
    ("occasion", "lead_days"),
    [
        (WINTER, 120),
        ({"season": {"begins": {"month": 1, "day": 1}, "ends": {"month": 6, "day": 30}}}, 120),
        ({"every": "month", "day": 31}, 27),
        ({"every": "month", "nth": -1, "weekday": 1}, 27),
        ({"every": "quarter", "month": 1, "day": 1}, 88),
    ],
)
def test_a_list_drawn_with_the_longest_lead_serves_the_turn_it_is_drawn_for(
    occasion: dict[str, Any], lead_days: int
) -> None:
    campaign = _campaign(occasion, lead_days)
    drawn = event_dates(campaign, range(2026, 2036))
    due = turns(campaign, range(2026, 2036))
    assert [turn_of(campaign, day) for day in drawn] == due


def test_the_29th_of_february_falls_on_the_1st_of_march_in_common_years() -> None:
    assert _days({"month": 2, "day": 29}, 2028, 2029) == [date(2028, 2, 29), date(2029, 3, 1)]


@pytest.mark.parametrize(
    ("occasion", "words"),
    [
        ({}, "give the keys of one kind"),
        ({"month": 7}, "give the keys of one kind"),
        ({"month": 7, "day": 17, "festival": "端午"}, "give the keys of one kind"),
        ({"festival": "七夕"}, "端午"),
        ({"solar_term": "三九"}, "末伏"),
        ({"month": 2, "day": 30}, "day"),
        ({"every": "month", "month": 1, "day": 5}, "every: month takes day"),
        ({"every": "quarter", "day": 5}, "every: quarter takes month and day"),
        ({"every": "quarter", "month": 4, "day": 5}, "1, 2 or 3"),
        ({"season": {"begins": {"month": 1, "day": 1}, "ends": {"month": 8, "day": 1}}}, "at most 184 days"),
        ({"season": {"begins": {"month": 1}, "ends": {"month": 8, "day": 1}}}, "a day is month and day"),
    ],
)
def test_a_wrong_occasion_is_refused_saying_what_is_valid(occasion: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _campaign(occasion)


def test_a_lead_that_reaches_into_the_cycle_before_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 27"):
        _campaign({"every": "month", "day": 10}, 28)
    with pytest.raises(ValueError, match="at most 88"):
        _campaign({"every": "quarter", "month": 1, "day": 10}, 89)


def test_a_list_that_comes_late_does_not_take_the_next_cycle() -> None:
    refuse_out_of_season(_campaign(WINTER), date(2026, 12, 22))
    with pytest.raises(UsageError, match=r"属于 2027 年这一轮.*补做 2026 年这一轮的，请用 2026-12-22 或更早"):
        refuse_out_of_season(_campaign(WINTER), date(2026, 12, 23))


def test_cycles_are_said_in_chinese() -> None:
    assert [say_cycle(cycle) for cycle in ("2026", "2026-07", "2026-Q3")] == [
        "2026 年", "2026 年 7 月", "2026 年第 3 季度",
    ]  # fmt: skip
