"""Check that alerts leave the machine, and that Airflow's components live: what no task of theirs can tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from talentpool.errors import UnavailableError
from talentpool.services.alarm.airflow_state import stopped
from talentpool.services.alarm.sending import SECOND
from talentpool.services.alarm.standing import sendings
from talentpool.services.doctor.finding import Finding, Patient, ok

LATELY = timedelta(days=2)


def components(patient: Patient) -> Iterator[Finding]:
    """The scheduler and its companions were heard of in the last minutes."""
    try:
        silent = stopped(patient.settings, datetime.now(UTC))
    except (UnavailableError, sa.exc.DBAPIError):
        yield Finding(
            "components", "demo" if patient.settings.embedded else "warn",
            "Airflow's components cannot be seen from here",
            "run doctor on a worker, with TALENTPOOL_AIRFLOW_DATABASE_URL",
        )  # fmt: skip
        return
    if silent:
        yield Finding(
            "components", "fail", f"no sign of life from {', '.join(silent)}: what is due does not start",
            "docker compose ps; docker compose up --detach",
        )  # fmt: skip
    else:
        yield ok("components", "scheduler, dag-processor and triggerer live")


def ways(patient: Patient) -> Iterator[Finding]:
    """There is a way out, a second one, and the last try of each was taken."""
    with patient.engine.connect() as conn:
        tries = sendings(conn, patient.today - LATELY)
    last = {one.channel: one for one in tries}
    failed = sorted(name for name, one in last.items() if not one.sent)
    names = {*last, *(["mail"] if "@" in patient.settings.alert_to else [])}
    names |= {f"mail{SECOND}"} if "@" in patient.settings.alert_second else set()
    if failed:
        yield Finding(
            "alerts", "warn", f"alerts were not taken by {', '.join(failed)}",
            "the page 告警 says why; look at the connection and the server (docs/operations.md, Alerts)",
        )  # fmt: skip
    elif not any(not name.endswith(SECOND) for name in names):
        yield Finding(
            "alerts", "demo" if patient.settings.embedded else "warn", "alerts leave the machine by no way",
            "set TALENTPOOL_ALERT_TO and the connection alert_mail, or alert_hook (docs/operations.md, Alerts)",
        )  # fmt: skip
    else:
        yield ok("alerts", f"ways out: {', '.join(sorted(names))}")
