"""Moved and added days in Airflow: started once each, and no other run draws for a round whose day was moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from rosters import TODAY, Office, person
from talentpool.campaigns.planning.dates import Made, add, move, withdraw
from talentpool.declare import load_campaign
from talentpool_airflow import defaults

BEFORE = date(2026, 10, 1)
DRAWN = date(2026, 12, 1)
NOTHING: dict[str, Any] = {"as_of": None}


def run(kind: str, day: date | None = None, run_id: str = "manual__1") -> Any:
    """As the scheduler hands it to a task."""
    at = None if day is None else defaults.at_eight(day)
    return SimpleNamespace(
        dag_id="campaign__warm_winter",
        run_type=kind,
        run_id=run_id,
        logical_date=at,
        run_after=at,
        partition_key=None,
        triggering_user_name=None,
    )


@pytest.fixture
def made(office: Office) -> Callable[..., Made]:
    """Move (with `cycle`) or add a day of 暖冬行动, or withdraw one."""
    winter = load_campaign(office.settings.campaign_dirs, "warm_winter")

    def make(first: date | None = None, cycle: str = "", gone: int = 0, today: date = BEFORE) -> Made:
        signed: dict[str, Any] = {"by": "李专员", "reason": "商定", "today": today}
        with office.engine.begin() as conn:
            if gone:
                return withdraw(conn, [winter], gone, **signed)
            assert first is not None
            return move(conn, winter, cycle, first, **signed) if cycle else add(conn, winter, (first, first), **signed)

    return make


def test_the_timetables_run_of_a_moved_day_is_skipped_and_says_where_to(made: Callable[..., Made]) -> None:
    from talentpool_airflow import people

    assert people.campaign_as_of("warm_winter", NOTHING, run("scheduled", DRAWN), DRAWN)["occasion"] == "2026-12-22"
    made(date(2026, 12, 28), "2026")
    for kind in ("scheduled", "backfill"):
        with pytest.raises(AirflowSkipException, match="由 2026-12-22 改到 2026-12-28：本次不拟定"):
            people.campaign_as_of("warm_winter", NOTHING, run(kind, DRAWN), DRAWN)
    by_hand = people.campaign_as_of("warm_winter", {"as_of": "2026-12-01"}, run("manual"), DRAWN)
    assert by_hand["occasion"] == "2026-12-28", "an officer may draw before it"


def test_an_added_round_leaves_the_timetables_runs_alone(made: Callable[..., Made]) -> None:
    from talentpool_airflow import people

    made(date(2026, 12, 10))
    due = people.campaign_as_of("warm_winter", NOTHING, run("scheduled", DRAWN), DRAWN)
    assert (due["as_of"], due["occasion"]) == ("2026-12-01", "2026-12-22")


def test_each_morning_starts_what_is_due_until_its_run_has_begun(made: Callable[..., Made]) -> None:
    from talentpool_airflow import people, planned

    with pytest.raises(AirflowSkipException, match="没有要开始的"):
        planned.due(date(2026, 12, 7))
    one = made(date(2026, 12, 28), "2026")
    expected = {"trigger_dag_id": "campaign__warm_winter", "trigger_run_id": f"calendar_{one.date_id}",
                "conf": {"as_of": "2026-12-07"}}  # fmt: skip
    with pytest.raises(AirflowSkipException):
        planned.due(date(2026, 12, 6))
    assert planned.due(date(2026, 12, 7)) == planned.due(date(2026, 12, 9)) == [expected]
    started = run("operator_triggered", date(2026, 12, 9), expected["trigger_run_id"])
    due = people.campaign_as_of("warm_winter", expected["conf"], started, date(2026, 12, 9))
    assert (due["as_of"], due["occasion"]) == ("2026-12-07", "2026-12-28")
    with pytest.raises(AirflowSkipException):
        planned.due(date(2026, 12, 9))
    assert people.campaign_as_of("warm_winter", expected["conf"], started, date(2026, 12, 9)) == due, "tried again"


def test_a_run_that_comes_after_its_day_draws_nothing(made: Callable[..., Made]) -> None:
    """The campaign's DAG was paused, and the run waited in the queue; a run that a person starts goes on."""
    from talentpool_airflow import people

    one = made(date(2026, 12, 10))
    conf = {"as_of": "2026-11-19"}
    late = run("operator_triggered", TODAY, f"calendar_{one.date_id}")
    with pytest.raises(AirflowSkipException, match="2026 年 12 月 10 日加办的活动日已过"):
        people.campaign_as_of("warm_winter", conf, late, TODAY)
    for run_id in ("calendar_99", "calendar_0", "calendar_" + "9" * 30, "manual__1"):
        assert (
            people.campaign_as_of("warm_winter", conf, run("manual", None, run_id), TODAY)["occasion"] == "2026-12-10"
        )


def test_a_run_whose_round_changed_since_it_began_goes_no_further(office: Office, made: Callable[..., Made]) -> None:
    from talentpool_airflow import people

    office.deliver("2026-11-15", [person(n) for n in range(1, 31)])
    extra = made(date(2026, 12, 10))
    conf = {"as_of": "2026-11-19"}
    started = run("operator_triggered", date(2026, 11, 19), f"calendar_{extra.date_id}")
    due = people.campaign_as_of("warm_winter", conf, started, date(2026, 11, 19))
    assert people.draw("warm_winter", due, conf, started)["state"] == "draft"
    made(gone=extra.date_id, today=date(2026, 11, 20))
    for task in (people.approved, people.lock):
        with pytest.raises(AirflowSkipException, match="活动日在本次运行开始后有改动"):
            task("warm_winter", due, conf, started)
    assert office.ask("select cycle, state from target_list") == [("2026-X1210", "draft")]
    declared = run("scheduled", DRAWN)
    due = people.campaign_as_of("warm_winter", NOTHING, declared, DRAWN)
    made(date(2026, 12, 29), "2026", today=date(2026, 12, 2))
    with pytest.raises(AirflowSkipException, match="有改动"):
        people.draw("warm_winter", due, NOTHING, declared)
