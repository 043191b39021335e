"""More databases than the one of a test: a second place for a restore, somebody else's, twins to compare with."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from rosters import TODAY, Office
from talentpool.database import connect
from talentpool.settings import Settings

SHM = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes free there before a server goes into memory: with three at work, none grows to a third of it."""


def in_memory() -> Path | None:
    """Where a database is made in a twentieth of a second whatever the disk does; None: no such place here."""
    return SHM if SHM.is_dir() and os.access(SHM, os.W_OK) and shutil.disk_usage(SHM).free > ROOM else None


@contextmanager
def fresh(server_url: str, template: str = "template0") -> Iterator[str]:
    """URL of a new database on a test's server: empty, or as `template` is; gone afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(
        sa.make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with admin.connect() as conn:
        conn.execute(sa.text(f"create database {name} template {template} strategy file_copy"))
    yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(sa.text(f"drop database {name} with (force)"))


class Twins:
    """Deployments with databases of their own under one set of keys, so that their digests can be compared."""

    def __init__(self, server_url: str, folder: Path, keys: Path) -> None:
        self._server, self._folder, self._keys = server_url, folder, keys
        self._open = ExitStack()
        self._engines: list[sa.Engine] = []

    def office(self) -> Office:
        """One more, empty. Idle connections of the others are closed: a server has a hundred."""
        for engine in self._engines:
            engine.dispose()
        url = self._open.enter_context(fresh(self._server, "template_talentpool"))
        home = self._folder / f"twin_{uuid.uuid4().hex[:10]}"
        home.mkdir()
        settings = Settings(database_url=url, home=home, keys=self._keys, profile="demo", today=TODAY)
        engine = connect(settings)
        self._open.callback(engine.dispose)
        self._engines.append(engine)
        return Office(engine, settings, home)

    def close(self) -> None:
        self._open.close()


def environment(office: Office, **more: str) -> dict[str, str]:
    """What a process of its own needs to work on a twin."""
    settings = office.settings
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TALENTPOOL_")}
    return inherited | {
        "TALENTPOOL_DATABASE_URL": str(settings.database_url),
        "TALENTPOOL_HOME": str(settings.home),
        "TALENTPOOL_KEYS": str(settings.keys),
        "TALENTPOOL_PROFILE": "demo",
        **more,
    }


@contextmanager
def no_tables(server_url: str) -> Iterator[sa.Connection]:
    """A connection to a database that has none of ours: for a test that makes the few it reads, temporary ones."""
    elsewhere = sa.make_url(server_url).set(database="postgres")
    with sa.create_engine(elsewhere, poolclass=sa.NullPool).connect() as conn:
        yield conn
