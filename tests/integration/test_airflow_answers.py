"""A held roster, and a list to be approved, inside a real Airflow: who may decide, by which door, and what nobody can forge.

One deployment serves the module; the tests run in the order of the file.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

import approval_story
from browsers import browser
from deployments import Running, deployment
from held_rosters import QUESTION, SEPTEMBER, answer, ask_anew, asks, drop, facts, held, said, still_asks, take, waiting
from patience import PATIENCE
from talentpool.acquire import load_partner
from talentpool.decide import decide
from talentpool.guard import open_keys
from talentpool.load import digest
from talentpool.model import audit_log, delivery_decision, pool_snapshot, source_record
from talentpool.office import Office

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]

OCTOBER, NOVEMBER, LATER, AFTER = date(2026, 10, 31), date(2026, 11, 15), date(2026, 11, 20), date(2026, 11, 25)
TASK = "/api/v2/dags/decision__postal/dagRuns/{run}/taskInstances/{task}"
GREAT = 10**30


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A city whose postal roster of September is published."""
    with deployment(people=600, AIRFLOW__TALENTPOOL__QUESTION_PAUSE="5") as running:
        drop(running, SEPTEMBER)
        assert take(running) == "success"
        yield running


def decisions(running: Running) -> list[Any]:
    with running.city.engine.connect() as conn:
        return list(conn.execute(sa.select(delivery_decision).order_by(delivery_decision.c.decision_id)))


def forged(choice: str = "全部入库") -> dict[str, Any]:
    user = {"id": "2", "name": "city_officer"}
    return {"chosen_options": [choice], "params_input": {"reason": "x"}, "responded_by_user": user,
            "responded_at": "2026-11-01T00:00:00+00:00"}  # fmt: skip


def taken_by_the_officer(running: Running, as_of: date) -> None:
    """A held delivery whose removals the city's officer left out: published, decided once, on record."""
    found = facts(running, as_of)
    assert (found.state, found.decided) == ("published", "no-removals")
    decided = decisions(running)[-1]
    assert decided.delivery_id == found.delivery_id
    assert (decided.choice, decided.decided_by, decided.role) == ("no-removals", "city_officer", "city_officer")
    assert decided.reason == "与市邮政管理局核实"
    with running.city.engine.connect() as conn:
        gone = conn.scalar(sa.select(sa.func.count()).where(source_record.c.status != "active"))
        log = sa.select(audit_log.c.actor, audit_log.c.details).where(audit_log.c.action == "decision")
        on_record = conn.execute(log.order_by(audit_log.c.seq)).all()[-1]
    assert gone == 0
    assert (on_record.actor, on_record.details["role"]) == ("city_officer", "city_officer")


def test_a_thin_roster_is_held_and_a_person_is_asked(running: Running) -> None:
    before = digest(running.city.engine)
    run = held(running, OCTOBER)
    assert digest(running.city.engine) == before
    asked = running.city.airflow.runs("roster__postal")[0]
    assert "已搁置，等市级专员决定" in asked["note"] and "减少的人员过多" in asked["note"], (
        "the grid says why it is red"
    )
    tasks = running.layout.logs / "tasks" / "dag_id=roster__postal" / f"run_id={asked['dag_run_id']}"
    (log,) = (path.read_text(encoding="utf-8") for path in (tasks / "task_id=expect").glob("*.log"))
    assert '"event":"交付 ' in log and "exc_type" not in log and "error_detail" not in log, "a sentence, no stack trace"
    with running.as_user("city_officer") as http:
        question = http.get(QUESTION.format(dag="decision__postal", run=run)).json()
    assert question["options"] == ["全部入库", "只入新增与变更", "整份拒收"]
    assert "减少的人员过多" in question["body"]
    assert "邮政快递" in question["subject"]
    alerts = (running.layout.home / "alerts.jsonl").read_text(encoding="utf-8")
    assert "名册被搁置，等市级专员决定" in alerts
    assert all(json.loads(line) for line in alerts.splitlines())


def test_who_may_answer_sees_the_run_that_asks_and_the_way_to_it(running: Running) -> None:
    """Airflow's page of a question reads its run: without that the link in the list of questions never ends loading."""
    run = waiting(running, OCTOBER)
    beside = [f"/api/v2/dags/decision__postal/dagRuns/{run}", TASK.format(run=run, task="decide"),
              "/ui/grid/runs/decision__postal", "/api/v2/dags/decision__postal/tasks"]  # fmt: skip
    closed = ["/api/v2/dags/audit__verify/dagRuns", "/api/v2/dagSources/decision__postal",
              TASK.format(run=run, task="decide") + "/xcomEntries", TASK.format(run=run, task="decide") + "/logs/1"]  # fmt: skip
    with running.as_user("city_officer") as http:
        assert [http.get(path).status_code for path in beside] == [200] * len(beside)
        assert [http.get(path).status_code for path in closed] == [403] * len(closed)
        assert http.patch(TASK.format(run=run, task="decide"), json={"new_state": "success"}).status_code == 403
        (link,) = re.findall(r'href="([^"]+)">去决定</a>', http.get("/console/quality").text)
        page = http.get(link).text
        assert all(words in page for words in ("为什么搁置", "只入新增与变更", "按所选决定")) and "target=" not in page
    for user in ("city_approver", "county_140425"):
        with running.as_user(user) as http:
            assert http.get(beside[0]).status_code == 403, user
            said, held = http.get("/console/quality").text, http.get(link)
            assert "去决定" not in said and (user != "city_approver" or "由市级数据专员决定" in said)
            assert held.status_code == (403 if user == "city_approver" else 200) and "按所选决定" not in held.text


def test_the_citys_officer_sees_and_starts_runs_and_does_nothing_else_to_them(running: Running) -> None:
    run = waiting(running, OCTOBER)
    with running.as_user("city_officer") as http:
        for dag in ("roster__postal", "pool__people", "quality__report", "campaign__warm_winter"):
            assert http.get(f"/api/v2/dags/{dag}/dagRuns").status_code == 200, dag
            assert http.patch(f"/api/v2/dags/{dag}", json={"is_paused": True}).status_code == 403
        begun = {"logical_date": None, "conf": {"as_of": "2099-01-01"}}
        started = http.post("/api/v2/dags/quality__report/dagRuns", json=begun)
        assert started.status_code == 200, started.text
        far = http.post("/api/v2/dags/quality__report/dagRuns", json={"logical_date": "2099-11-29T00:00:00Z"})
        assert (far.status_code, "逻辑日期" in far.json()["detail"]) == (422, True)
        own = f"/api/v2/dags/quality__report/dagRuns/{started.json()['dag_run_id']}"
        refused = [
            http.post("/api/v2/dags/decision__postal/dagRuns", json=begun),
            http.post("/api/v2/dags/audit__verify/dagRuns", json=begun),
            http.post("/api/v2/backfills", json={"dag_id": "roster__postal", "from_date": "2026-01-01T00:00:00Z",
                                                 "to_date": "2026-01-02T00:00:00Z"}),
            http.post(f"{own}/clear", json={"dry_run": False}),
            http.patch(own, json={"state": "success"}),
            http.delete(own),
            *(http.get(f"/api/v2/{path}") for path in ("connections", "variables", "dagSources/roster__postal",
                                                       f"dags/decision__postal/dagRuns/{run}/taskInstances/decide/logs/1")),
        ]  # fmt: skip
        assert [answer.status_code for answer in refused] == [403] * len(refused)
    for user in ("county_140425", "city_approver", "auditor"):
        with running.as_user(user) as http:
            assert http.post("/api/v2/dags/quality__report/dagRuns", json=begun).status_code == 403, user


@pytest.mark.browser
def test_the_citys_officer_starts_a_run_by_a_click(running: Running) -> None:
    with running.as_user("city_officer") as http, browser() as driven:
        page = driven.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN").new_page()
        page.set_default_timeout(PATIENCE * 1000)
        base = str(http.base_url).rstrip("/")
        token = http.headers["Authorization"].removeprefix("Bearer ")
        page.context.add_cookies([{"name": "_token", "value": token, "url": base}])
        page.goto(f"{base}/dags")
        page.get_by_text("数据质量").first.wait_for()
        page.goto(f"{base}/dags/pool__people")
        page.get_by_role("button", name="触发").first.click()
        page.get_by_role("button", name="触发").last.click()
        page.wait_for_url("**/runs/**")


@pytest.mark.parametrize("user", ["county_140425", "auditor", "operator", "admin", "city_approver"])
def test_whoever_is_not_asked_cannot_answer(running: Running, user: str) -> None:
    status, said = answer(running, user, waiting(running, OCTOBER), "全部入库")
    assert status == 403 and "市级数据专员" in said
    assert (facts(running, OCTOBER).state, decisions(running)) == ("held", [])
    with running.city.engine.connect() as conn:
        refused = sa.select(audit_log.c.subject).where(audit_log.c.action == "refused", audit_log.c.actor == user)
        assert "question:decision__postal" in conn.scalars(refused).all()


@pytest.mark.parametrize(
    "given",
    [{"chosen_options": []}, {"chosen_options": ["全部入库", "整份拒收"]}, {"params_input": {"reason": "字" * 201}},
     {"params_input": {"reason": "a\0b"}}, {"params_input": {"reason": "x", "by": "somebody"}},
     {"chosen_options": ["all"]}],
)  # fmt: skip
def test_an_answer_that_is_none_is_not_taken(running: Running, given: dict[str, Any]) -> None:
    run = waiting(running, OCTOBER)
    assert answer(running, "city_officer", run, "全部入库", **given)[0] == 422
    assert (facts(running, OCTOBER).state, decisions(running)) == ("held", [])
    assert still_asks(running, run)


def test_a_forged_result_and_a_task_marked_as_done_carry_out_nothing(running: Running) -> None:
    before, run = digest(running.city.engine), waiting(running, OCTOBER)
    with running.as_user("operator") as http:
        entry = {"key": "return_value", "value": forged(), "map_index": -1}
        http.post(TASK.format(run=run, task="decide") + "/xcomEntries", json=entry).raise_for_status()
        http.patch(TASK.format(run=run, task="decide"), json={"new_state": "success"}).raise_for_status()
    assert running.finished("decision__postal", run) == "failed"
    assert "尚无决定" in running.said("decision__postal", run)
    assert (facts(running, OCTOBER).state, decisions(running)) == ("held", [])
    assert digest(running.city.engine) == before
    ask_anew(running, run)
    assert waiting(running, OCTOBER) == run


def test_an_answer_in_airflows_tables_alone_decides_nothing_and_the_question_is_put_anew(running: Running) -> None:
    run = waiting(running, OCTOBER)
    airflow = sa.create_engine(running.city.airflow_url)
    written = sa.text(
        "update hitl_detail set responded_at = now(), responded_by = cast(:who as json), chosen_options = cast(:what as json)"
        " where ti_id = (select id from task_instance where run_id = :run and task_id = 'decide')"
    )
    values = {"who": json.dumps(forged()["responded_by_user"]), "what": json.dumps(["全部入库"]), "run": run}
    with airflow.begin() as conn:
        assert conn.execute(written, values).rowcount == 1
    path = QUESTION.format(dag="decision__postal", run=run)

    def open_again() -> bool:
        return not running.city.airflow.get(path.removeprefix("/api/v2"))["response_received"] and asks(running, run)

    running.until("the question to be put anew", open_again)
    airflow.dispose()
    assert (facts(running, OCTOBER).state, decisions(running)) == ("held", [])


def test_the_answer_of_who_is_asked_is_carried_out_and_the_pool_of_that_date_follows(running: Running) -> None:
    airflow, run = running.city.airflow, waiting(running, OCTOBER)
    heard = {r["dag_run_id"] for r in airflow.runs("pool__people")}
    assert answer(running, "city_officer", run, "只入新增与变更")[0] == 200
    assert running.finished("decision__postal", run) == "success"
    taken_by_the_officer(running, OCTOBER)
    followed = running.until(
        "the pool of that date",
        lambda: [r for r in airflow.runs("pool__people") if r["dag_run_id"] not in heard],
    )
    assert followed[0]["partition_key"] == OCTOBER.isoformat()
    assert running.finished("pool__people", followed[0]["dag_run_id"]) == "success"


def test_what_is_answered_is_not_answered_again(running: Running) -> None:
    (run,) = [run["dag_run_id"] for run in running.city.airflow.runs("decision__postal")]
    status, words = answer(running, "city_officer", run, "全部入库")
    assert status == 409 and "city_officer" in words
    assert len(decisions(running)) == 1


def test_the_first_door_closes_the_other(running: Running) -> None:
    """The command line decides while the question waits: an answer comes too late, the question closes by itself."""
    city, run = running.city, held(running, NOVEMBER, keep=0.3)
    before = digest(city.engine)
    decide(
        Office(city.engine, city.settings, open_keys(city.settings, city.engine)),
        load_partner(city.settings.partner_dirs, "postal"), facts(running, NOVEMBER).delivery_id, "reject",
        by="王主任", reason="错发",
    )  # fmt: skip
    status, words = answer(running, "city_officer", run, "全部入库")
    assert status == 409 and "王主任" in words
    assert running.finished("decision__postal", run) == "success"
    assert city.airflow.task_states("decision__postal", run) == {"decide": "success", "carry_out": "skipped"}
    assert [row.choice for row in decisions(running)] == ["no-removals", "reject"]
    assert digest(city.engine) == before


@pytest.mark.parametrize("given", [{"delivery_id": GREAT}, {"other": GREAT}, {"deep": [{"x": -GREAT}]}])
def test_a_number_that_airflow_cannot_carry_is_refused_at_the_door(running: Running, given: dict[str, Any]) -> None:
    airflow = running.city.airflow
    run = airflow.runs("decision__postal")[0]["dag_run_id"]
    sent = {
        "/api/v2/dags/decision__postal/dagRuns": {"logical_date": None, "conf": given},
        TASK.format(run=run, task="decide") + "/xcomEntries": {"key": "other", "value": given, "map_index": -1},
        "/api/v2/assets/events": {"asset_id": 1, "extra": given},
    }
    runs = len(airflow.runs("decision__postal"))
    with running.as_user("operator") as http:
        for path, body in sent.items():
            answered = http.post(path, json=body)
            assert answered.status_code == 422 and "64 位" in answered.text, path
    assert len(airflow.runs("decision__postal")) == runs
    airflow.check()


@pytest.mark.parametrize(
    ("dag_id", "task"),
    [("roster__postal", "acquire"), ("pool__people", "match"), ("quality__report", "report"),
     ("campaign__warm_winter", "due")],
)  # fmt: skip
@pytest.mark.parametrize("as_of", ["9999-12-31", pytest.param("0001-01-01", marks=pytest.mark.slow)])
def test_a_date_that_nobody_knows_ends_its_run_and_does_nothing(
    running: Running, dag_id: str, task: str, as_of: str
) -> None:
    airflow, before = running.city.airflow, digest(running.city.engine)
    run = airflow.trigger(dag_id, {"as_of": as_of})
    assert running.finished(dag_id, run) == "failed"
    assert airflow.task_states(dag_id, run)[task] == "failed"
    assert "未执行任何操作" in running.said(dag_id, run)
    with running.city.engine.connect() as conn:
        assert conn.scalar(sa.select(sa.func.max(pool_snapshot.c.as_of))) == OCTOBER
        assert conn.scalar(sa.select(sa.func.min(pool_snapshot.c.as_of))) >= SEPTEMBER
    assert digest(running.city.engine) == before


def test_a_forged_result_of_a_roster_run_is_refused_in_words(running: Running) -> None:
    """What the first task handed on is written anew by an operator, and the next tasks are cleared to read it."""
    airflow = running.city.airflow
    drop(running, LATER)
    assert take(running) == "success"
    run = airflow.runs("roster__postal")[0]["dag_run_id"]
    before = digest(running.city.engine)
    there = f"/api/v2/dags/roster__postal/dagRuns/{run}/taskInstances/expect/xcomEntries/return_value"
    with running.as_user("operator") as http:
        http.patch(there, json={"value": {"partner": "sf", "delivery_id": 1}, "map_index": -1}).raise_for_status()
        again = {"dry_run": False, "task_ids": ["publish"], "dag_run_id": run, "only_failed": False}
        http.post("/api/v2/dags/roster__postal/clearTaskInstances", json=again).raise_for_status()
    assert running.finished("roster__postal", run) == "failed"
    assert "被改动过" in running.said("roster__postal", run)
    assert digest(running.city.engine) == before


def test_a_lists_counties_are_asked_and_nobody_answers_for_another(running: Running) -> None:
    approval_story.each_county_is_asked(running, SEPTEMBER)


def test_officers_see_the_runs_of_lists_and_nothing_behind_them(running: Running) -> None:
    approval_story.officers_see_runs_and_nothing_behind(running)


def test_a_list_is_approved_by_two_doors_and_locked_though_the_worker_is_killed(running: Running) -> None:
    approval_story.two_doors_then_the_lock(running, SEPTEMBER)


@pytest.mark.slow
def test_an_answer_survives_the_attempt_that_asked(running: Running) -> None:
    """The first attempt has put its question and hangs (a pipe stands where alerts go); it is answered, then killed."""
    airflow, run, before = running.city.airflow, held(running, AFTER), len(decisions(running))
    alerts = running.layout.home / "alerts.jsonl"
    kept = alerts.rename(alerts.with_suffix(".kept"))
    os.mkfifo(alerts)
    ask_anew(running, run)
    there = TASK.format(run=run, task="decide").removeprefix("/api/v2")
    asked = sa.text("select asked_at from delivery_question where run_id = :run")

    def state() -> dict[str, Any]:
        return dict(airflow.get(there))

    running.until("the attempt to run", lambda: state()["state"] == "running" and "ALERT" in said(running, run))
    with running.city.engine.connect() as conn:
        assert conn.scalar(asked, {"run": run}) is not None
    first = state()
    assert answer(running, "city_officer", run, "只入新增与变更")[0] == 200
    os.kill(first["pid"], signal.SIGKILL)
    running.until("the attempt to be missed", lambda: state()["state"] != "running")
    alerts.unlink()
    kept.rename(alerts)
    assert running.finished("decision__postal", run) == "success"
    assert state()["try_number"] == first["try_number"] + 1
    taken_by_the_officer(running, AFTER)
    assert len(decisions(running)) == before + 1
