"""Every command of the documents, as written: with the compose service's environment, mounts and secrets it runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from itertools import pairwise
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from databases import fresh
from deploy.compose import ROOT
from deploy.documents import Line, inside, lines
from deploy.runs import ACT, ANSWERS, HOLIDAYS, IDENTITY, OFFICERS, PARSED, RESTORE, RUNS
from patience import until
from rosters import TODAY, Office, document, person, write_template
from talentpool import office_day
from talentpool.__main__ import cli
from talentpool.database import connect
from talentpool.database.roles import BACKUP, CONSOLE, TASKS
from talentpool.errors import UsageError
from talentpool.guard import add_officer, remove_officer
from talentpool.settings import Settings
from talentpool_airflow import officers

ELSEWHERE = (
    "cp", "sh", "install", "chattr", "rm", "mv", "chown", "umask",
    "openssl", "make", "git", "cd", "cat", "docker", "rsync",
)  # fmt: skip
"""Programs of the machine itself."""
CONFIGURATION = ("archive_mode", "archive_command", "AIRFLOW__", "用时", "界面", "按")
"""First words of lines that are no commands: settings to write somewhere, what a screen shows."""

LINES = lines()
OURS = {" ".join(line.words[1:]): line for line in LINES if line.words[:1] == ("talentpool",)}


def test_every_line_is_a_command_that_is_known_here() -> None:
    assert len(LINES) > 90 and len(OURS) > 50
    assert set(OURS) == RUNS.keys() | PARSED.keys(), "say of a new command whether it runs here, and why not if not"
    assert not RUNS.keys() & PARSED.keys()
    for line in LINES:
        known = ("talentpool", "python", "psql", "sh") if line.service else ("talentpool", *ELSEWHERE)
        assert not line.words or line.words[0] in known or line.words[0].startswith(CONFIGURATION), line.text


def test_what_a_command_names_is_there_in_its_service() -> None:
    """Paths are mounted, modules and variables are known."""
    assert [f"{line.text}: {word}" for line in LINES if line.service for word in _unknown(line)] == []


def _unknown(line: Line) -> Iterator[str]:
    written = tuple(mount for mount, writable in line.mounts.items() if writable)
    for before, word in pairwise(("", *line.words)):
        if word.startswith("/") and not inside(line, word):
            yield f"{word} is not mounted"
        if before in ("--out", "export") and word.startswith("/") and not word.startswith(written):
            yield f"{word} is not written to"
        known = {*line.facts.get("environment", ()), *map(str.upper, line.facts.get("secrets", ()))}
        if word.startswith(("TALENTPOOL_", "AIRFLOW_")) and word not in known:
            yield f"{word} is not set"


def test_every_module_that_a_command_runs_knows_its_words() -> None:
    lines = [line.words[2:] for line in LINES if line.words[:2] == ("python", "-m")]
    assert len(lines) >= 3
    for module, *words in lines:
        assert module == "talentpool_airflow.officers"
        officers.parser().parse_args(words)


def test_a_path_that_is_not_mounted_and_a_variable_that_is_not_set_are_found() -> None:
    line = next(line for line in LINES if "review export" in line.text and line.service)
    assert inside(line, "/var/lib/talentpool/x.csv") and inside(line, "/run/secrets/talentpool_database_url")
    assert not inside(line, "/srv/out/judgements.csv") and not inside(line, "/run/secrets/admin_password")


@pytest.mark.parametrize("words", PARSED)
def test_a_command_that_is_not_run_is_understood(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _param, _ctx: value)  # their folders are not here
    ctx, args = click.Context(cli), list(OURS[words].words[1:])
    name, command, rest = cli.resolve_command(ctx, args)
    assert command is not None
    try:
        command.make_context(name, rest)
    except click.exceptions.Exit as asked_for_help:
        assert asked_for_help.exit_code == 0 and words.endswith("--help")


class Place:
    """The machine of the documents: every mount is a folder under `root`, every login one of the test's server."""

    def __init__(self, root: Path, url: str, airflow: str, recipient: str = "") -> None:
        self.root, self.recipient = root, recipient
        logins = {"talentpool_database_url": TASKS, "talentpool_backup_database_url": BACKUP,
                  "talentpool_console_database_url": CONSOLE}  # fmt: skip
        self.urls = {
            name: sa.make_url(url).set(username=login, password="a word").render_as_string(hide_password=False)
            for name, login in logins.items()
        } | {"talentpool_owner_database_url": url, "talentpool_airflow_database_url": airflow}

    def path(self, inner: str) -> str:
        return str(self.root / inner.lstrip("/")) if inner.startswith("/") else inner

    def environment(self, line: Line) -> dict[str, str | None]:
        """What the command finds in its variables: the service's and its secrets, or a demo's on a bare machine."""
        if line.service is None:
            return {
                "TALENTPOOL_DATABASE_URL": self.urls["talentpool_owner_database_url"], "TALENTPOOL_PROFILE": "demo",
                "TALENTPOOL_HOME": str(self.root / "var/lib/talentpool"), "TALENTPOOL_TODAY": TODAY.isoformat(),
                "TALENTPOOL_KEYS": str(self.root / "run/talentpool-keys"),
                "TALENTPOOL_AUDIT_HEADS": str(self.root / "audit-heads/audit_heads.jsonl"),
            }  # fmt: skip
        given = {name: self.path(str(value)) for name, value in line.facts["environment"].items()}
        of_files = {name.upper(): self.urls[name] for name in line.facts["secrets"] if name in self.urls}
        return {**given, **of_files, "TALENTPOOL_LANDING": str(self.root / "landing")}

    def run(self, line: Line) -> Result:
        words = [self.recipient if word.startswith("age1") else self.path(word) for word in line.words[1:]]
        keys = {name: f"{name}={self.recipient}" for name in ("public_key", "recipient_key")}
        words = [keys.get(word.split("=")[0], word) for word in words]
        with contextlib.chdir(self.root):
            return CliRunner().invoke(cli, words, env=self.environment(line), standalone_mode=False)


def people(count: int) -> list[dict[str, str]]:
    """T0001 and so on, young enough for a list."""
    return [person(n, staff_no=f"T{n:04d}", document_no=document(n, "1999-05-05")) for n in range(1, count + 1)]


@pytest.fixture(scope="module")
def place(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A deployment with a roster in its pool and one that is held under the documents' number."""
    root = tmp_path_factory.mktemp("machine")
    for folder in ("safe", "inbox", "backup/databases", "backup/keys", "audit-heads", "var/lib/talentpool"):
        (root / folder).mkdir(parents=True)
    with fresh(server_url, "template_talentpool") as url, fresh(server_url) as airflow:
        settings = Settings(
            database_url=url, home=root / "var/lib/talentpool", keys=root / "run/talentpool-keys", profile="demo",
            audit_heads=root / "audit-heads/audit_heads.jsonl", landing=str(root / "landing"), today=TODAY,
        )  # fmt: skip
        office = Office(connect(settings), settings, root)
        office.deliver("2026-09-30", people(40))
        with office.engine.begin() as conn:
            conn.execute(sa.text("select setval(pg_get_serial_sequence('delivery', 'delivery_id'), 11),"
                                 " setval(pg_get_serial_sequence('target_list', 'list_id'), 6)"))  # fmt: skip
            for name, role in OFFICERS.items():
                add_officer(conn, name, role, counties=["140403"], by="admin")
        assert office.deliver("2026-10-30", people(20)).status == "held"
        for name, first in ((root / "inbox/roster.csv", 50), (root / "roster.csv", 60)):
            write_template(name, [person(n) for n in range(first, first + 10)])
        (root / HOLIDAYS[1:]).write_text("date,kind,name\n2027-01-01,放假,元旦\n", encoding="utf-8")
        (root / "passphrase.txt").write_text("six words of a dice table", encoding="utf-8")
        nobody = Place(root, url, airflow)
        yield Place(root, url, airflow, json.loads(nobody.run(OURS[IDENTITY]).output)["recipient"])
        with office.engine.begin() as conn:
            for name in OFFICERS:
                remove_officer(conn, name, by="admin")
        office.engine.dispose()


@pytest.fixture
def there(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """On that machine, on the day of the tests, with nothing of this one's environment."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return cls(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=tz)

    monkeypatch.setattr(office_day, "datetime", Then)
    for name in ("DATABASE_URL", "PROFILE", "HOME", "KEYS", "TODAY", "INBOX"):
        monkeypatch.delenv(f"TALENTPOOL_{name}", raising=False)
    return place


@pytest.mark.parametrize("words", RUNS)
def test_a_command_runs_as_it_is_written(there: Place, words: str) -> None:
    done = there.run(OURS[words])
    if RUNS[words] == ANSWERS:
        assert isinstance(done.exception, UsageError), done.exception
    elif RUNS[words] == ACT:
        assert done.exit_code == 3
    else:
        assert (done.exit_code, done.exception) == (0, None)


@pytest.fixture
def backup_sh(there: Place) -> Callable[..., subprocess.Popen[bytes]]:
    """deploy/backup.sh with the environment of its service."""
    service = {name: str(value) for name, value in there.environment(Line("", "", "backup", ())).items()}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def start(*words: str, recipients: str = there.recipient) -> subprocess.Popen[bytes]:
        env = service | {"PATH": path, "BACKUP_ROOT": there.path("/backup"), "BACKUP_RECIPIENTS": recipients}
        return subprocess.Popen(
            ["sh", ROOT / "deploy/backup.sh", *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    return start


@contextlib.contextmanager
def going_on(service: subprocess.Popen[bytes]) -> Iterator[None]:
    """A service that never ends by itself."""
    yield
    assert service.poll() is None
    service.terminate()
    service.wait(30)


def test_the_nightly_backup_comes_back_by_the_documented_restore(
    there: Place, backup_sh: Callable[..., subprocess.Popen[bytes]], server_url: str
) -> None:
    databases = there.root / "backup/databases"
    old, kept = databases / "database-20260101T000000.000Z", databases / "database-20260102T000000.000Z"
    for folder, days in ((old, 31), (kept, 29)):
        folder.mkdir()
        os.utime(folder, (time.time() - days * 86_400 - 3_600,) * 2)
    assert backup_sh("fresh").wait() != 0, "nothing was made yet"
    with going_on(backup_sh()):
        until("the first backup, right after the start", lambda: not old.exists())
        assert kept.exists(), "BACKUP_KEEP_DAYS"
    assert backup_sh("fresh").wait() == 0
    kept.rmdir()
    shutil.copy(there.root / "passphrase.txt", there.root / "safe")
    before = json.loads(there.run(OURS["digest"]).output)["digest"]
    with fresh(server_url) as empty:
        elsewhere = Place(there.root, empty, there.urls["talentpool_airflow_database_url"], there.recipient)
        done = elsewhere.run(OURS[RESTORE])
        assert (done.exit_code, done.exception) == (0, None)
        assert json.loads(done.output)["digest"] == before
    assert (there.root / "run/restored/keys/envelope.key").exists()


def test_a_backup_that_fails_is_seen_and_takes_no_older_one_away(
    there: Place, backup_sh: Callable[..., subprocess.Popen[bytes]]
) -> None:
    databases, alerts = there.root / "backup/databases", there.root / "var/lib/talentpool/alerts.jsonl"
    (databases / ".made").touch()
    os.utime(databases / ".made", (time.time() - 27 * 3_600,) * 2)
    last = databases / "database-20260103T000000.000Z"
    last.mkdir()
    os.utime(last, (time.time() - 99 * 86_400,) * 2)
    with going_on(backup_sh(recipients="age1nobody")):
        until("the alert", lambda: alerts.exists() and "备份没有成功" in alerts.read_text(encoding="utf-8"))
    assert json.loads(alerts.read_text(encoding="utf-8").splitlines()[-1])["task_id"] == "backup"
    assert backup_sh("fresh").wait() != 0, "the service is unhealthy"
    assert last.exists()
