"""Days that officers made, in a real Airflow: the morning's look starts the run of each once, and it draws for that round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deployments import Running, deployment
from talentpool.campaigns.planning.dates import Made, add, dates
from talentpool.declare import load_campaign
from talentpool.in_airflow import CALENDAR
from talentpool.model import target_list
from talentpool.office_day import today_in_office

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1200)]

DAG = "campaign__riders_day"
"""Lawful by the shipped notice, and started by nothing else in this deployment."""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with deployment(people=60) as running:
        yield running


@pytest.fixture(scope="module")
def made(running: Running) -> Made:
    """A round in a week, whose draw day has come: an officer added it in good time."""
    today = today_in_office()
    campaign = load_campaign(running.city.settings.campaign_dirs, "riders_day")
    before, first = today - timedelta(days=campaign.lead_days), today + timedelta(days=7)
    with running.city.engine.begin() as conn:
        return add(conn, campaign, (first, first), by="city_officer", reason="加办", today=before)


def look(running: Running) -> str:
    """What the morning does, by hand; the state it ends in."""
    return running.finished(CALENDAR, running.city.airflow.trigger(CALENDAR))


def test_a_look_with_nothing_due_is_skipped_and_says_so(running: Running) -> None:
    """It looked once when it came, and was paused by nobody."""
    airflow = running.city.airflow
    first = running.until("the first look", lambda: airflow.runs(CALENDAR))[-1]
    assert running.finished(CALENDAR, first["dag_run_id"]) == "success"
    tasks = running.until("its tasks", lambda: airflow.task_states(CALENDAR, first["dag_run_id"]))
    assert set(tasks.values()) == {"skipped"}
    assert "没有要开始的" in running.until("a note", lambda: airflow.run(CALENDAR, first["dag_run_id"])["note"])


def test_the_run_of_a_due_day_is_started_once_and_waits_while_its_dag_is_paused(running: Running, made: Made) -> None:
    airflow, run_id = running.city.airflow, f"calendar_{made.date_id}"
    airflow.pause(DAG)
    assert look(running) == look(running) == "success"
    (only,) = airflow.runs(DAG)
    assert (only["dag_run_id"], only["state"]) == (run_id, "queued"), "nothing is lost, and nothing twice"
    airflow.unpause(DAG)
    running.until("its draft", lambda: airflow.task_states(DAG, run_id).get("draw") == "success")
    with running.city.engine.connect() as conn:
        lists = conn.execute(sa.select(target_list.c.campaign, target_list.c.cycle, target_list.c.as_of)).all()
        (kept,) = dates(conn)
    campaign = load_campaign(running.city.settings.campaign_dirs, "riders_day")
    assert lists == [("riders_day", made.cycle, made.first_day - timedelta(days=campaign.lead_days))]
    assert kept.started_at is not None
    assert look(running) == "success" and len(airflow.runs(DAG)) == 1
