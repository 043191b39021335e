"""Set the environment of Airflow's components and of every task in one place, so that all of them agree.

`environment` is one machine with LocalExecutor; `celery` is what a cluster has instead, docs/adr/0012 says why.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from talentpool.office_day import OFFICE_ZONE, today_in_office
from talentpool.settings import INCLUDE
from talentpool_airflow.demo_run.layout import PROJECT, Layout, read_secrets

PARALLELISM = 4


def environment(layout: Layout, *, database_url: str, airflow_database_url: str, port: int) -> dict[str, str]:
    """Variables for components. URLs are psycopg's, on the embedded server's socket."""
    keys = read_secrets(layout)
    base = f"http://127.0.0.1:{port}"
    airflow_url = sa.make_url(airflow_database_url).set(drivername="postgresql+psycopg2")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW__", "AIRFLOW_CONN_", "TALENTPOOL_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    given = {name: value for name, value in os.environ.items() if name.startswith("TALENTPOOL_")}
    return {
        **inherited,
        **given,
        "PATH": f"{_bin()}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "TZ": OFFICE_ZONE,
        "TALENTPOOL_HOME": str(layout.home),
        "TALENTPOOL_INBOX": str(layout.inboxes),
        "TALENTPOOL_DATABASE_URL": database_url,
        "TALENTPOOL_AIRFLOW_DATABASE_URL": airflow_database_url,
        "TALENTPOOL_PROFILE": "demo",
        "AIRFLOW_HOME": str(layout.airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(PARALLELISM),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": OFFICE_ZONE,
        "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
        "AIRFLOW__FAB__CONFIG_FILE": str(INCLUDE / "talentpool_airflow" / "login_page.py"),
        "AIRFLOW__FAB__CACHE_TTL": "2",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES": "talentpool_key,database_url",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow_url.render_as_string(hide_password=False),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(layout.logs / "tasks"),
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT": "False",
        "AIRFLOW__TALENTPOOL__DEPLOYED_ON": _deployed_on(layout),
        "AIRFLOW__TALENTPOOL__PARTNER_PAUSE": "5",  # seconds; nobody waits for simulated partners
        "AIRFLOW__TALENTPOOL__QUESTION_PAUSE": "10",
    }


def for_simulators() -> dict[str, str]:
    """All that a simulated partner runs with: nothing of Airflow, of the pool or of whoever started the demo."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": f"{_bin()}{os.pathsep}{os.defpath}",
        "PYTHONUNBUFFERED": "1",
        "TZ": OFFICE_ZONE,
    }


def celery(*, broker_url: str, airflow_database_url: str) -> dict[str, str]:
    """What every component of a cluster has beside `environment`: Redis carries tasks to workers on any machine.

    A worker takes no more than it runs, and what it took is its own until it is done (late acknowledgement). One that
    dies is known by the missing heartbeat of its tasks; they are failed, and tried again elsewhere. The broker must
    not hand a task out twice while it runs, so its patience is longer than the longest task may take.
    """
    results = sa.make_url(airflow_database_url).set(drivername="postgresql+psycopg")
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": broker_url,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{results.render_as_string(hide_password=False)}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
        "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
        "AIRFLOW__CELERY__TASK_ACKS_LATE": "True",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "10800",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "10",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "300",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    }


def _bin() -> Path:
    import sys

    return Path(sys.executable).parent


def _deployed_on(layout: Layout) -> str:
    """The day after the first start, kept: no occasion before it is caught up, none after it is lost."""
    path = layout.run / "deployed_on"
    if not path.is_file():
        # the office's day, not this machine's: events are at eight in the morning there
        path.write_text((today_in_office() + timedelta(days=1)).isoformat(), "ascii")
    return path.read_text(encoding="ascii").strip()
