"""Occasions: fixed days and festivals, the day a list is drawn, the cycle a date belongs to."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from talentpool.campaigns import cycle_of, event_dates, festival_date, occasion_date
from talentpool.declare import Campaign
from talentpool.declare.occasion import FESTIVALS


def _campaign(occasion: dict[str, Any], lead_days: int = 14) -> Campaign:
    return Campaign.model_validate(
        {"code": "some", "name": "活动", "owner": "市", "purpose": "some", "occasion": occasion,
         "lead_days": lead_days, "eligibility": {}, "item": "物品", "contact": "办公室"}
    )  # fmt: skip


WINTER = {"month": 12, "day": 22}


def test_a_list_is_drawn_its_lead_before_the_occasion() -> None:
    assert event_dates(_campaign(WINTER, 21), range(2025, 2028)) == [
        date(2025, 12, 1), date(2026, 12, 1), date(2027, 12, 1),
    ]  # fmt: skip
    assert event_dates(_campaign({"festival": "春节"}, 40), [2027]) == [date(2026, 12, 28)]


def test_festivals_follow_the_lunar_calendar_and_days_before_are_taken_off() -> None:
    assert occasion_date(_campaign({"festival": "端午"}), 2027) == date(2027, 6, 9)
    assert occasion_date(_campaign({"festival": "中秋", "days_before": 3}), 2027) == date(2027, 9, 12)


def test_in_a_leap_fifth_month_the_first_one_counts() -> None:
    assert festival_date("端午", 2028) == date(2028, 5, 28)
    assert festival_date("端午", 2047) == date(2047, 5, 29)


def test_years_beyond_the_table_are_computed_the_way_the_table_is(tmp_path: Path) -> None:
    empty = tmp_path / "none.csv"
    empty.write_text("year,festival,lunar,gregorian,libs_agreeing\n", encoding="utf-8")
    with FESTIVALS.open(encoding="utf-8", newline="") as lines:
        known = list(csv.DictReader(lines))
    assert len(known) == 85
    for row in known:
        found = festival_date(row["festival"], int(row["year"]), festivals=empty)
        assert found.isoformat() == row["gregorian"]
    assert festival_date("春节", 2060) == date(2060, 2, 2)


@pytest.mark.parametrize(
    ("occasion", "as_of", "cycle"),
    [
        (WINTER, date(2026, 10, 31), "2026"),
        (WINTER, date(2026, 12, 22), "2026"),
        (WINTER, date(2026, 12, 23), "2027"),
        ({"festival": "春节"}, date(2026, 12, 31), "2027"),
        ({"month": 1, "day": 1, "days_before": 30}, date(2026, 12, 1), "2027"),
        ({"month": 1, "day": 1, "days_before": 30}, date(2026, 12, 10), "2028"),
    ],
)
def test_facts_serve_the_first_occasion_on_or_after_their_date(
    occasion: dict[str, Any], as_of: date, cycle: str
) -> None:
    assert cycle_of(_campaign(occasion), as_of) == cycle


def test_the_29th_of_february_falls_on_the_1st_of_march_in_common_years() -> None:
    leap = _campaign({"month": 2, "day": 29})
    assert [occasion_date(leap, year) for year in (2028, 2029)] == [date(2028, 2, 29), date(2029, 3, 1)]
