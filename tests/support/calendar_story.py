"""Days that officers made, in a running Airflow: the morning's look starts the run of each once, and it draws for that round."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from deployments import Running
from talentpool.campaigns.planning.dates import add, dates
from talentpool.declare import load_campaign
from talentpool.in_airflow import CALENDAR
from talentpool.model import target_list
from talentpool.office_day import today_in_office

CODE = "riders_day"
DAG = f"campaign__{CODE}"
"""Lawful by the shipped notice, and started by nothing else in these deployments."""


def look(running: Running) -> str:
    """What the morning does, by hand; the state it ends in."""
    return running.finished(CALENDAR, running.city.airflow.trigger(CALENDAR))


def nothing_is_due(running: Running) -> None:
    """It looked once when it came, and was paused by nobody; the run is skipped and says so."""
    airflow = running.city.airflow
    first = running.until("the first look", lambda: airflow.runs(CALENDAR))[-1]
    assert running.finished(CALENDAR, first["dag_run_id"]) == "success"
    tasks = running.until("its tasks", lambda: airflow.task_states(CALENDAR, first["dag_run_id"]))
    assert set(tasks.values()) == {"skipped"}
    assert "没有要开始的" in running.until("a note", lambda: airflow.run(CALENDAR, first["dag_run_id"])["note"])


def a_due_day_is_started_once(running: Running) -> None:
    """An officer added a round in a week in good time, and its draw day has come; its run waits while its DAG is paused."""
    airflow, today = running.city.airflow, today_in_office()
    campaign = load_campaign(running.city.settings.campaign_dirs, CODE)
    lead, first = timedelta(days=campaign.lead_days), today + timedelta(days=7)
    with running.city.engine.begin() as conn:
        made = add(conn, campaign, (first, first), by="city_officer", reason="加办", today=today - lead)
    run_id = f"calendar_{made.date_id}"
    airflow.pause(DAG)
    assert look(running) == look(running) == "success"
    (only,) = airflow.runs(DAG)
    assert (only["dag_run_id"], only["state"]) == (run_id, "queued"), "nothing is lost, and nothing twice"
    airflow.unpause(DAG)
    running.until("its draft", lambda: airflow.task_states(DAG, run_id).get("draw") == "success")
    airflow.pause(DAG)  # whoever is asked is not asked here
    drawn = sa.select(target_list.c.cycle, target_list.c.as_of).where(target_list.c.campaign == CODE)
    with running.city.engine.connect() as conn:
        lists = conn.execute(drawn).all()
        (kept,) = dates(conn)
    assert lists == [(made.cycle, first - lead)]
    assert kept.started_at is not None
    assert look(running) == "success" and len(airflow.runs(DAG)) == 1
