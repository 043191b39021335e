"""Play the officers for whom a list waits: pairs of two document numbers under one name are put off, for now, and it is
approved by every county and the city, each of whom signs in and answers as a person would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from talentpool.errors import UsageError
from talentpool.office import Office
from talentpool_airflow.demo_run.api import Airflow

BY, NOTE = "city_officer", "演示：已请合作企业核对证件号，核实前暂缓"


def put_off_urgent(office: Office) -> int:
    """How many pairs were put off, without which no list that holds both people would be locked."""
    from talentpool.review import judge, pending

    count = 0
    while True:
        with office.engine.begin() as conn:
            urgent = [pair["pair_id"] for pair in pending(conn, office.keys) if pair["urgent"]]
        if not urgent:
            return count
        for pair_id in urgent:
            judge(office, pair_id, "unsure", by=BY, note=NOTE)
            count += 1


class Officers:
    """The demo's officers, each with a session of their own, begun when it is first needed."""

    def __init__(self, airflow: Airflow, passwords: Path) -> None:
        """`airflow`: where, and what notices that it has died; `passwords`: the demo users' file."""
        self._airflow, self._passwords = airflow, passwords
        self._signed_in: dict[str, Airflow] = {}

    def approve(self, dag_id: str, run_id: str) -> int:
        """Answer what the run asks now with 批准: how many answers were given.

        UsageError where nobody of the demo has a role that is asked (a province shows some of its counties' officers only).
        """
        given = 0
        for question in self._open(dag_id, run_id):
            role = question["assigned_users"][0]["id"].removeprefix("role:")
            task = question["task_instance"]
            self._as(role).answer(dag_id, run_id, (task["task_id"], task["map_index"]), "批准")
            given += 1
        return given

    def close(self) -> None:
        for session in self._signed_in.values():
            session.close()

    def _open(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """What the run asks and nobody has answered, as the operator sees it."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/hitlDetails"
        asked = self._airflow.get(path, response_received="false", state="awaiting_input", limit=100)["hitl_details"]
        return [one for one in asked if one["assigned_users"]]

    def _as(self, role: str) -> Airflow:
        if role not in self._signed_in:
            name, known = role.replace("county_officer", "county"), json.loads(self._passwords.read_text("utf-8"))
            if name not in known:
                raise UsageError(f"演示中没有 {role} 的账号，不能代为审批；请在命令行审批：talentpool target approve")
            session = Airflow(self._airflow.base, self._airflow.check)
            session.log_in(name, known[name])
            self._signed_in[role] = session
        return self._signed_in[role]
