"""What every DAG must have, and that the DAGs are those the declarations ask for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from talentpool.acquire import load_partner
from talentpool.declare import campaign_files, load_campaign, partner_files
from talentpool.in_airflow import (
    ALARM_LOOK,
    ALARM_SEND,
    CALENDAR,
    DAILY,
    HEARING,
    LETTERS,
    MATCHING,
    NIGHTLY,
    RETENTION,
)
from talentpool.services.retention import KINDS, OF_AIRFLOW, defaults
from talentpool.settings import Settings
from talentpool_airflow.decisions import LOOK
from talentpool_airflow.defaults import deployed_on

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_the_files_parse_and_hold_exactly_the_declared_dags(bag: Any) -> None:
    assert bag.import_errors == {}
    settings = Settings()
    expected = {f"roster__{code}" for code in partner_files(settings.partner_dirs)}
    expected |= {f"decision__{code}" for code in partner_files(settings.partner_dirs)}
    expected |= {f"campaign__{code}" for code in campaign_files(settings.campaign_dirs)}
    assert {"roster__postal", "roster__didi", "campaign__warm_winter"} <= expected
    assert set(bag.dags) == expected | {"pool__people", "quality__report", *DAILY}


def test_every_dag_survives_being_stored_and_read_back(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    assert bag.dags
    for dag in bag.dags.values():
        stored = DagSerialization.to_dict(dag)
        again = DagSerialization.from_dict(stored)
        assert {task.task_id for task in again.tasks} == {task.task_id for task in dag.tasks}
        assert again.timetable.summary


def test_every_dag_speaks_chinese_and_explains_itself(bag: Any) -> None:
    assert bag.dags
    for dag in bag.dags.values():
        assert CHINESE.search(dag.dag_display_name), dag.dag_id
        assert len(CHINESE.findall(dag.doc_md or "")) > 30, dag.dag_id
        assert CHINESE.search(dag.description), dag.dag_id
        for task in dag.tasks:
            assert CHINESE.search(task.task_display_name), f"{dag.dag_id}.{task.task_id}"


def test_every_dag_runs_once_at_a_time_and_belongs_to_somebody(bag: Any) -> None:
    assert bag.dags
    for dag in bag.dags.values():
        assert dag.tags, dag.dag_id
        # questions wait side by side; everything else is done one after the other
        assert dag.max_active_runs == (16 if dag.dag_id.startswith("decision__") else 1), dag.dag_id
        assert dag.catchup is dag.dag_id.startswith("campaign__"), dag.dag_id
        assert str(dag.timezone) == "Asia/Shanghai" or dag.start_date is None, dag.dag_id


def test_whatever_matches_is_in_the_pool_of_one_slot(bag: Any) -> None:
    pools = {f"{dag.dag_id}.{task.task_id}": task.pool for dag in bag.dags.values() for task in dag.tasks}
    match = {"pool__people.match", "pool__people.snapshot", "pool__catch_up.catch_up", "retention__daily.people"}
    match |= {
        f"campaign__{code}.{task}" for code in campaign_files(Settings().campaign_dirs) for task in ("draw", "lock")
    }
    assert {task for task, pool in pools.items() if pool == MATCHING} == match
    assert set(pools.values()) == {MATCHING, "default_pool"}, "a deployment makes no other"


def test_what_looks_every_night_runs_from_the_first_start_and_makes_up_for_no_night_before(bag: Any) -> None:
    for dag in bag.dags.values():
        awake = dag.dag_id in (*DAILY, *HEARING)
        assert (dag.is_paused_upon_creation is False) is awake, dag.dag_id
    for dag in (bag.dags[dag_id] for dag_id in NIGHTLY):
        assert (dag.timetable.expression, dag.start_date.year < 1971, dag.catchup) == ("30 23 * * *", True, False)
        assert len(dag.tasks) == 1, "one job"
    assert [asset.name for asset in bag.dags["pool__catch_up"].get_task("catch_up").outlets] == ["pool_people"]
    assert bag.dags["quality__report"].timetable.asset_condition.uri == "talentpool://pool/people"


def test_each_kind_of_retention_is_a_task_that_waits_for_no_other(bag: Any) -> None:
    dag = bag.dags[RETENTION]
    assert dag.timetable.expression == "10 1 * * *", "before the backup of 02:30"
    assert {task.task_id for task in dag.tasks} == {*KINDS, *OF_AIRFLOW}
    assert not any(task.upstream_task_ids or task.downstream_task_ids for task in dag.tasks)
    names = {task.task_id: task.task_display_name for task in dag.tasks}
    assert names == {code: defaults()[code].name for code in names}


def test_no_run_by_hand_can_lie_before_a_dags_start(bag: Any) -> None:
    """It would have no tasks and end green. The form of the UI fills in today; a campaign begins to run by itself later."""
    assert bag.dags
    for dag in bag.dags.values():
        assert dag.start_date is None or dag.start_date.year < 1971, dag.dag_id


def test_a_campaign_is_drawn_by_itself_from_the_day_of_deployment_on(bag: Any) -> None:
    campaigns = [dag for dag in bag.dags.values() if dag.dag_id.startswith("campaign__")]
    assert campaigns
    for dag in campaigns:
        first = min(dag.timetable.event_dates)
        assert deployed_on() <= first < deployed_on().add(years=2), dag.dag_id


def test_every_task_has_an_owner_retries_with_growing_pauses_a_time_limit_and_an_alert(bag: Any) -> None:
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    assert len(tasks) >= 10
    for task in tasks:
        assert CHINESE.search(task.owner), task
        assert task.retries >= 2, task
        assert task.retry_exponential_backoff >= 2, task
        if task.task_type in ("Question", "Approval"):
            assert task.execution_timeout is None, "a limit on the work would end the waiting"
        if task.task_type == "Approval":
            assert timedelta(0) < LOOK <= timedelta(hours=1), "another door's approval closes it by then"
        elif task.task_type == "Question":
            assert timedelta(0) < task.response_timeout <= timedelta(hours=1), "another door's answer closes it by then"
        else:
            assert timedelta(0) < task.execution_timeout <= timedelta(hours=2), task
        assert task.on_failure_callback, task


def test_the_owner_of_a_roster_is_the_one_its_declaration_names(bag: Any) -> None:
    settings = Settings()
    for code in partner_files(settings.partner_dirs):
        dag = bag.dags[f"roster__{code}"]
        assert {task.owner for task in dag.tasks} == {load_partner(settings.partner_dirs, code).owner}


def test_a_roster_goes_through_its_stages_in_order(bag: Any) -> None:
    dag = bag.dags["roster__postal"]
    chain = ["acquire", "conform", "expect", "publish"]
    for before, after in pairwise(chain):
        assert after in dag.get_task(before).downstream_task_ids
    # The run's colour is that of its last tasks: a failed audit must not hide behind a successful leaf.
    assert not dag.get_task("publish").downstream_task_ids


def test_a_question_is_put_to_named_roles_and_shows_no_more_than_three_answers(bag: Any) -> None:
    dag = bag.dags["decision__postal"]
    question = dag.get_task("decide")
    assert [user["id"] for user in question.assigned_users] == ["role:city_officer"]
    assert question.options == ["全部入库", "只入新增与变更", "整份拒收"]
    assert not question.defaults, "silence decides nothing"
    assert [asset.name for asset in dag.get_task("carry_out").outlets] == ["roster_postal"]


def test_a_held_delivery_is_asked_about_even_though_its_run_failed(bag: Any) -> None:
    dag = bag.dags["roster__postal"]
    held, ask = dag.get_task("held"), dag.get_task("ask")
    assert held.trigger_rule == "all_done"
    assert {"acquire", "expect"} <= held.upstream_task_ids
    assert (ask.trigger_rule, ask.upstream_task_ids) == ("all_success", {"held"}), (
        "nobody is asked about what is not held"
    )
    assert ask.trigger_dag_id == "decision__postal"


def test_a_run_that_is_asked_for_again_is_the_same_run(bag: Any) -> None:
    """Else a task that was killed after it had started the run would start a second one at its next try."""
    starts = [task for dag in bag.dags.values() for task in dag.tasks if task.task_type == "TriggerDagRunOperator"]
    assert len(starts) == 2 * len(partner_files(Settings().partner_dirs)) + 1
    for task in starts:
        given = {**task.partial_kwargs, "trigger_run_id": "of the day"} if task.is_mapped else vars(task)
        assert given["trigger_run_id"] is not None and given["skip_when_already_exists"], task
        assert given["logical_date"] is None, "a moment of its own, so that the run goes by no calendar"


def test_alarms_look_every_morning_and_are_sent_every_quarter_of_an_hour_from_where_the_outside_is_reached(
    bag: Any,
) -> None:
    look, send = bag.dags[ALARM_LOOK], bag.dags[ALARM_SEND]
    assert (look.timetable.expression, send.timetable.expression) == ("45 7 * * *", "*/15 * * * *")
    assert [len(dag.tasks) for dag in (look, send)] == [1, 1], "one job each"
    assert send.get_task("send").queue == "default", "unless [talentpool] alert_queue says otherwise"


def test_partners_are_written_to_through_the_day_by_a_worker_that_may_reach_them(bag: Any) -> None:
    dag = bag.dags[LETTERS]
    assert (dag.timetable.expression, dag.catchup, len(dag.tasks)) == ("5,35 7-20 * * *", False, 1)
    assert dag.get_task("send").queue == "default", "unless [talentpool] alert_queue says otherwise"


def test_what_officers_planned_is_started_every_morning_before_the_campaigns_of_the_day(bag: Any) -> None:
    dag = bag.dags[CALENDAR]
    assert (dag.timetable.expression, dag.start_date.year < 1971, dag.catchup) == ("50 7 * * *", True, False)
    assert dag.get_task("start").upstream_task_ids == {"due"}


def test_a_campaign_waits_for_rosters_before_it_is_drawn_and_holds_no_worker_meanwhile(bag: Any) -> None:
    for code in campaign_files(Settings().campaign_dirs):
        dag = bag.dags[f"campaign__{code}"]
        assert dag.get_task("fresh").mode == "reschedule"
        assert dag.get_task("draw").upstream_task_ids == {"due", "fresh"}
        assert dag.get_task("approved").mode == "reschedule"
        assert dag.get_task("county").upstream_task_ids == {"draw"}
        assert dag.get_task("city").upstream_task_ids == {"draw", "county"}
        assert dag.get_task("approved").upstream_task_ids == {"due", "draw", "city"}
        assert dag.get_task("lock").upstream_task_ids == {"due", "approved"}
        assert dag.get_task("sheets").mode == "reschedule", "it may wait days for a second person"


def test_a_campaigns_run_reads_as_the_life_of_its_list_and_goes_on_past_questions_that_nobody_needs(bag: Any) -> None:
    dag = bag.dags["campaign__warm_winter"]
    order = ["due", "fresh", "draw", "county", "city", "approved", "lock", "sheets"]
    assert {task.task_id for task in dag.tasks} == set(order)
    for before, after in pairwise(order):
        assert after in dag.get_task(before).downstream_task_ids
    for task in ("county", "city"):
        assert dag.get_task(task).is_mapped and dag.get_task(task).map_index_template == "{{ task.place }}"
    for task in ("city", "approved"):  # nothing drawn: skipped; drawn, and nobody asked: on
        assert dag.get_task(task).trigger_rule == "none_failed_min_one_success"
        assert "draw" in dag.get_task(task).upstream_task_ids


def test_drafts_and_locked_lists_are_announced_under_a_key_and_whoever_listens_listens_for_keys(bag: Any) -> None:
    """An event with a key starts no DAG that is scheduled on the plain asset, and one without a key no other, silently."""
    from airflow.sdk import PartitionedAssetTimetable

    told = {asset.name for dag in bag.dags.values() for task in dag.tasks for asset in task.outlets}
    assert {
        f"list_{what}_{code}" for what in ("drafted", "locked") for code in campaign_files(Settings().campaign_dirs)
    } < told
    heard = [dag for dag in bag.dags.values() if getattr(dag.timetable, "asset_condition", None)]
    assert {dag.dag_id for dag in heard} == {"pool__people", "quality__report"}
    for dag in heard:
        assert type(dag.timetable).__name__ == PartitionedAssetTimetable.__name__, dag.dag_id


def test_a_campaign_is_drawn_its_lead_time_before_its_occasion(bag: Any) -> None:
    settings = Settings()
    campaign = load_campaign(settings.campaign_dirs, "warm_winter")
    days = {day.date() for day in bag.dags["campaign__warm_winter"].timetable.event_dates}
    assert len(days) == 10
    assert all((day + timedelta(days=campaign.lead_days)).month == campaign.occasion.month for day in days)


def test_parsing_imports_nothing_heavy_and_opens_no_database() -> None:
    program = (
        "import sys, importlib.util, pathlib, socket\n"
        "import airflow.sdk\n"
        "def refuse(*a, **k): raise AssertionError('a DAG file opened a connection')\n"
        "socket.socket.connect = refuse\n"
        f"for path in sorted(pathlib.Path({str(ROOT / 'dags')!r}).glob('*.py')):\n"
        "    spec = importlib.util.spec_from_file_location('parsed_' + path.stem, path)\n"
        "    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
        "heavy = {'pandas', 'great_expectations', 'duckdb', 'asyncssh', 'altair', 'pyarrow', 'xlsxwriter', 'alembic'}\n"
        "print('heavy:', *sorted(heavy & set(sys.modules)))\n"
    )
    env = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "heavy:\n" in done.stdout, done.stdout
