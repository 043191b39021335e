"""The pages 交付日历 and 告警 in the real console, and the look at a real database of Airflow's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from arrivals import arrive
from browsers import browser
from console_office import Console
from drawn_lists import DAY
from receivers import mail_server
from talentpool.database import engine_of
from talentpool.model import alert_sending
from talentpool.services.alarm import Alarm, raise_alert
from talentpool.services.alarm.airflow_state import airflow_alarms
from talentpool.services.doctor.alarms import components, ways
from talentpool.services.doctor.finding import Patient

LATE = "roster_late:postal:2026-11-01"


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    """A partner in time, one who is late, one whose roster was sent back; an alert that one chat did not take."""
    arrive(listed.office, "meituan", "2026-11-15", "2026-11-16")
    arrive(listed.office, "meituan", "2026-11-22", "2026-11-23", "held")
    arrive(listed.office, "sf", "2026-11-01", "2026-11-02")
    arrive(listed.office, "sf", "2026-11-22", "2026-11-26", "rejected")
    with listed.office.engine.begin() as conn:
        raise_alert(
            conn,
            Alarm("roster_late", "postal", "邮政快递的名册 2026-11-02 应到，仍未收到；请联系对方", about="2026-11-01"),
        )
        raise_alert(conn, Alarm("task_failed", "pool__people", "任务 match 失败：数据库暂时连不上", about="r1:match"))
        tried = {"what": "first", "day": DAY, "keys": [LATE]}
        for channel, fault in (("hook/dingtalk", "对方没有接受"), ("hook/wecombot", "")):
            conn.execute(alert_sending.insert().values(**tried, channel=channel, sent=not fault, fault=fault))
    return listed


def test_the_calendar_says_in_words_what_became_of_each_roster_and_to_a_county_no_number(place: Console) -> None:
    city, county = place.visit("/console/deliveries", "city").text, place.visit("/console/deliveries", "county").text
    for words in ("已收到", "搁置", "待到", "缺失（已退回）", "计划"):
        assert f'">{words}' in city and f'">{words}' in county, words
    assert "，交付 " in city and "，交付 " not in county
    assert "2025 年各合作单位" in place.visit("/console/deliveries?year=2025", "county").text
    assert "2026 年各合作单位" in place.visit("/console/deliveries?year=1900", "city").text
    assert place.visit("/console/deliveries", "nobody").status_code == 403


def test_alerts_show_what_was_taken_and_what_was_not_and_the_citys_officer_takes_note(place: Console) -> None:
    page = place.visit(f"/console/alerts?key={LATE}", "city").text
    assert "您打开的告警" in page and "已送达：企业微信；未送达：钉钉" in page and "有告警没有送达" in page
    assert place.visit("/console/alerts", "county").status_code == 403
    assert "/alerts/note" not in place.visit("/console/alerts", "approver").text, "who looks only looks"
    for user in ("approver", "auditor", "operator", "county"):
        assert place.post("/console/alerts/note", user, {"key": LATE}).status_code == 403, user
    assert place.post("/console/alerts/note", "city", {"key": "roster_late:nobody"}).status_code == 422
    done = place.onward(place.post("/console/alerts/note", "city", {"key": LATE, "note": "已电话联系"}), "city").text
    assert "已确认" in done and "已电话联系" in done
    assert place.office.ask("select said_by, dedup_key from alert_word") == [("city", LATE)]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_both_pages_fit_the_screen_and_complain_of_nothing(place: Console, tmp_path: Path, width: int) -> None:
    with browser() as driven:
        for user in ("city", "county"):
            page, complaints = place.window(driven, user, width)
            for path in ("deliveries", "alerts")[: 2 if user == "city" else 1]:
                page.goto(f"{place.url}/console/{path}")
                page.screenshot(path=tmp_path / f"{path}_{user}_{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                assert complaints == []
        page.emulate_media(media="print")
        assert not page.locator("header.bar").is_visible(), "the paper has the calendar alone"


@pytest.fixture(scope="module")
def airflow(place: Console) -> sa.Engine:
    return engine_of(place.airflow_url)


def seen(place: Console, now: datetime) -> dict[str, Any]:
    office, settings = place.office, place.office.settings
    office.settings = settings.model_copy(update={"airflow_database_url": place.airflow_url})
    try:
        return {one.key: one for one in airflow_alarms(office, DAY, now)}
    finally:
        office.settings = settings


def test_a_stopped_scheduler_leads_to_a_letter_the_same_hour_by_the_watch_and_the_connection_of_the_page(
    place: Console,
) -> None:
    """The watch in a process of its own, beside an Airflow of which only the API server lives."""
    home = place.office.settings.home
    with mail_server() as mail:
        made = json.loads(mail.connection())
        body = {"connection_id": "alert_mail", **made, "extra": json.dumps(made["extra"])}
        headers = {"authorization": f"Bearer {place.tokens['admin']}"}
        assert place.client.post(f"{place.url}/api/v2/connections", json=body, headers=headers).status_code == 201
        metadata = sa.make_url(place.airflow_url).set(drivername="postgresql+psycopg2")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TALENTPOOL_"))}
        env = kept | {
            "AIRFLOW_HOME": str(home), "TALENTPOOL_HOME": str(home), "TALENTPOOL_PROFILE": "demo",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.render_as_string(hide_password=False),
            "TALENTPOOL_DATABASE_URL": place.office.settings.database_url or "",
            "TALENTPOOL_AIRFLOW_DATABASE_URL": place.airflow_url, "TALENTPOOL_TODAY": DAY.isoformat(),
            "TALENTPOOL_ALERT_TO": "duty@office.example", "TALENTPOOL_ALERT_URL": "https://pool.example",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "talentpool_airflow.watch", "--once", "--mark", str(home / "mark")],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr[-3000:]
        said = json.loads(done.stdout.splitlines()[-1])
        assert said["sent"] >= 1 and said["unsent"] == 0, (said, done.stderr[-2000:])
        page = mail.letters[0].get_body().get_content()  # type: ignore[union-attr]
    assert "调度器已停止" in page and "https://pool.example/console/alerts?key=component%3ASchedulerJob" in page
    assert (home / "mark").exists()


def test_a_stopped_scheduler_is_seen_from_outside_and_a_living_one_is_not(place: Console, airflow: sa.Engine) -> None:
    now = datetime.now(UTC)
    assert {f"component:{job}:{DAY}" for job in ("SchedulerJob", "DagProcessorJob", "TriggererJob")} <= set(
        seen(place, now)
    )
    settings = place.office.settings.model_copy(update={"airflow_database_url": place.airflow_url})
    patient = Patient(place.office.engine, place.office.keys, settings, DAY)
    assert [finding.status for finding in components(patient)] == ["fail"]
    assert [finding.status for finding in ways(patient)] == ["warn"], "a chat did not take the last letter"
    beat = sa.text("insert into job (state, job_type, start_date, latest_heartbeat) values ('running', :job, :at, :at)")
    with airflow.begin() as conn:
        conn.execute(beat, [{"job": job, "at": now} for job in ("SchedulerJob", "DagProcessorJob", "TriggererJob")])
    assert not [key for key in seen(place, now) if key.startswith("component")]
    assert [finding.status for finding in components(patient)] == ["ok"]
    assert f"component:SchedulerJob:{DAY}" in seen(place, now + timedelta(minutes=6)), "it has died since"


def test_runs_that_ended_badly_hang_or_never_start_are_told_and_those_that_wait_for_people_are_not(
    place: Console, airflow: sa.Engine
) -> None:
    now = datetime.now(UTC)
    insert = sa.text(
        "insert into dag_run (dag_id, run_id, run_type, state, queued_at, start_date, end_date, run_after, clear_number,"
        " span_status, log_template_id) values (:dag, :run, 'manual', :state, :queued, :start, :ended, :queued, 0, 'ended',"
        " (select max(id) from log_template))"
    )
    old, fresh = now - timedelta(hours=9), now - timedelta(minutes=5)
    runs = (
        ("pool__people", "over_its_limit", "failed", old, old, fresh), ("pool__people", "told", "failed", old, old, fresh),
        ("pool__people", "hangs", "running", old, old, None), ("pool__people", "works", "running", fresh, fresh, None),
        ("campaign__warm_winter", "waits_for_people", "running", old, old, None),
        ("roster__sf", "never", "queued", old, None, None), ("roster__sf", "soon", "queued", fresh, None, None),
    )  # fmt: skip
    names = ("dag", "run", "state", "queued", "start", "ended")
    with airflow.begin() as conn:
        conn.execute(insert, [dict(zip(names, run, strict=True)) for run in runs])
    with place.office.engine.begin() as conn:
        raise_alert(conn, Alarm("task_failed", "pool__people", "x", about="told:match"))
    told = {key for key in seen(place, now) if key.startswith("run_")}
    assert told == {
        "run_failed:pool__people:over_its_limit", "run_stuck:pool__people:hangs", "run_waiting:roster__sf:never"
    }  # fmt: skip
    assert f"dag_paused:alarm__look:{DAY}" in seen(place, now), "of a console alone no DAG is known to Airflow"
