"""Look into Airflow's own database for what no task can tell of itself: runs that were killed, hang or never started, and
components that are gone. Read from outside of Airflow, so that a stopped scheduler is seen as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.in_airflow import DAILY
from talentpool.model import alert
from talentpool.office import Office
from talentpool.services.alarm.kinds import Alarm
from talentpool.settings import Settings

BEATS = timedelta(minutes=5)
"""A component that was not heard of for so long is gone; they beat every few seconds."""
NEVER_STARTED = timedelta(hours=1)
TOO_LONG = timedelta(hours=7)
"""Beyond the time limit of a run (defaults.RUN_LIMIT), which Airflow itself ends."""
LAST_DAYS = timedelta(days=2)
WAITS = ("campaign__%", "decision__%")
"""DAGs whose runs wait for people, for weeks."""
COMPONENTS = {"SchedulerJob": "调度器", "DagProcessorJob": "流程解析器", "TriggererJob": "触发器"}

_BEATS, _ENDED, _OPEN, _TASKS, _DAGS = map(
    sa.text, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n")
)


def airflow_engine(settings: Settings) -> sa.Engine:
    """Airflow's own database; UnavailableError where no URL of one is set, or what is set is none."""
    if settings.airflow_database_url is None:
        raise UnavailableError("TALENTPOOL_AIRFLOW_DATABASE_URL is not set: Airflow's state cannot be seen from here")
    try:
        url = sa.make_url(settings.airflow_database_url.strip()).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError:
        raise UnavailableError("TALENTPOOL_AIRFLOW_DATABASE_URL is no URL of a database; set it right") from None
    return engine_of(url.render_as_string(hide_password=False))


def stopped(settings: Settings, now: datetime) -> list[str]:
    """Components of Airflow that give no sign of life, in words. UnavailableError or a database error: nobody can tell."""
    engine = airflow_engine(settings)
    try:
        with engine.connect() as conn:
            return [COMPONENTS[job] for job in _silent(conn, now)]
    finally:
        engine.dispose()


def airflow_alarms(office: Office, today: date, now: datetime) -> list[Alarm]:
    """What is wrong there; where it cannot be looked at, that."""
    try:
        engine = airflow_engine(office.settings)
    except UnavailableError:
        if office.settings.embedded:  # a demo on the command line alone has no Airflow
            return []
        return [
            Alarm(
                "airflow_unseen", "airflow", "没有设置 Airflow 数据库的地址，看不到运行情况；请运维人员设置", day=today
            )
        ]
    try:
        with office.engine.connect() as ours, engine.connect() as conn:
            return [*_components(conn, today, now), *_runs(ours, conn, now), *_dags(conn, today, now)]
    except sa.exc.DBAPIError as error:
        words = f"Airflow 数据库读不到（{type(error.orig).__name__}），看不到运行情况；请运维人员检查"
        return [Alarm("airflow_unseen", "airflow", words, day=today)]
    finally:
        engine.dispose()


def _silent(conn: sa.Connection, now: datetime) -> list[str]:
    heard = {row.job_type: row.heard for row in conn.execute(_BEATS)}
    return [job for job in COMPONENTS if heard.get(job) is None or now - heard[job] > BEATS]


def _components(conn: sa.Connection, today: date, now: datetime) -> Iterator[Alarm]:
    for job in _silent(conn, now):
        words = f"{COMPONENTS[job]}已停止（{BEATS.seconds // 60} 分钟没有心跳）：到期的流程不会开始；请运维人员启动"
        yield Alarm("component", job, words, day=today)


def _runs(ours: sa.Connection, conn: sa.Connection, now: datetime) -> Iterator[Alarm]:
    """Runs that ended badly and of which no task could tell, hang, or wait for something that is not there."""
    for dag_id, name, run_id, by_task in conn.execute(_ENDED, {"since": now - LAST_DAYS}):
        said = sa.select(sa.func.count()).where(
            sa.func.starts_with(alert.c.dedup_key, f"task_failed:{dag_id}:{run_id}:")
        )
        if not ours.scalar(said):
            words = "有任务失败或被中止" if by_task else "超过时限，被整体结束"
            yield Alarm("run_failed", dag_id, f"{name}的一次运行{words}；原因见该运行的备注", about=run_id)
    times = {"long": now - TOO_LONG, "never": now - NEVER_STARTED, "waits": list(WAITS)}
    for dag_id, name, run_id, state in conn.execute(_OPEN, times):
        if state == "queued":
            yield Alarm(
                "run_waiting", dag_id, f"{name}的一次运行排队超过 1 小时没有开始：流程可能停用，或没有工作进程",
                about=run_id,
            )  # fmt: skip
        else:
            words = f"{name}的一次运行超过 {TOO_LONG.seconds // 3600} 小时没有结束"
            yield Alarm("run_stuck", dag_id, words, about=run_id)
    for dag_id, name, run_id in conn.execute(_TASKS, {"never": now - NEVER_STARTED}):
        yield Alarm(
            "run_waiting", dag_id, f"{name}有任务排队超过 1 小时没有开始：没有工作进程，或缺少资源池", about=run_id
        )


def _dags(conn: sa.Connection, today: date, now: datetime) -> Iterator[Alarm]:
    """DAGs whose time has come without a run, and daily ones that are paused or gone."""
    found = list(conn.execute(_DAGS, {"never": now - NEVER_STARTED, "daily": list(DAILY)}))
    for dag_id, name, asleep, silent in found:
        if silent and not asleep:
            yield Alarm("dag_silent", dag_id, f"{name}到期超过 1 小时没有开始运行", day=today)
    names = {dag_id: name for dag_id, name, _, _ in found}
    awake = {dag_id for dag_id, _, asleep, _ in found if not asleep}
    for dag_id in DAILY:
        if dag_id not in awake:
            words = f"每日流程“{names.get(dag_id, dag_id)}”已停用或不存在：它负责的检查没有人做；请启用"
            yield Alarm("dag_paused", dag_id, words, day=today)
