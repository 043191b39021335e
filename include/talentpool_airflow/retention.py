"""Carry retention out in tasks: a kind each; Airflow's own database by `airflow db clean`, and its log files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talentpool_airflow.border import opened

if TYPE_CHECKING:
    from talentpool.office import Office

TABLES = (
    "dag_run", "task_instance", "task_instance_history", "task_reschedule", "xcom", "log", "job", "trigger", "callback",
    "deadline", "asset_event", "import_error", "dag_version", "celery_taskmeta", "celery_tasksetmeta", "revoked_token", "session",
)  # fmt: skip
"""Of Airflow's database: what speaks of runs that are over. The last run of each DAG stays, so that none is drawn again."""
BATCH = 5_000
FOUND = re.compile(r"Checking table (\w+)\s+Found (\d+) rows")


def carry_out(kind: str) -> dict[str, Any]:
    """Let everything of a kind go whose term is over; counts."""
    from talentpool.office_day import today_in_office
    from talentpool.services import retention

    with opened() as office:
        return retention.carry_out(office, kind, today_in_office(office.settings)).as_json()


def clean_airflow(*, dry_run: bool = False) -> dict[str, Any]:
    """Run `airflow db clean`, in a process of its own because a task may not reach the database of Airflow."""
    with opened() as office:
        return clean_database(office, _today(office), dry_run=dry_run)


def clean_logs() -> dict[str, Any]:
    """Delete log files that nobody has written to since their term began."""
    from airflow.sdk import conf

    with opened() as office:
        return clean_files(office, _today(office), Path(conf.get("logging", "base_log_folder")))


def clean_database(office: Office, today: date, *, dry_run: bool = False) -> dict[str, Any]:
    """The same for who has the office. UnavailableError where Airflow's database is not named, or its login may not delete."""
    from talentpool.errors import UnavailableError
    from talentpool.services import retention

    if _is_held(office, "airflow", today):
        return _kept(office, "airflow", today)
    url = office.settings.airflow_database_url
    if url is None:
        raise UnavailableError(
            "Airflow's own database is not cleaned; set TALENTPOOL_AIRFLOW_DATABASE_URL on the workers to the URL with which "
            "Airflow itself logs in"
        )
    last = _since(today, retention.defaults()["airflow"].days)
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", last.isoformat(),
         "--tables", ",".join(TABLES), "--batch-size", str(BATCH), "--skip-archive", "--yes", "--error-on-cleanup-failure",
         *(["--dry-run"] if dry_run else [])],
        env=_environment(url), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise UnavailableError(
            f"`airflow db clean` ended with {done.returncode}; look at the login of TALENTPOOL_AIRFLOW_DATABASE_URL"
        )
    counts = {table: int(rows) for table, rows in FOUND.findall(done.stdout) if int(rows)}
    if dry_run:
        return {"kind": "airflow", "due": sum(counts.values()), "counts": counts}
    return retention.record(office, "airflow", today, sum(counts.values()), counts).as_json()


def clean_files(office: Office, today: date, folder: Path) -> dict[str, Any]:
    """The same for log files below a folder; folders that are left empty go too."""
    from talentpool.services import retention

    if _is_held(office, "logs", today):
        return _kept(office, "logs", today)
    last = _since(today, retention.defaults()["logs"].days).timestamp()
    gone = 0
    for path in _old_files(folder, last):
        path.unlink(missing_ok=True)
        gone += 1
        for below in path.relative_to(folder).parents[:-1]:
            with suppress(OSError):  # not empty
                (folder / below).rmdir()
    return retention.record(office, "logs", today, gone, {"files": gone}).as_json()


def _old_files(folder: Path, last: float) -> Iterator[Path]:
    for below, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(below) / name
            if not path.is_symlink() and path.stat().st_mtime < last:
                yield path


def _environment(url: str) -> dict[str, str]:
    """Of the process that cleans: this one's, but with the database that a task is kept from."""
    import sqlalchemy as sa

    own = sa.make_url(url.strip()).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    kept = {name: value for name, value in os.environ.items() if name != "AIRFLOW__CORE__SQL_ALCHEMY_CONN"}
    return kept | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": own, "_AIRFLOW_PROCESS_CONTEXT": "server"}


def _since(today: date, days: int) -> datetime:
    """The office's midnight so many days ago. A demo's day may lie ahead of the clock by which Airflow dates its runs."""
    from talentpool.office_day import OFFICE_TIME

    first = datetime(today.year, today.month, today.day, tzinfo=OFFICE_TIME)
    return min(first, datetime.now(OFFICE_TIME)) - timedelta(days=days)


def _today(office: Office) -> date:
    from talentpool.office_day import today_in_office

    return today_in_office(office.settings)


def _is_held(office: Office, kind: str, today: date) -> bool:
    from talentpool.deliveries.holds import in_force

    with office.engine.connect() as conn:
        return kind in in_force(conn, today).kinds


def _kept(office: Office, kind: str, today: date) -> dict[str, Any]:
    """A hold keeps all of it: nobody counts what stays."""
    from talentpool.services import retention

    return retention.record(office, kind, today, 0, {}).as_json() | {"on_hold": True}
