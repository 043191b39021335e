"""Define what DAGs share: time zone, owner, retries with growing pauses, time limits, alerts, the as-of form, the night."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, Param, conf

from talentpool.office_day import OFFICE_ZONE
from talentpool_airflow.alerts import Alert

TIMEZONE = pendulum.timezone(OFFICE_ZONE)
OWNER = "市青年人才库数据专员"
BEFORE_ALL = pendulum.datetime(1970, 1, 1, tz=TIMEZONE)
"""The start of every DAG that has one. A run whose logical date lies before it has no tasks and ends green: nobody would
learn that nothing was done. What is caught up begins where a timetable's events begin, or not at all."""

OUTSIDE = conf.get("talentpool", "alert_queue", fallback=conf.get("operators", "default_queue", fallback="default"))
"""The queue of the workers that may reach mail server and webhooks: [talentpool] alert_queue of Airflow's configuration."""
RUN_LIMIT = timedelta(hours=6)
WITH_A_PARTNER = {
    "retries": 3,
    "retry_delay": timedelta(seconds=conf.getint("talentpool", "partner_pause", fallback=60)),
    "max_retry_delay": timedelta(minutes=30),
}
"""Of a task that asks a partner, who must be given time to come back: tried again after 1, 2 and 4 minutes."""


def default_args(owner: str = OWNER) -> dict[str, Any]:
    """Of every task. A worker may have died or the database been away: tried again after 10, 20, 40 ... seconds.

    A verdict is never tried again.
    """
    return {
        "owner": owner,
        "retries": 5,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": [Alert()],
    }


def every_night() -> dict[str, Any]:
    """Of a DAG that looks after something every night."""
    return every_day("30 23 * * *")


def every_day(cron: str) -> dict[str, Any]:
    """Of a DAG that looks once a day: it runs from the first start and after an upgrade, unpaused by nobody
    (docs/adr/0068). It looks once when it comes: on a machine that is off at night the last night is always one gone by, and
    without a start date the first run would be put off for ever.
    """
    return {
        "schedule": CronTriggerTimetable(cron, timezone=TIMEZONE),
        "start_date": BEFORE_ALL,
        "catchup": False,
        "is_paused_upon_creation": False,
        "max_active_runs": 1,
        "dagrun_timeout": RUN_LIMIT,
        "default_args": default_args(),
    }


def as_of_param(description: str) -> dict[str, Param]:
    """The form of a run started by hand: an as-of date, or nothing."""
    form: dict[str, Any] = {"type": ["null", "string"], "format": "date", "maxLength": 10}
    return {"as_of": Param(None, title="数据日期", description_md=description, **form)}


def deployed_on() -> pendulum.DateTime:
    """The day campaigns begin to be drawn by themselves: [talentpool] deployed_on of Airflow's configuration.

    Events since then are caught up one by one, those before never; so it is a fixed day, not the current one.
    """
    day = date.fromisoformat(conf.get("talentpool", "deployed_on", fallback="2026-11-01"))
    return pendulum.datetime(day.year, day.month, day.day, tz=TIMEZONE)


def at_eight(day: date) -> pendulum.DateTime:
    """08:00 of `day` in the office's time zone."""
    return pendulum.datetime(day.year, day.month, day.day, 8, tz=TIMEZONE)


def local_date(moment: datetime) -> date:
    """The calendar day of `moment` in the office's time zone."""
    return moment.astimezone(TIMEZONE).date()
