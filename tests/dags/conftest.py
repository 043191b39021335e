"""DAG files, parsed as the DAG processor parses them: no database, no scheduler."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patience import PATIENCE

# Before airflow is imported anywhere: it writes its configuration where this says.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="tp-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = str(PATIENCE)

DAGS = Path(__file__).resolve().parents[2] / "dags"


def parser(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    for name in list(os.environ):
        if name.startswith("TALENTPOOL_"):
            monkeypatch.delenv(name)

    def run(**folders: str) -> Any:
        from airflow.dag_processing.dagbag import DagBag

        for name, value in folders.items():
            monkeypatch.setenv(f"TALENTPOOL_{name.upper()}", value)
        return DagBag(str(DAGS))

    return run


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Parse all DAG files, with folders of declarations given by name of the setting; a DagBag."""
    return parser(monkeypatch)


@pytest.fixture(scope="module")
def bag() -> Any:
    """The DAGs of the shipped declarations, parsed once a module: tests look at them and change none."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return parser(monkeypatch)()
