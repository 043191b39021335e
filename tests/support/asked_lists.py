"""A campaign's list inside a running Airflow: drawn, asked about, answered."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from deployments import Running
from talentpool.campaigns import Approver, decide
from talentpool.guard import open_keys
from talentpool.model import list_step
from talentpool.office import Office
from talentpool.office_day import today_in_office

LIST = "campaign__warm_winter"
ASKS = "/api/v2/dags/campaign__warm_winter/dagRuns/{run}/taskInstances/{task}/{index}/hitlDetails"


def begin(running: Running, as_of: date, user: str = "city_officer") -> str:
    """The run of a list, started by somebody."""
    with running.as_user(user) as http:
        body = {"logical_date": None, "conf": {"as_of": as_of.isoformat()}}
        begun = http.post(f"/api/v2/dags/{LIST}/dagRuns", json=body)
    assert begun.status_code == 200, begun.text
    return str(begun.json()["dag_run_id"])


def going_on(running: Running) -> str:
    """The run of a list that has not ended; other tests' runs of the same DAG have."""
    (run,) = [run["dag_run_id"] for run in running.city.airflow.runs(LIST) if run["state"] == "running"]
    return str(run)


def questions(running: Running, run: str, task: str = "county", user: str = "operator") -> dict[str, dict[str, Any]]:
    """Role -> question of a run that nobody has answered, and that is not closed; as somebody sees it."""
    path, which = (
        f"/dags/{LIST}/dagRuns/{run}/hitlDetails",
        {"response_received": "false", "task_id": task, "limit": 100},
    )
    if user == "operator":
        asked = running.city.airflow.get(path, **which)["hitl_details"]
    else:
        with running.as_user(user) as http:
            asked = http.get(f"/api/v2{path}", params=which).raise_for_status().json()["hitl_details"]
    return {
        one["assigned_users"][0]["id"].removeprefix("role:"): one
        for one in asked
        if one["task_instance"]["state"] not in ("success", "skipped", "failed")
    }


def tasks(running: Running, run: str, task: str) -> list[dict[str, Any]]:
    found = running.city.airflow.get(f"/dags/{LIST}/dagRuns/{run}/taskInstances", limit=200)["task_instances"]
    return [one for one in found if one["task_id"] == task]


def answer(
    running: Running, user: str, run: str, asked: dict[str, Any], choice: str, reason: str = ""
) -> tuple[int, str]:
    """Status and words of the server."""
    task = asked["task_instance"]
    path = ASKS.format(run=run, task=task["task_id"], index=task["map_index"])
    with running.as_user(user) as http:
        said = http.patch(path, json={"chosen_options": [choice], "params_input": {"reason": reason}})
    return said.status_code, said.text


def steps(running: Running) -> list[Any]:
    with running.city.engine.connect() as conn:
        return list(conn.execute(sa.select(list_step).order_by(list_step.c.list_id, list_step.c.number)))


def approve_elsewhere(running: Running, role: str, **more: Any) -> None:
    """By the door of our own, for whoever has the role."""
    city = running.city
    office = Office(city.engine, city.settings, open_keys(city.settings, city.engine))
    (list_id,) = {step.list_id for step in steps(running)}
    name, county = role.replace("county_officer", "county"), role.removeprefix("county_officer_")
    decide(office, list_id, Approver(name, frozenset({role})), today=today_in_office(office.settings),
           county=county if county != role else None, **more)  # fmt: skip
