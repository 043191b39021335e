"""Every kind of occasion fires: the timetable gives its days one after the other, as the scheduler asks for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from talentpool.declare.occasion.kinds import KINDS
from talentpool.settings import INCLUDE
from talentpool_airflow.defaults import local_date

LEAD = 10
FIRES: dict[str, tuple[dict[str, Any], list[date]]] = {
    "fixed_day": ({"month": 7, "day": 17}, [date(2027, 7, 7), date(2028, 7, 7)]),
    "festival": ({"festival": "端午"}, [date(2027, 5, 30), date(2028, 5, 18)]),
    "solar_term": ({"solar_term": "冬至"}, [date(2026, 12, 12), date(2027, 12, 12)]),
    "nth_weekday": ({"month": 4, "nth": 2, "weekday": 6}, [date(2027, 3, 31), date(2028, 3, 29)]),
    "season": ({"season": "三伏"}, [date(2027, 7, 10), date(2028, 7, 4)]),
    "monthly": ({"every": "month", "day": 31}, [date(2026, 11, 20), date(2026, 12, 21), date(2027, 1, 21)]),
    "monthly_weekday": (
        {"every": "month", "nth": -1, "weekday": 5}, [date(2026, 11, 17), date(2026, 12, 15), date(2027, 1, 19)],
    ),
    "quarterly": (
        {"every": "quarter", "month": 1, "day": 15}, [date(2027, 1, 5), date(2027, 4, 5), date(2027, 7, 5)],
    ),
}  # fmt: skip
"""Kind -> an occasion, and the first days on which its list is drawn from 2026-11-01 on."""


def _fires(timetable: Any, times: int) -> list[Any]:
    """The moments of the first runs that the scheduler would make, each asked for with the one before."""
    from airflow.timetables.base import DataInterval, TimeRestriction

    found, last = [], None
    for _ in range(times):
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=TimeRestriction(None, None, catchup=True)
        )
        found.append(info.run_after)
        last = DataInterval.exact(info.run_after)
    return found


@pytest.fixture
def bag(parse: Callable[..., Any], tmp_path: Path) -> Any:
    """A campaign of each kind beside the shipped ones."""
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    for kind, (occasion, _) in FIRES.items():
        declared = {**facts, "code": kind, "occasion": occasion, "lead_days": LEAD}
        declared.pop("leads", None)
        (tmp_path / f"{kind}.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    return parse(campaigns=os.pathsep.join((str(INCLUDE / "campaigns"), str(tmp_path))))


def test_every_kind_of_occasion_fires_on_its_days_at_eight(bag: Any) -> None:
    assert set(FIRES) == set(KINDS), "a new kind is tried here, too"
    assert bag.import_errors == {}
    for kind, (_, days) in FIRES.items():
        moments = _fires(bag.dags[f"campaign__{kind}"].timetable, len(days))
        assert [local_date(moment) for moment in moments] == days, kind
        assert {moment.in_timezone("Asia/Shanghai").hour for moment in moments} == {8}, kind


def test_the_days_last_for_years_and_none_comes_twice(bag: Any) -> None:
    for kind in FIRES:
        events = bag.dags[f"campaign__{kind}"].timetable.event_dates
        assert events[-1].year >= 2034, kind
        assert all(one < other for one, other in pairwise(events)), kind
