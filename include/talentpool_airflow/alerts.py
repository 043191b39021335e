"""Alert whoever is on duty: a line in the task's log and one in our own file (TALENTPOOL_ALERTS).

Alerts are for a task that failed for good, and for a roster that lies under a name by which nobody takes it.
A line says which DAG, run and task, and what to do. It holds no value of a person: texts of our own errors have none,
texts of other errors are left out, only their type is named.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowException

log = logging.getLogger(__name__)


class Alert(BaseNotifier):
    """Appends one JSON line to the file of alerts."""

    def message(self, context: Any) -> str | None:  # noqa: ARG002
        """What to say instead of the task's error."""
        return None

    def notify(self, context: Any) -> None:
        say_alert(describe(context) | ({"message": told} if (told := self.message(context)) else {}))


def say_alert(line: dict[str, Any]) -> None:
    """One line in the task's log and in the file of alerts."""
    from talentpool.private_files import append
    from talentpool.settings import Settings

    log.error("ALERT %s", json.dumps(line, ensure_ascii=False))
    path = Settings().alerts_file
    path.parent.mkdir(parents=True, exist_ok=True)
    append(path, f"{json.dumps(line, ensure_ascii=False)}\n".encode())


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
