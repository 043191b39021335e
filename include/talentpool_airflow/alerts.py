"""Alert whoever is on duty: a line in the task's log, one in our own file (TALENTPOOL_ALERTS), a row of the table of alerts.

Alerts are for a task that failed for good, and for a roster that lies under a name by which nobody takes it.
A line says which DAG, run and task, and what to do. It holds no value of a person: texts of our own errors have none,
texts of other errors are left out, only their type is named. Neither a full disk nor a database that is away fails whoever
alerts: what one of the two places lacks is taken from the other (services/alarm/taking_in.py). telling.py sends them.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowException

log = logging.getLogger(__name__)


class Alert(BaseNotifier):
    """Puts a failure among the alerts."""

    def message(self, context: Any) -> str | None:  # noqa: ARG002
        """What to say instead of the task's error."""
        return None

    def about(self, context: Any) -> dict[str, str]:  # noqa: ARG002
        """By what the matter is known, where that is not the task that failed: kind, subject, about."""
        return {}

    def notify(self, context: Any) -> None:
        told = {"message": words} if (words := self.message(context)) else {}
        say_alert(describe(context) | told | self.about(context))


def say_alert(line: dict[str, Any]) -> None:
    """One line in the log of whoever says it and in the file of alerts, and a row in the table; never raises."""
    from talentpool.private_files import append
    from talentpool.settings import Settings

    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **line}
    log.error("ALERT %s", json.dumps(line, ensure_ascii=False))
    settings = Settings()
    path = settings.alerts_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
    except OSError as error:
        log.error("the alert could not be written into the file of alerts (%s)", type(error).__name__)
    if settings.database_url is not None:  # a component without one must not start an embedded server of its own
        _keep(line, settings)


def _keep(line: dict[str, Any], settings: Any) -> None:
    """Into the table; what cannot be written now, the next look takes from the file."""
    from sqlalchemy.exc import SQLAlchemyError

    from talentpool.database import connect
    from talentpool.errors import TalentpoolError
    from talentpool.services.alarm import raise_alert
    from talentpool.services.alarm.taking_in import alarm_of

    try:
        engine = connect(settings)
        try:
            with engine.begin() as conn:
                raise_alert(conn, alarm_of(line))
        finally:
            engine.dispose()
    except (SQLAlchemyError, TalentpoolError) as error:
        log.error("the alert could not be written into the table of alerts (%s)", type(error).__name__)


def describe(context: Any) -> dict[str, Any]:
    """What may be told about a failure."""
    from talentpool.guard import redact

    instance, error = context["ti"], context.get("exception")
    told = str(error) if isinstance(error, AirflowException) else type(error).__name__
    return {
        "dag_id": instance.dag_id,
        "run_id": instance.run_id,
        "task_id": instance.task_id,
        "try_number": instance.try_number,
        "message": redact(told)[:500],
    }
