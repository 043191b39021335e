"""Call Airflow's REST API for the demo: as user `operator`, with a token."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

START_SECONDS = 600
"""What lives and is only slow is waited for; what has died is noticed at once."""
STATES_OPEN = ("queued", "running")


class Airflow:
    """One session. `check` is called while waiting and raises when a component has died."""

    def __init__(self, base: str, check: Callable[[], None]) -> None:
        self.base = base
        self.check = check
        self._http = httpx.Client(base_url=base, timeout=120, trust_env=False)

    def wait_until_healthy(self) -> None:
        """All four components say they are well; TimeoutError when that never comes."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                answer = self._http.get("/api/v2/monitor/health")
                if (
                    answer.status_code == 200
                    and all(
                        part["status"] == "healthy" for part in answer.json().values() if part.get("status") is not None
                    )
                    and {"scheduler", "dag_processor", "triggerer"}
                    <= {k for k, v in answer.json().items() if v["status"]}
                ):
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.5)
        raise TimeoutError("Airflow did not become healthy; see the logs")

    def log_in(self, username: str, password: str) -> None:
        answer = self._http.post("/auth/token", json={"username": username, "password": password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **query: Any) -> Any:
        answer = self._http.get(f"/api/v2{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._http.post(f"/api/v2{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def put_connection(self, conn_id: str, facts: dict[str, Any]) -> None:
        """Create or replace a connection, so that the UI's form shows it."""
        body = {"connection_id": conn_id, **facts}
        answer = self._http.post("/api/v2/connections", json=body)
        if answer.status_code == 409:
            answer = self._http.patch(f"/api/v2/connections/{conn_id}", json=body)
        answer.raise_for_status()

    def put_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool, or set it right."""
        facts = {"slots": slots, "description": description, "include_deferred": False}
        answer = self._http.post("/api/v2/pools", json={"name": name, **facts})
        if answer.status_code == 409:
            answer = self._http.patch(f"/api/v2/pools/{name}", json={"pool": name, **facts})
        answer.raise_for_status()

    def wait_for_dags(self, dag_ids: list[str]) -> None:
        """Until the DAG processor has seen them all; TimeoutError names the missing ones and import errors."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.check()
            known = {dag["dag_id"] for dag in self.get("/dags", limit=500)["dags"]}
            missing = sorted(set(dag_ids) - known)
            if not missing:
                return
            if time.monotonic() > deadline:
                errors = [e["stack_trace"] for e in self.get("/importErrors")["import_errors"]]
                raise TimeoutError(f"Airflow does not know {', '.join(missing)}; import errors: {errors}")
            time.sleep(1)

    def unpause(self, dag_id: str) -> None:
        self._pause(dag_id, False)

    def pause(self, dag_id: str) -> None:
        self._pause(dag_id, True)

    def _pause(self, dag_id: str, paused: bool) -> None:
        self._http.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": paused}).raise_for_status()

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run; its id."""
        answer = self._http.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf or {}})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The newest 100 runs of a DAG, newest first."""
        found: list[dict[str, Any]] = self.get(f"/dags/{dag_id}/dagRuns", limit=100, order_by="-id")["dag_runs"]
        return found

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/dags/{dag_id}/dagRuns/{run_id}")
        return found

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """Task id -> state."""
        found = self.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in found}

    def result(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """What a task returned (of a list the first); empty when it returned nothing or never ran."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        answer = self._http.get(f"/api/v2{path}", params={"deserialize": "true"})
        if answer.status_code == 404:
            return {}
        answer.raise_for_status()
        value = answer.json()["value"]
        found = json.loads(value) if isinstance(value, str) else value
        found = found[0] if isinstance(found, list) and found else found
        return found if isinstance(found, dict) else {}

    def answer(self, dag_id: str, run_id: str, task: tuple[str, int], option: str, reason: str = "") -> None:
        """Answer what a task (its id and map index) asks, as whoever is signed in."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task[0]}/{task[1]}/hitlDetails"
        body = {"chosen_options": [option], "params_input": {"reason": reason}}
        self._http.patch(path, json=body).raise_for_status()

    def close(self) -> None:
        self._http.close()
