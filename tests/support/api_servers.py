"""Start a console's server: a real Airflow API server on databases of its own, which many modules may visit in turn."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import sqlalchemy as sa

from console_office import ROOT, Console, fill
from databases import fresh
from patience import PATIENCE
from rosters import Office
from talentpool.database import connect
from talentpool.settings import Settings

SERVER = ROOT / "tests" / "integration" / "console_server.py"


@dataclass(frozen=True)
class Talk:
    """What is said to the server's process, and what it answers."""

    process: subprocess.Popen[str]
    answers: IO[str]
    log: Path

    def tell(self, word: str, more: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word} {more}\n" if more else f"{word}\n")
        self.process.stdin.flush()
        assert self.answer() == word

    def answer(self) -> str:
        """A line; fails with the end of the log of a server that has died."""
        found = self.answers.readline().strip()
        assert found, f"the console has ended: {self.log.read_text()[-4000:]}"
        return found


class ApiServer:
    """A console that stands for many modules: each finds databases, files and the server's memory as they were at first."""

    def __init__(self, home: Path, databases: dict[str, sa.URL], server: Talk, url: str) -> None:
        self._home, self._databases, self._server, self._url = home, databases, server, url
        self._said = json.loads(server.answer())
        self._kept = home.with_name(f"{home.name}_kept")
        self._ask("create database {name}_kept template {name} strategy file_copy")
        shutil.copytree(home, self._kept)

    @contextmanager
    def open(self, **more: str) -> Iterator[Console]:
        """The server, while it serves; `more`: variables of the product in its environment."""
        self._restore()
        self._server.tell("open", json.dumps(more))
        engine = connect(_settings(self._home, self._databases["talentpool"]))
        office = Office(engine, _settings(self._home, self._databases["talentpool"]), self._home)
        try:
            with httpx.Client(follow_redirects=False, timeout=PATIENCE) as client:
                yield Console(self._url, dict(self._said["tokens"]), self._said["routes"], office, client,
                              _text(self._databases["airflow"]))  # fmt: skip
        finally:
            engine.dispose()
            self._server.tell("shut")

    def _restore(self) -> None:
        self._ask("drop database {name} with (force)", "create database {name} template {name}_kept strategy file_copy")
        for path in self._home.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self._kept, self._home, dirs_exist_ok=True)

    def _ask(self, *statements: str) -> None:
        for url in self._databases.values():
            admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
            with admin.connect() as conn:
                for statement in statements:
                    conn.execute(sa.text(statement.format(name=url.database)))


@contextmanager
def api_server(server_url: str) -> Iterator[ApiServer]:
    """One with an Airflow metadata database and a talentpool database of its own."""
    with (
        fresh(server_url) as airflow_url,
        fresh(server_url, "template_talentpool") as url,
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0)) as listening,  # ours all the time: a free port may be anybody's later
    ):
        home = Path(folder) / "home"
        (home / "inbox").mkdir(parents=True)
        databases = {"airflow": sa.make_url(airflow_url), "talentpool": sa.make_url(url)}
        settings = _settings(home, databases["talentpool"])
        engine = connect(settings)
        fill(Office(engine, settings, home))
        engine.dispose()
        port = int(listening.getsockname()[1])
        log = home.with_suffix(".log")
        ours, theirs = os.pipe()
        with log.open("w") as lines, os.fdopen(ours) as answers:
            given = [listening.fileno(), theirs]
            process = subprocess.Popen(
                [sys.executable, str(SERVER), *map(str, given)], pass_fds=given,
                env=_environment(str(home), port, airflow_url, url),
                stdin=subprocess.PIPE, stdout=lines, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            os.close(theirs)
            try:
                yield ApiServer(home, databases, Talk(process, answers, log), f"http://127.0.0.1:{port}")
            finally:
                process.communicate(timeout=PATIENCE)


def _settings(home: Path, url: sa.URL) -> Settings:
    return Settings(database_url=_text(url), home=home, profile="demo")


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _environment(home: str, port: int, airflow_url: str, url: str) -> dict[str, str]:
    """Only what the server reads."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "TALENTPOOL_"))}
    metadata = sa.make_url(airflow_url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return kept | {
        "AIRFLOW_HOME": home,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": home,
        "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
        "AIRFLOW__FAB__CONFIG_FILE": str(ROOT / "include" / "talentpool_airflow" / "login_page.py"),
        "AIRFLOW__FAB__CACHE_TTL": "1",
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES": "talentpool_key,database_url",
        "AIRFLOW__API_AUTH__JWT_SECRET": "t" * 64,
        "AIRFLOW__API__SECRET_KEY": "t" * 32,
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW_CONN_PARTNER_DIDI": json.dumps({"conn_type": "fs", "extra": {"path": f"{home}/inbox"}}),
        "TALENTPOOL_DATABASE_URL": url,
        "TALENTPOOL_HOME": home,
        "TALENTPOOL_PROFILE": "demo",
    }
