"""Run the demo's day: unpause, hand over a month, trigger its rosters, wait for what follows, draw the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from talentpool.in_airflow import LETTERS, NIGHTLY
from talentpool_airflow.demo_run.api import STATES_OPEN, Airflow
from talentpool_airflow.demo_run.officer import Officers

PARTNERS = ("postal", "sf", "meituan", "didi")
FOLLOWERS = ("pool__people", "quality__report")
CAMPAIGN, WAITING_CAMPAIGN = "campaign__warm_winter", "campaign__health_check"
"""Whose list the simulated officers approve, and whose waits for a person who looks at the demo."""
CONSUMERS_FIRST = ("quality__report", "pool__people", CAMPAIGN, WAITING_CAMPAIGN,
                   *(f"decision__{code}" for code in PARTNERS), *(f"roster__{code}" for code in PARTNERS))  # fmt: skip
"""An event that arrives while its consumer is paused is lost."""

WAIT_SECONDS = 900
QUIET_SECONDS = 6
STATES = {"queued": "排队", "running": "运行中", "success": "完成", "failed": "失败"}


@dataclass
class Played:
    """Runs of this `make run`: (dag id, run id, state)."""

    runs: list[tuple[str, str, str]] = field(default_factory=list)
    earlier: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def since_now(cls, airflow: Airflow) -> Played:
        """Runs that have ended belong to an earlier `make run`.

        One still open is ours: the scheduler starts the last due date as soon as a DAG is unpaused, and that run may
        take the delivery we are about to hand over.
        """
        return cls(
            earlier={
                dag: {run["dag_run_id"] for run in airflow.runs(dag) if run["state"] not in STATES_OPEN}
                for dag in CONSUMERS_FIRST
            }
        )

    def known(self, dag_id: str) -> set[str]:
        return self.earlier.get(dag_id, set()) | {run_id for dag, run_id, _ in self.runs if dag == dag_id}

    def note(self, dag_id: str, run: dict[str, Any]) -> None:
        self.runs.append((dag_id, run["dag_run_id"], run["state"]))

    def failed(self) -> list[tuple[str, str]]:
        return [(dag_id, run_id) for dag_id, run_id, state in self.runs if state == "failed"]


def play_month(airflow: Airflow, tell: Callable[[str], None], played: Played) -> bool:
    """Rosters of all partners, then pool and report when anything was published. True when something was.

    A delivery may be taken by another run than ours (the one of a due date, the one that found more waiting), so all
    runs count that appear meanwhile.
    """
    rosters = [f"roster__{code}" for code in PARTNERS]
    before = {dag_id: played.known(dag_id) for dag_id in (*rosters, *FOLLOWERS)}
    for dag_id in rosters:
        airflow.trigger(dag_id)
    published = False
    for dag_id in rosters:
        for run in _at_rest(airflow, dag_id, before[dag_id], tell):
            played.note(dag_id, run)
            published |= airflow.task_states(dag_id, run["dag_run_id"]).get("publish") == "success"
    if published:
        for dag_id in FOLLOWERS:
            for run in _at_rest(airflow, dag_id, before[dag_id], tell, quiet=QUIET_SECONDS):
                played.note(dag_id, run)
    return published


def play_campaign(
    airflow: Airflow, as_of: date, tell: Callable[[str], None], played: Played, officers: Officers
) -> None:
    """Draw and freeze the list of `as_of`: who is asked signs in and approves."""
    run_id = airflow.trigger(CAMPAIGN, {"as_of": as_of.isoformat()})

    def told(line: str) -> None:
        tell(line)
        officers.approve(CAMPAIGN, run_id)

    played.runs.append((CAMPAIGN, run_id, _wait(airflow, CAMPAIGN, run_id, told)))


def play_draft(airflow: Airflow, as_of: date, tell: Callable[[str], None], played: Played) -> None:
    """Draw another list of `as_of`, which is left to whoever looks at the demo: its run asks, and goes on waiting.

    A run of before that waits still is left as it is.
    """
    if any(run["state"] in STATES_OPEN for run in airflow.runs(WAITING_CAMPAIGN)):
        return
    run_id = airflow.trigger(WAITING_CAMPAIGN, {"as_of": as_of.isoformat()})
    asks = ("awaiting_input",)
    state = _wait(airflow, WAITING_CAMPAIGN, run_id, tell, until=asks)
    played.runs.append((WAITING_CAMPAIGN, run_id, state))


def play_letters(airflow: Airflow, tell: Callable[[str], None], played: Played) -> None:
    """Write to the partners about the faults of what came."""
    airflow.unpause(LETTERS)
    run_id = airflow.trigger(LETTERS)
    played.runs.append((LETTERS, run_id, _wait(airflow, LETTERS, run_id, tell)))


def play_night(airflow: Airflow, tell: Callable[[str], None], played: Played) -> None:
    """The nightly runs, side by side: the log verified, accounts compared, old files gone, pools that an event missed made."""
    for dag_id in NIGHTLY:
        airflow.unpause(dag_id)  # who paused one in the UI is not to wait for its run
    begun = [(dag_id, airflow.trigger(dag_id)) for dag_id in NIGHTLY]
    played.runs += [(dag_id, run_id, _wait(airflow, dag_id, run_id, tell)) for dag_id, run_id in begun]


def _wait(airflow: Airflow, dag_id: str, run_id: str, tell: Callable[[str], None], until: tuple[str, ...] = ()) -> str:
    """The state in which the run ends; or in which it is when a task of it is in one of the states `until`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        airflow.check()
        state = str(airflow.run(dag_id, run_id)["state"])
        tell(_line(airflow, dag_id, run_id, state))
        if state not in STATES_OPEN or (until and set(until) & set(airflow.task_states(dag_id, run_id).values())):
            return state
        time.sleep(1)
    raise TimeoutError(f"{dag_id} {run_id} did not end within {WAIT_SECONDS} s; see the task's log in the UI")


def _at_rest(
    airflow: Airflow, dag_id: str, before: set[str], tell: Callable[[str], None], *, quiet: float = 0
) -> list[dict[str, Any]]:
    """The runs that were not there `before`: at least one, and all ended for `quiet` seconds (events may start two)."""
    deadline = time.monotonic() + WAIT_SECONDS
    resting_since = None
    while time.monotonic() < deadline:
        airflow.check()
        new = [run for run in airflow.runs(dag_id) if run["dag_run_id"] not in before]
        for run in new:
            tell(_line(airflow, dag_id, run["dag_run_id"], run["state"]))
        if new and all(run["state"] not in STATES_OPEN for run in new):
            resting_since = resting_since or time.monotonic()
            if time.monotonic() - resting_since >= quiet:
                return new
        else:
            resting_since = None
        time.sleep(1)
    raise TimeoutError(f"no run of {dag_id} ended within {WAIT_SECONDS} s")


def _line(airflow: Airflow, dag_id: str, run_id: str, state: str) -> str:
    states = airflow.task_states(dag_id, run_id)
    state = STATES.get(state, state)
    done = sum(1 for task in states.values() if task in ("success", "skipped", "failed", "upstream_failed"))
    return f"{dag_id}  {state}  任务 {done}/{len(states)}"
