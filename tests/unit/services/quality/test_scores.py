"""Scores are shares of rows, added up over a period; periods, percentages and small charts say no more than is there."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.services.quality.reading import MONTHS, period, queries
from talentpool.services.quality.scores import Line, Point, by_month, percent
from talentpool.services.quality.sparks import HEIGHT, WIDTH, spark
from talentpool.texts.dimensions import Dimension

TODAY = date(2026, 12, 31)


def test_a_period_reaches_back_whole_months_and_never_into_the_future() -> None:
    assert period(3, date(2026, 5, 31), TODAY).first == date(2026, 2, 28)
    assert period(12, None, TODAY) == period(7, date(2027, 6, 1), TODAY), "another length or a day to come is the year"
    assert (period(None, None, TODAY).first, period(None, None, TODAY).last) == (date(2025, 12, 31), TODAY)


@given(st.sampled_from(MONTHS), st.dates())
def test_any_day_gives_a_period(months: int, until: date) -> None:
    found = period(months, until, TODAY)
    assert found.first < found.last <= TODAY and found.months == months


def test_the_score_of_a_period_weighs_deliveries_by_their_rows() -> None:
    points = (Point(date(2026, 10, 1), 1000, 10), Point(date(2026, 11, 1), 10, 10))
    line = Line("sf", Dimension.ACCURACY, points)
    assert line.score == pytest.approx(1 - 20 / 1010)
    assert Line("sf", Dimension.ACCURACY, ()).score is None
    assert [point.faulty for point in by_month((*points, Point(date(2026, 11, 20), 10, 3)))] == [10, 13]


def test_a_score_is_never_rounded_up_to_all() -> None:
    assert [percent(score) for score in (1, 0.99996, 0.9994, 0, None)] == ["100%", "99.9%", "99.9%", "0.0%", "—"]


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 5000)), min_size=1, max_size=60))
def test_a_chart_stays_inside_its_frame_and_has_no_style_and_no_script(drawn: list[tuple[int, int]]) -> None:
    points = [Point(date(2026, 1, 1), rows, min(rows, faulty), exact=faulty % 2 == 0) for rows, faulty in drawn]
    chart = str(spark(points, '顺丰 <b>"准确性"'))
    assert "style=" not in chart and "<script" not in chart and "<b>" not in chart
    (path,) = re.findall(r'points="([^"]+)"', chart)
    for place in path.split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def test_without_a_row_nothing_is_drawn() -> None:
    assert spark([], "x") is None and spark([Point(date(2026, 1, 1), 0, 0)], "x") is None


def test_every_query_that_is_shown_only_reads_and_names_its_sides() -> None:
    assert len(queries()) >= 9
    for text in queries().values():
        assert re.match(r"select\b", text) and ";" not in text
        assert not re.search(r"\b(insert|update|delete|name|sealed|staff_no|mobile|record_id)\b", text)
