"""The simulated postal bureau holds what a real one would: one account, one key, reading alone."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncssh
import pytest

from patience import PATIENCE
from simulators.postal import CLIENT_KEY, HOST_KEY, deliver, make_keys
from talentpool.demo import write_demo_data

AS_OF = date(2026, 10, 31)


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, as `make run` starts it, with one delivery of the demo in it."""

    root: Path
    keys: Path
    port: int
    roster: Path

    @asynccontextmanager
    async def connect(
        self, user: str = "talentpool", key: str | None = None, host_key: str | None = None
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        known = make_keys(self.keys)
        hosts = asyncssh.import_known_hosts(f"[127.0.0.1]:{self.port} {host_key or known['host_key']}\n")
        async with asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=user,
            client_keys=[asyncssh.import_private_key(key or known["private_key"])],
            known_hosts=hosts,
            config=None,
            agent_path=None,
        ) as connection:
            yield connection

    def ask(self, work: Callable[[asyncssh.SFTPClient], Awaitable[object]], **login: str) -> object:
        async def run() -> object:
            async with self.connect(**login) as connection, connection.start_sftp_client() as sftp:
                return await work(sftp)

        return asyncio.run(asyncio.wait_for(run(), PATIENCE))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("bureau")
    write_demo_data(folder / "demo", people=60, months=1)
    root, keys = folder / "served", folder / "keys"
    deliver(root, folder / "demo/postal/2026-10-31/roster_postal_20261031_01.csv", as_of=AS_OF)
    (folder / "outside.txt").write_text("nobody's business")
    command = [sys.executable, "-m", "simulators.postal", "--root", root, "--port", "0", "--keys", keys]
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        assert told
        yield Served(root, keys, int(told[1]), folder / "demo/postal/2026-10-31/roster_postal_20261031_01.csv")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def other_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def test_a_client_gets_the_delivery_as_it_was_written(served: Served) -> None:
    async def take(sftp: asyncssh.SFTPClient) -> dict[str, bytes]:
        names = [name for name in await sftp.listdir("/rosters/20261031") if not name.startswith(".")]
        found = {}
        for name in names:
            async with sftp.open(f"/rosters/20261031/{name}", "rb") as file:
                found[name] = await file.read()
        return found

    found = served.ask(take)
    assert isinstance(found, dict)
    name = "roster_postal_20261031_01.csv"
    assert found.keys() == {name, f"{name}.manifest.json", f"{name}.ok"}
    assert found[name] == served.roster.read_bytes()
    assert found[f"{name}.ok"] == b""
    manifest = json.loads(found[f"{name}.manifest.json"])
    assert manifest["sha256"] == hashlib.sha256(found[name]).hexdigest()
    assert manifest["bytes"] == len(found[name])
    assert manifest["rows"] == len(list(csv.DictReader(found[name].decode("gb18030").splitlines()))) > 20
    assert (manifest["kind"], manifest["as_of"], manifest["notice_version"]) == ("full", "2026-10-31", "v1")


def test_the_manifest_beside_the_demo_roster_says_the_same(served: Served) -> None:
    dropped = served.root / "rosters/20261031/roster_postal_20261031_01.csv.manifest.json"
    said = json.loads(dropped.read_text())
    own = json.loads(served.roster.with_name(served.roster.name + ".manifest.json").read_text())
    assert {key: own[key] for key in said} == said


def test_a_client_that_knows_another_host_key_goes_away(served: Served) -> None:
    stranger = other_key().export_public_key().decode().strip()
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        served.ask(lambda sftp: sftp.listdir("/"), host_key=stranger)


@pytest.mark.parametrize("login", [{"user": "root"}, {"key": "another"}], ids=["another name", "another key"])
def test_another_account_or_key_is_refused(served: Served, login: dict[str, str]) -> None:
    if "key" in login:
        login = {"key": other_key().export_private_key().decode()}
    with pytest.raises(asyncssh.PermissionDenied):
        served.ask(lambda sftp: sftp.listdir("/"), **login)


FILE = "/rosters/20261031/roster_postal_20261031_01.csv"
CHANGES: dict[str, Callable[[asyncssh.SFTPClient], Awaitable[object]]] = {
    "write": lambda sftp: sftp.open("/rosters/new.csv", "wb"),
    "append": lambda sftp: sftp.open(FILE, "ab"),
    "remove": lambda sftp: sftp.remove(FILE),
    "rename": lambda sftp: sftp.rename(FILE, "/rosters/x.csv"),
    "posix_rename": lambda sftp: sftp.posix_rename(FILE, "/rosters/x.csv"),
    "link": lambda sftp: sftp.link(FILE, "/rosters/x.csv"),
    "symlink": lambda sftp: sftp.symlink(FILE, "/rosters/x.csv"),
    "mkdir": lambda sftp: sftp.mkdir("/rosters/x"),
    "rmdir": lambda sftp: sftp.rmdir("/rosters/20261031"),
    "truncate": lambda sftp: sftp.truncate(FILE, 0),
    "chmod": lambda sftp: sftp.chmod(FILE, 0o777),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_can_be_changed_from_outside(served: Served, change: str) -> None:
    def state() -> list[tuple[str, int, int]]:
        return sorted((str(p), p.stat().st_size, p.stat().st_mode) for p in served.root.rglob("*"))

    before = state()
    assert before
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        served.ask(CHANGES[change])
    assert state() == before


def test_nothing_outside_the_folder_can_be_read(served: Served) -> None:
    assert (served.root.parent / "outside.txt").is_file()

    async def read(sftp: asyncssh.SFTPClient) -> bytes:
        async with sftp.open("/../outside.txt", "rb") as file:
            return await file.read()

    with pytest.raises(asyncssh.SFTPNoSuchFile):
        served.ask(read)


def test_there_is_no_shell(served: Served) -> None:
    async def run() -> None:
        async with served.connect() as connection:
            await connection.run("id", check=True)

    with pytest.raises((asyncssh.ProcessError, asyncssh.ChannelOpenError)):
        asyncio.run(asyncio.wait_for(run(), PATIENCE))


def test_keys_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    first = make_keys(tmp_path / "keys")
    assert make_keys(tmp_path / "keys") == first
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for name in (HOST_KEY, CLIENT_KEY):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
