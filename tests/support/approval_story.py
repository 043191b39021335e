"""What a list goes through in a running Airflow from its draw to the lock, part after part."""

from __future__ import annotations

import os
import signal
from datetime import date

import sqlalchemy as sa

import asked_lists as lists
from deployments import Running
from talentpool.model import pool_snapshot, target_list


def each_county_is_asked(running: Running, as_of: date) -> None:
    """In a question of its own, which nobody answers for another, and whose text is for those who are asked."""
    run = lists.begin(running, as_of)
    counties = len([step for step in running.until("a draft", lambda: lists.steps(running)) if step.county])
    running.until("every county to be asked", lambda: len(lists.questions(running, run)) == counties)
    asked = lists.questions(running, run, user="city_officer")
    first, second, *_ = sorted(asked)
    labels = {task["rendered_map_index"] for task in lists.tasks(running, run, "county")}
    assert {"潞州区", "沁县"} <= labels, "the grid calls a share by its county"
    body = asked[first]["body"]
    assert (
        "请潞州区区县专员审批潞州区的份额" in body
        and "人（全名单入选" in body
        and asked[first]["options"] == ["批准", "退回"]
    )
    neighbour, mine = (role.replace("county_officer", "county") for role in (second, first))
    for user in (neighbour, "operator"):
        assert "内容只向被提问的人显示" in lists.questions(running, run, user=user)[first]["body"], user
    assert lists.questions(running, run, user=mine)[first]["body"] == body
    assert "内容只向" in lists.questions(running, run, user=mine)[second]["body"]
    for user in (neighbour, "operator", "admin", "auditor", "city_approver", "city_officer"):
        status, words = lists.answer(running, user, run, asked[first], "批准")
        assert status == 403 and "未" in words, (user, words)
    assert "潞州区区县专员" in lists.answer(running, "city_approver", run, asked[first], "批准")[1]
    status, words = lists.answer(running, mine, run, asked[first], "退回")
    assert status == 422 and "意见" in words, "without a word why"
    assert not any(step.approved_by for step in lists.steps(running))
    for role in sorted(asked)[2:]:  # by the other door: what waits wakes up every few seconds here, which is work
        lists.approve_elsewhere(running, role)
    running.until("these questions to close", lambda: set(lists.questions(running, run)) == {first, second})


def officers_see_runs_and_nothing_behind(running: Running) -> None:
    """Runs, tasks and questions of lists; no log, code or XCom, nobody else's runs; and they change no run."""
    run = lists.going_on(running)
    there = f"/api/v2/dags/{lists.LIST}/dagRuns/{run}"
    seen = [
        there,
        f"{there}/taskInstances",
        f"{there}/hitlDetails",
        f"/ui/grid/runs/{lists.LIST}",
        f"/api/v2/dags/{lists.LIST}",
    ]
    shut = [f"{there}/taskInstances/draw/logs/1", f"{there}/taskInstances/draw/xcomEntries", f"/api/v2/dagSources/{lists.LIST}",
            *(f"/api/v2/{path}" for path in ("dags/pool__people/dagRuns", "dags/roster__postal/dagRuns", "connections",
                                             "variables"))]  # fmt: skip
    for user in ("county_140403", "city_approver"):
        with running.as_user(user) as http:
            assert [http.get(path).status_code for path in seen] == [200] * len(seen), user
            assert [http.get(path).status_code for path in shut] == [403] * len(shut), user
            done = [
                http.post(f"/api/v2/dags/{lists.LIST}/dagRuns", json={"logical_date": None, "conf": {}}),
                http.patch(f"/api/v2/dags/{lists.LIST}", json={"is_paused": True}),
                http.post(f"{there}/clear", json={"dry_run": False}),
                http.patch(there, json={"state": "success"}),
                http.patch(f"{there}/taskInstances/county/0", json={"new_state": "success"}),
            ]
            assert [answered.status_code for answered in done] == [403] * len(done), user


def two_doors_then_the_lock(running: Running, as_of: date) -> None:
    """An answer, a return, a decision of our own; a task marked as done; a worker killed in the middle of the lock."""
    airflow = running.city.airflow
    run = lists.going_on(running)
    asked = lists.questions(running, run)
    first, second = sorted(asked)
    assert lists.answer(running, first.replace("county_officer", "county"), run, asked[first], "批准")[0] == 200
    approved = next(step for step in lists.steps(running) if f"county_officer_{step.county}" == first)
    assert (approved.approved_by, approved.approved_as) == (first.replace("county_officer", "county"), first)
    late = lists.answer(running, first.replace("county_officer", "county"), run, asked[first], "批准")
    assert late[0] == 409 and "已由" in late[1]
    name = second.replace("county_officer", "county")
    assert lists.answer(running, name, run, asked[second], "退回", "一个站点已经撤销")[0] == 200
    running.until(
        "to be asked anew",
        lambda: "一个站点已经撤销" in lists.questions(running, run, user=name).get(second, {}).get("body", ""),
    )
    lists.approve_elsewhere(running, second)
    running.until(
        "the questions to close", lambda: {t["state"] for t in lists.tasks(running, run, "county")} == {"success"}
    )
    running.until("the city to be asked", lambda: lists.questions(running, run, "city"))
    with running.as_user("operator") as http:  # approves nothing
        path = f"/api/v2/dags/{lists.LIST}/dagRuns/{run}/taskInstances/city/0"
        http.patch(path, json={"new_state": "success"}).raise_for_status()
    running.until("the run to look", lambda: lists.tasks(running, run, "approved")[0]["state"] == "up_for_reschedule")
    with running.city.engine.connect() as conn:
        draft = conn.execute(sa.select(target_list).where(target_list.c.campaign == "warm_winter")).one()
        assert draft.state == "county_approved"
    assert lists.tasks(running, run, "lock")[0]["state"] is None, "a task marked as done locks nothing"
    with running.city.engine.connect() as conn:
        pool = sa.select(pool_snapshot.c.snapshot_id).where(pool_snapshot.c.snapshot_id == draft.snapshot_id)
        conn.execute(pool.with_for_update())  # whoever locks the list waits for this
        lists.approve_elsewhere(running, "city_approver")
        working = running.until("the lock to begin", lambda: (t := lists.tasks(running, run, "lock")[0])["pid"] and t)
        os.kill(working["pid"], signal.SIGKILL)
        running.until("it to be missed", lambda: lists.tasks(running, run, "lock")[0]["state"] == "up_for_retry")
        conn.rollback()
    assert running.finished(lists.LIST, run) == "success"
    with running.city.engine.connect() as conn:
        locked = conn.execute(sa.select(target_list).where(target_list.c.campaign == "warm_winter")).one()
    assert (locked.state, locked.list_id, locked.content_hash) == ("locked", draft.list_id, draft.content_hash)
    assert set(locked.passport["approvals"]) > {
        role.replace("county_officer", "county") for role in (*asked, "city_approver")
    }
    events = {
        (one["name"], one["partition_key"])
        for one in airflow.get("/assets/events", source_dag_id=lists.LIST)["asset_events"]
    }
    assert events == {(f"list_{what}_warm_winter", as_of.isoformat()) for what in ("drafted", "locked")}
