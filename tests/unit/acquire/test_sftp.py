"""The postal bureau's server, for real: what is taken, in which order, and what is refused."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncssh
import pytest

from rosters import Office, go_on, person
from simulators.postal import deliver, make_keys, serve
from talentpool.acquire import Connection, Landed, acquire, load_partner
from talentpool.errors import UnavailableError
from talentpool.flow import outcome
from windows import as_windows


class Bureau:
    """The server in a thread of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.keys = root / "served", root / "keys"
        (self.root / "rosters").mkdir(parents=True)
        secrets = make_keys(self.keys)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(serve(self.root, 0, self.keys, "talentpool"))
        self.connection = Connection(
            "partner_postal", "sftp", "127.0.0.1", self._server.get_port(), "talentpool", extra=secrets
        )

    def _run(self, work: object) -> asyncssh.SSHAcceptor:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            await self._server.wait_closed()

        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    bureau = Bureau(tmp_path / "bureau")
    yield bureau
    bureau.close()


def roster(office: Office, count: int = 5, name: str = "roster.csv") -> Path:
    """A roster in the bureau's own format."""
    columns = load_partner(office.settings.partner_dirs, "postal").format.columns
    lines = [",".join(columns)]
    lines += [",".join(person(n).get(field, "") for field in columns.values()) for n in range(1, count + 1)]
    path = office.folder / name
    path.write_bytes("\r\n".join(lines).encode("gb18030") + b"\r\n")
    return path


def take(office: Office, bureau: Bureau, **changes: object) -> Landed | None:
    connection = replace(bureau.connection, **changes)  # type: ignore[arg-type]
    return acquire(office, office.partner("postal"), connection=connection)


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + ".manifest.json")


def test_the_oldest_delivery_comes_first_and_lands_as_it_was(office: Office, bureau: Bureau) -> None:
    newer = deliver(bureau.root, roster(office, 5), as_of=date(2026, 10, 31))
    older = deliver(bureau.root, roster(office, 4), as_of=date(2026, 9, 30))
    first = take(office, bureau)
    assert first is not None and first.as_of == date(2026, 9, 30)
    url = office.one("select landed_url from delivery where delivery_id = :d", d=first.delivery_id)
    assert office.landed(first.delivery_id) == older.read_bytes()
    said = older.read_bytes()[:40]  # long enough that ciphertext does not hold it by chance
    assert said not in Path(url).read_bytes()
    assert office.one("select manifest_rows from delivery") == 4
    with office.engine.begin() as conn:
        go_on(conn, "staged", "audited", "published")
    second = take(office, bureau)
    assert second is not None and second.as_of == date(2026, 10, 31)
    assert (
        office.one("select sha256 from delivery order by delivery_id desc")
        == json.loads(manifest_of(newer).read_text())["sha256"]
    )
    with office.engine.begin() as conn:
        go_on(conn, "staged", "audited", "published")
    assert take(office, bureau) is None


def test_a_delivery_is_taken_as_windows_puts_it(office: Office, bureau: Bureau) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    facts = json.loads(manifest_of(path).read_text())
    manifest_of(path).unlink()
    path.with_name(path.name + ".Manifest.JSON").write_bytes(as_windows(facts, file=path.name))
    path.with_name(path.name + ".ok").unlink()
    path.with_name(path.name.upper() + ".OK").write_bytes(b"ok\r\n")
    landed = take(office, bureau)
    assert landed is not None and landed.as_of == date(2026, 10, 31)
    assert office.ask("select manifest_rows, state, message from delivery") == [(5, "landed", None)]


def test_a_delivery_without_its_ok_is_not_there_yet(office: Office, bureau: Bureau) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    path.with_name(path.name + ".ok").unlink()
    assert take(office, bureau) is None
    assert office.ask("select * from delivery") == []


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("bytes_mismatch", lambda path, manifest: path.write_bytes(path.read_bytes()[:-20])),
        ("hash_mismatch", lambda path, manifest: path.write_bytes(path.read_bytes()[:-3] + b"0\r\n")),
        ("manifest_invalid", lambda path, manifest: manifest_of(path).write_text("{", encoding="ascii")),
        ("manifest_invalid", lambda path, manifest: manifest_of(path).write_text("{}", encoding="ascii")),
        (
            "manifest_mismatch",
            lambda path, manifest: manifest_of(path).write_text(json.dumps(manifest | {"as_of": "2026-09-30"})),
        ),
        (
            "manifest_mismatch",
            lambda path, manifest: manifest_of(path).write_text(json.dumps(manifest | {"file": "another.csv"})),
        ),
    ],
)
def test_a_delivery_that_is_not_what_its_manifest_says_is_rejected_once(
    office: Office, bureau: Bureau, code: str, spoil: object
) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    spoil(path, json.loads(manifest_of(path).read_text()))  # type: ignore[operator]
    landed = take(office, bureau)
    assert landed is not None
    found = outcome(office.engine, landed.delivery_id)
    assert (found.status, found.reasons, found.exit_code) == ("rejected", {code: 1}, 4)
    assert take(office, bureau) is None
    landing = Path(office.settings.landing_url)
    assert not [f for f in landing.rglob("*") if f.is_file()] if landing.exists() else True


def test_a_repaired_delivery_is_taken_again(office: Office, bureau: Bureau) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert take(office, bureau) is not None
    path.write_bytes(whole)
    landed = take(office, bureau)
    assert landed is not None
    assert office.one("select state from delivery where delivery_id = :d", d=landed.delivery_id) == "landed"


def test_a_name_outside_the_pattern_is_never_touched(office: Office, bureau: Bureau) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    for part in ("", ".manifest.json", ".ok"):
        path.with_name(path.name + part).rename(path.with_name("roster_other_20261031_01.csv" + part))
    assert take(office, bureau) is None


def test_an_unfinished_delivery_comes_before_a_new_one(office: Office, bureau: Bureau) -> None:
    deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    first = take(office, bureau)
    deliver(bureau.root, roster(office, 3), as_of=date(2026, 9, 30))
    assert take(office, bureau) == first


def test_another_host_key_gets_nothing(office: Office, bureau: Bureau, tmp_path: Path) -> None:
    deliver(bureau.root, roster(office), as_of=date(2026, 10, 31))
    other = make_keys(tmp_path / "other")
    wrong = dict(bureau.connection.extra) | {"host_key": other["host_key"]}
    with pytest.raises(UnavailableError, match="host key is not the one we know"):
        take(office, bureau, extra=wrong)
    with pytest.raises(UnavailableError, match="our key was refused"):
        take(office, bureau, extra=dict(bureau.connection.extra) | {"private_key": other["private_key"]})
    with pytest.raises(UnavailableError, match="needs host_key"):
        take(office, bureau, extra={"private_key": other["private_key"]})
    assert office.ask("select * from delivery") == []


def test_a_server_that_is_down_is_unavailable(office: Office, bureau: Bureau) -> None:
    bureau.close()
    try:
        with pytest.raises(UnavailableError, match="cannot be reached"):
            take(office, bureau)
    finally:
        bureau.close = lambda: None  # type: ignore[method-assign]


@pytest.mark.parametrize("name", ["roster_postal_20261399_01.csv", "roster_postal_20261031_01.csv\n", ".csv", "..csv"])
def test_a_strange_name_never_stops_the_real_ones(office: Office, bureau: Bureau, name: str) -> None:
    path = deliver(bureau.root, roster(office), as_of=date(2026, 10, 31), serial=2)
    for part in ("", ".manifest.json", ".ok"):
        (path.parent / (name + part)).write_bytes(path.read_bytes())
    landed = take(office, bureau)
    assert landed is not None
    assert office.ask("select source_name from delivery") == [(path.name,)]


def test_a_delivery_made_anew_under_its_name_is_a_new_one(office: Office, bureau: Bureau) -> None:
    path = deliver(bureau.root, roster(office, 5), as_of=date(2026, 10, 31))
    first = take(office, bureau)
    with office.engine.begin() as conn:
        go_on(conn, "staged", "audited", "published")
    path.with_name(path.name + ".ok").unlink()
    deliver(bureau.root, roster(office, 6), as_of=date(2026, 10, 31))
    second = take(office, bureau)
    assert first is not None and second is not None and second.delivery_id != first.delivery_id
    assert office.one("select notes from delivery order by delivery_id desc") == {"name_reissued": 1}


@pytest.mark.parametrize(
    "broken", [{"private_key": "geheim"}, {"host_key": "ssh-ed25519 geheim"}, {"host_key": "geheim"}]
)
def test_a_key_that_is_none_is_named_and_not_quoted(office: Office, bureau: Bureau, broken: dict[str, str]) -> None:
    with pytest.raises(UnavailableError, match="partner_postal") as caught:
        take(office, bureau, extra=dict(bureau.connection.extra) | broken)
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_never_answers_is_given_up(
    office: Office, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    from talentpool.acquire.transports import sftp

    monkeypatch.setattr(sftp, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(sftp, "READ_SECONDS", 3)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(UnavailableError, match="cannot be reached"):
        take(office, bureau, port=mute.getsockname()[1])
