"""Who passes an age border before the hand-out stands in a chart of before and after, and in none where nobody does."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from talentpool.campaigns.dry_run import Tried
from talentpool_airflow.console.pages.lists.trying import _ages_chart


def tried(ages: dict[str, Any] | None) -> Tried:
    steps = [{"step": "fitting", "name": "符合条件", "people": 10, "left_out": {"age_outside": 7, "under_sixteen": 2}}]
    return Tried(
        "warm_winter", "暖冬行动", "2026", date(2026, 10, 31), {"version": 1}, {}, "", 10, 10, steps, {}, None, None, None,
        ages, [],
    )  # fmt: skip


def test_both_sides_of_the_border_are_drawn_before_and_after() -> None:
    drawn = str(_ages_chart(tried({"from": "2026-10-31", "hand_out": "2026-12-18", "grow_out": 3, "come_in": 4})))
    said = re.findall(r">([^<>]+)</text>", drawn)
    assert {"符合条件", "因年龄未列入", "2026-10-31", "发放日 2026-12-18"} <= set(said)
    assert [word for word in said if word.isdecimal()] == ["10", "7", "9", "5"]


def test_nobody_passes_and_nothing_is_drawn() -> None:
    assert _ages_chart(tried(None)) is None
    assert _ages_chart(tried({"from": "a", "hand_out": "b", "grow_out": 0, "come_in": 0})) is None
