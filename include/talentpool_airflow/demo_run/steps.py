"""The demo's day: unpause, hand over a month, trigger its rosters, wait for what follows, draw the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from talentpool_airflow.demo_run.api import STATES_OPEN, Airflow

PARTNERS = ("postal", "didi")
FOLLOWERS = ("pool__people", "quality__report")
CAMPAIGN = "campaign__warm_winter"
CONSUMERS_FIRST = ("quality__report", "pool__people", CAMPAIGN, *(f"roster__{code}" for code in PARTNERS))
"""An event that arrives while its consumer is paused is lost."""

WAIT_SECONDS = 900
QUIET_SECONDS = 6


@dataclass
class Played:
    """Runs of this `make run`: (dag id, run id, state)."""

    runs: list[tuple[str, str, str]] = field(default_factory=list)

    def failed(self) -> list[tuple[str, str]]:
        return [(dag_id, run_id) for dag_id, run_id, state in self.runs if state == "failed"]


def play_month(airflow: Airflow, tell: Callable[[str], None], played: Played) -> bool:
    """Rosters of all partners, then pool and report when anything was published. True when something was."""
    before = {dag_id: {run["dag_run_id"] for run in airflow.runs(dag_id)} for dag_id in FOLLOWERS}
    started = [(f"roster__{code}", airflow.trigger(f"roster__{code}")) for code in PARTNERS]
    for dag_id, run_id in started:
        played.runs.append((dag_id, run_id, _wait(airflow, dag_id, run_id, tell)))
    published = [d for d, r in started if airflow.task_states(d, r).get("publish") == "success"]
    if not published:
        return False
    for dag_id in FOLLOWERS:
        for run in _followers(airflow, dag_id, before[dag_id], tell):
            played.runs.append((dag_id, run["dag_run_id"], run["state"]))
    return True


def play_campaign(airflow: Airflow, as_of: date, tell: Callable[[str], None], played: Played) -> None:
    """Draw and freeze the list of `as_of`."""
    run_id = airflow.trigger(CAMPAIGN, {"as_of": as_of.isoformat()})
    played.runs.append((CAMPAIGN, run_id, _wait(airflow, CAMPAIGN, run_id, tell)))


def _wait(airflow: Airflow, dag_id: str, run_id: str, tell: Callable[[str], None]) -> str:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        airflow.check()
        state = str(airflow.run(dag_id, run_id)["state"])
        tell(_line(airflow, dag_id, run_id, state))
        if state not in STATES_OPEN:
            return state
        time.sleep(1)
    raise TimeoutError(f"{dag_id} {run_id} did not end within {WAIT_SECONDS} s; see the task's log in the UI")


def _followers(airflow: Airflow, dag_id: str, before: set[str], tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """The runs that events started: at least one, and all at rest for a while (two rosters may start two)."""
    deadline = time.monotonic() + WAIT_SECONDS
    quiet_since = None
    while time.monotonic() < deadline:
        airflow.check()
        new = [run for run in airflow.runs(dag_id) if run["dag_run_id"] not in before]
        for run in new:
            tell(_line(airflow, dag_id, run["dag_run_id"], run["state"]))
        if new and all(run["state"] not in STATES_OPEN for run in new):
            quiet_since = quiet_since or time.monotonic()
            if time.monotonic() - quiet_since > QUIET_SECONDS:
                return new
        else:
            quiet_since = None
        time.sleep(1)
    raise TimeoutError(f"no event started {dag_id} within {WAIT_SECONDS} s")


def _line(airflow: Airflow, dag_id: str, run_id: str, state: str) -> str:
    states = airflow.task_states(dag_id, run_id)
    done = sum(1 for task in states.values() if task in ("success", "skipped", "failed", "upstream_failed"))
    return f"{dag_id}  {state}  {done}/{len(states)}"
