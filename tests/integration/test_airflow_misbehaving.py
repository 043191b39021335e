"""Partners that misbehave, inside a real Airflow: a cut file is rejected, a false host refused, a failing page never a
part of a roster. What a thin one leads to: test_airflow_answers.py.

One deployment serves the module; the tests run in the order of the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deployments import Running, deployment
from held_rosters import SEPTEMBER, drop, facts, take
from talentpool.load import digest
from talentpool.model import delivery

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1800)]

AUGUST, NOVEMBER, LATER = date(2026, 8, 31), date(2026, 11, 15), date(2026, 11, 20)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A city to which the postal rosters of two months were handed over at once."""
    with deployment(people=600, more_dags=Path(__file__).with_name("probe")) as running:
        drop(running, AUGUST)
        drop(running, SEPTEMBER)
        assert take(running) == "success"
        yield running


def test_a_roster_behind_another_is_taken_by_a_run_of_its_own(running: Running) -> None:
    """The run that asked for it, cleared as a retry would be, starts no second one."""
    airflow = running.city.airflow
    running.until("the second roster", lambda: (found := facts(running, SEPTEMBER)) and found.state == "published")
    runs = [str(run["dag_run_id"]) for run in airflow.runs("roster__postal")]
    (asked,) = (run for run in runs if run.startswith("next__"))
    (first,) = (run for run in runs if airflow.task_states("roster__postal", run)["again"] == "success")
    cleared = {"dag_run_id": first, "task_ids": ["again"], "only_failed": False, "dry_run": False}
    airflow.post("/dags/roster__postal/clearTaskInstances", cleared)
    running.until(
        "the task to run once more", lambda: airflow.task_states("roster__postal", first)["again"] == "skipped"
    )
    assert running.finished("roster__postal", first) == "success"
    assert [run["dag_run_id"] for run in airflow.runs("roster__postal") if run["dag_run_id"] not in runs] == []
    assert running.finished("roster__postal", asked) == "success"


def test_a_cut_file_is_rejected_and_nothing_moves(running: Running) -> None:
    before = digest(running.city.engine)
    path = drop(running, NOVEMBER)
    path.write_bytes(path.read_bytes()[:-1000])
    assert take(running) == "failed"
    found = facts(running, NOVEMBER)
    assert (found.state, found.reasons) == ("rejected", {"bytes_mismatch": 1})
    assert digest(running.city.engine) == before


def test_a_server_that_cannot_prove_itself_gets_nothing_and_gives_nothing(running: Running) -> None:
    """The false key is noticed at once; with the right one back, the task's own next try takes the roster."""
    import asyncssh

    from simulators.postal import make_keys

    airflow = running.city.airflow
    drop(running, LATER)
    right = airflow.get("/connections/partner_postal")
    false = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()
    extra = make_keys(running.layout.run / "postal_keys")
    airflow.put_connection("partner_postal", _with(right, {**extra, "host_key": " ".join(false[:2])}))
    run = airflow.trigger("roster__postal")
    running.until("a refusal", lambda: "its host key is not the one we know" in logged(running, run))
    assert facts(running, LATER) is None
    airflow.put_connection("partner_postal", _with(right, extra))
    assert running.finished("roster__postal", run) == "success"
    assert facts(running, LATER).state == "published"


def test_a_page_that_fails_is_asked_again_and_never_leaves_a_part(running: Running) -> None:
    """Page 1 fails for good: nothing is kept. Once it fails only once, the task's own next try takes the whole."""
    from talentpool_airflow.demo_run import partners

    airflow, engine = running.city.airflow, running.city.engine
    (roster,) = (r for r in running.city.rosters if r.partner == "sf" and r.as_of == SEPTEMBER)
    (first,) = (r for r in running.city.rosters if r.partner == "sf" and r.as_of < SEPTEMBER)
    assert roster.since == first.as_of
    switches = running.layout.api_root / "misbehave.json"
    before = digest(engine)
    partners.drop(running.layout, first)
    switches.write_text('{"page_fails_always": 1}', encoding="utf-8")
    run = airflow.trigger("roster__sf")
    running.until("a refusal", lambda: "(A1099)" in logged(running, run))
    assert digest(engine) == before
    assert deliveries(running, "sf") == []
    assert not [path for path in (running.layout.home / "landing" / "sf").rglob("*") if path.is_file()]
    switches.write_text('{"page_fails_once": 1, "total_moves_once": true}', encoding="utf-8")
    assert running.finished("roster__sf", run) == "success"
    (taken,) = deliveries(running, "sf")
    whole = len((first.path.parent / "template.csv").read_text(encoding="utf-8-sig").splitlines()) - 1
    assert (taken.state, taken.as_of, taken.rows) == ("published", first.as_of, whole)


def deliveries(running: Running, partner: str) -> list[Any]:
    with running.city.engine.connect() as conn:
        return list(conn.execute(sa.select(delivery).where(delivery.c.partner == partner)))


def _with(connection: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    kept = {name: connection[name] for name in ("conn_type", "host", "port", "login", "description")}
    return {**kept, "extra": json.dumps(extra)}


def logged(running: Running, run: str) -> str:
    """All that a run has said. It stays, while a task waits for its next try so shortly that a look may miss it."""
    logs = [path for path in (running.layout.logs / "tasks").rglob("*.log") if run in str(path)]
    return "".join(path.read_text(encoding="utf-8") for path in logs)


def test_a_task_that_logs_prints_and_raises_personal_values_leaves_none_in_any_log(running: Running) -> None:
    number, mobile, name = "140199" + "199003070012", "13812345670", "欧阳槿翊"
    airflow = running.city.airflow
    airflow.unpause("probe__talks_too_much")
    assert take(running, "probe__talks_too_much") == "failed"
    with running.as_user("operator") as http:
        http.get("/console/quality", params={"as_of": mobile}, headers={"User-Agent": f"x {number}"})
    (stored,) = (running.layout.logs / "tasks").rglob("dag_id=probe__talks_too_much/**/*.log")
    said = stored.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in said.splitlines()]
    for nth in ("first", "second", "third", "fourth", "fifth"):
        assert f"{nth} words" in said
    assert said.count("[redacted]") >= 10
    assert any(line.get("error_detail") for line in lines), "the trace is there, without what it spoke of"
    logs = [path for path in running.layout.logs.rglob("*") if path.is_file()]
    assert len(logs) > 5
    forms = [form for word in (number, mobile, name) for form in (word.encode(), json.dumps(word)[1:-1].encode())]
    assert [path.name for path in logs if any(form in path.read_bytes() for form in forms)] == []
