"""The stability index and the test beside it: against figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from talentpool.expect.drift import FLOOR, is_rare, shapes_moved, stability


def test_the_index_is_the_sum_over_groups() -> None:
    then, now = {"a": 50, "b": 50}, {"a": 80, "b": 20}
    assert stability(then, now) == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))
    assert stability(then, then) == 0


def test_a_group_that_is_new_counts_by_what_it_is_now() -> None:
    small, large = ({"a": 93 * k, "b": 7 * k} for k in (1, 1_000))
    assert stability({"a": 100}, small) == pytest.approx(stability({"a": 100_000}, large))
    assert stability({"a": 100}, small) == pytest.approx(
        -0.07 * math.log(0.93) + (0.07 - FLOOR) * math.log(0.07 / FLOOR)
    )


@pytest.mark.parametrize(
    ("now", "rare"), [({"a": 60, "b": 40}, False), ({"a": 80, "b": 20}, True), ({"a": 9, "b": 1}, False)]
)
def test_chance_is_told_from_a_shift_and_few_rows_from_none(now: dict[str, int], rare: bool) -> None:
    """Chi-square of 50:50 against 60:40 is 2.0, against 80:20 it is 19.8; one in a thousand is 10.8."""
    assert is_rare({"a": 50, "b": 50}, now) is rare


def test_rows_without_a_value_are_no_group() -> None:
    before, seen = {"sexes": {"": 150, "1": 50, "2": 50}}, {"sexes": {"1": 125, "2": 125}}
    assert shapes_moved(before, seen, set()) == []
    (found,) = shapes_moved({"sexes": {"1": 125, "2": 125}}, {"sexes": {"1": 240, "2": 10}}, set())
    assert (found.code, found.field) == ("shape_moved", "sex")
    assert shapes_moved({"sexes": {"1": 125, "2": 125}}, {"sexes": {"1": 240, "2": 10}}, {"sex"}) == []
