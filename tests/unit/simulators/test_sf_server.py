"""The simulated SF admits one account, one signature, fresh requests; everything else gets its code and no roster."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import signal
import ssl
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from patience import PATIENCE
from rosters import person
from simulators.certificates import KINDS
from simulators.sf import connection, deliver, make_certificates
from simulators.sf_api import MISBEHAVIOUR
from talentpool.acquire import load_partner
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
COLUMNS = load_partner(Settings().partner_dirs, "sf").format.columns


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, as `make run` starts it, with one roster in it."""

    root: Path
    keys: Path
    port: int

    @property
    def word(self) -> str:
        return make_certificates(self.keys)["check_word"]

    def post(self, path: str, form: dict[str, str] | bytes, **headers: str) -> httpx.Response:
        context = ssl.create_default_context(cadata=make_certificates(self.keys)["ca"])
        content = {"content": form} if isinstance(form, bytes) else {"data": form}
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        return httpx.post(
            f"https://127.0.0.1:{self.port}{path}", headers=headers, verify=context, trust_env=False,
            timeout=PATIENCE, **content
        )  # fmt: skip

    def token(self) -> str:
        form = {"partnerID": "CYLCZ", "grantType": "password", "secret": self.word}
        return str(self.post("/oauth2/accessToken", form).json()["accessToken"])

    def form(self, service: str, message: str, **changes: str) -> dict[str, str]:
        """A form that is admitted, but for `changes`."""
        timestamp = changes.pop("timestamp", str(int(time.time() * 1000)))
        encoded = httpx.QueryParams({"": message + timestamp + self.word})
        text = str(encoded)[1:].replace("%2A", "*").replace("%20", "+").replace("~", "%7E")
        digest = base64.b64encode(hashlib.md5(text.encode()).digest()).decode()
        return {
            "partnerID": "CYLCZ",
            "requestID": str(uuid.uuid4()),
            "serviceCode": service,
            "timestamp": timestamp,
            "msgDigest": digest,
            "msgData": message,
            "accessToken": self.token(),
        } | changes

    def call(self, service: str, message: str = "{}", **changes: str) -> dict[str, Any]:
        return dict(self.post("/std/service", self.form(service, message, **changes)).json())

    def data(self, service: str, message: dict[str, Any]) -> Any:
        answer = self.call(service, json.dumps(message))
        assert answer["apiResultCode"] == "A1000"
        return json.loads(answer["apiResultData"])


@contextmanager
def started(folder: Path, *more: str) -> Iterator[Served]:
    root, keys = folder / "served", folder / "keys"
    with (folder / "roster.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([person(n).get(field, "") for field in COLUMNS.values()] for n in range(1, 26))
    deliver(root, folder / "roster.csv", as_of=AS_OF, kind="full")
    command = [sys.executable, "-m", "simulators.sf", "--root", root, "--port", "0", "--keys", keys, *more]
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        assert told
        yield Served(root, keys, int(told[1]))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with started(tmp_path_factory.mktemp("sf")) as server:
        yield server


def test_the_index_names_the_roster_and_not_its_file(served: Served) -> None:
    assert served.data("COM_ROSTER_INDEX", {})["msgData"]["rosters"] == [
        {
            "rosterNo": "SF2026103101", "asOf": "2026-10-31", "kind": "full", "since": None, "total": 25, "version": "1",
            "noticeVersion": "v1",
        }
    ]  # fmt: skip


def test_pages_hold_every_row_once_in_the_partners_own_keys(served: Served) -> None:
    rows = []
    for number in (1, 2, 3):
        wanted = {"rosterNo": "SF2026103101", "version": "1", "pageNo": number, "pageSize": 10}
        page = served.data("COM_ROSTER_PAGE", wanted)["msgData"]
        assert (page["total"], page["version"], page["pageNo"]) == (25, "1", number)
        rows += page["rows"]
    assert [list(row) for row in rows] == [list(COLUMNS)] * 25
    assert [row["empNo"] for row in rows] == [person(n)["staff_no"] for n in range(1, 26)]
    assert {row["leaveDate"] for row in rows} == {None}


@pytest.mark.parametrize("wanted", [
    {"rosterNo": "SF0", "pageNo": 1, "pageSize": 10},
    {"rosterNo": "SF2026103101", "pageNo": 1, "pageSize": 100000},
    {"rosterNo": "SF2026103101", "pageNo": "1", "pageSize": 10},
    {},
])  # fmt: skip
def test_a_page_that_is_not_there_is_no_success(served: Served, wanted: dict[str, Any]) -> None:
    assert served.data("COM_ROSTER_PAGE", wanted)["success"] is False


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("A1001", {"requestID": ""}),
        ("A1001", {"requestID": "x" * 41}),
        ("A1001", {"timestamp": "1477395862000"}),
        ("A1001", {"timestamp": "soon"}),
        ("A1002", {"accessToken": "another"}),
        ("A1004", {"partnerID": "another"}),
        ("A1006", {"msgDigest": "IIKJtuLVzoFTu4kHI8M8vA=="}),
        ("A1006", {"msgData": "{ }"}),
    ],
)
def test_who_is_not_admitted_gets_a_code_and_no_data(served: Served, code: str, changes: dict[str, str]) -> None:
    answer = served.call("COM_ROSTER_INDEX", **changes)
    assert answer["apiResultCode"] == code and "apiResultData" not in answer


def test_a_service_that_is_not_there_is_not_permitted(served: Served) -> None:
    assert served.call("EXP_RECE_CREATE_ORDER")["apiResultCode"] == "A1004"


def test_a_signature_covers_the_bytes_of_the_message(served: Served) -> None:
    message = '{"note":"a b*~+阿·𠮷/%"}'
    assert served.call("COM_ROSTER_INDEX", message)["apiResultCode"] == "A1000"


def test_a_request_sent_twice_is_refused(served: Served) -> None:
    form = served.form("COM_ROSTER_INDEX", "{}")
    assert served.post("/std/service", form).json()["apiResultCode"] == "A1000"
    assert served.post("/std/service", form).json()["apiResultCode"] == "A1007"


@pytest.mark.parametrize(
    ("code", "changes"),
    [("A1004", {"partnerID": "another"}), ("A1006", {"secret": "another"}), ("A1004", {"grantType": "none"})],
)
def test_a_token_is_for_the_account_alone(served: Served, code: str, changes: dict[str, str]) -> None:
    form = {"partnerID": "CYLCZ", "grantType": "password", "secret": served.word} | changes
    answer = served.post("/oauth2/accessToken", form).json()
    assert answer["apiResultCode"] == code and "accessToken" not in answer


def test_what_is_no_form_of_ours_is_refused(served: Served) -> None:
    assert served.post("/std/service", b"{}", **{"Content-Type": "application/json"}).status_code == 415
    assert served.post("/std/service", b"x" * 70_000).status_code == 413
    assert served.post("/elsewhere", {"a": "b"}).status_code == 404


def test_it_can_be_made_to_misbehave_while_it_runs(served: Served) -> None:
    path = served.root / "misbehave.json"
    path.write_text(json.dumps({"answer": "A1003"}))
    try:
        assert served.call("COM_ROSTER_INDEX")["apiResultCode"] == "A1003"
    finally:
        path.unlink()
    assert served.call("COM_ROSTER_INDEX")["apiResultCode"] == "A1000"


@pytest.mark.parametrize("text", ['{"rate_limits": 1}', "{", "[]"])
def test_a_switch_that_is_none_does_not_pass_for_good_behaviour(served: Served, text: str) -> None:
    path = served.root / "misbehave.json"
    path.write_text(text)
    try:
        assert served.post("/oauth2/accessToken", {"a": "b"}).status_code == 500
    finally:
        path.unlink()


def test_it_starts_with_switches_and_another_certificate(tmp_path: Path) -> None:
    with started(tmp_path, "--misbehave", "answer=A1003", "--misbehave", "slow=0.01") as server:
        assert server.call("COM_ROSTER_INDEX")["apiResultCode"] == "A1003"
    with started(tmp_path, "--certificate", "expired") as server, pytest.raises(httpx.ConnectError, match="expired"):
        server.token()


def test_an_unknown_switch_at_the_start_is_refused_listing_the_known_ones(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators.sf", "--root", tmp_path, "--port", "0", "--keys", tmp_path,
               "--misbehave", "sulk"]  # fmt: skip
    ended = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2 and all(name in ended.stderr.replace("\n", " ") for name in MISBEHAVIOUR)


def test_certificates_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    first = make_certificates(tmp_path / "keys")
    assert make_certificates(tmp_path / "keys") == first and first["ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for name in (*(f"{kind}.pem" for kind in KINDS), "check_word"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600


def test_certificates_made_by_two_at_once_are_the_same(tmp_path: Path) -> None:
    code = "import sys, pathlib; from simulators.sf import *; print(make_certificates(pathlib.Path(sys.argv[1])))"
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "keys")],
            stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    told = {maker.communicate()[0] for maker in makers}
    assert len(told) == 1 and "BEGIN CERTIFICATE" in told.pop()


def test_the_connection_has_the_shape_that_airflow_takes(tmp_path: Path) -> None:
    facts = connection(tmp_path, 8443)
    assert {key: facts[key] for key in ("conn_type", "host", "port", "login")} == {
        "conn_type": "http", "host": "https://127.0.0.1", "port": 8443, "login": "CYLCZ",
    }  # fmt: skip
    assert facts["password"] == make_certificates(tmp_path)["check_word"]
    assert set(facts["extra"]) == {"ca"}


def test_a_delivery_that_is_offered_is_left_alone_and_a_new_version_replaces_it(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("empNo\r\n1\r\n")
    first = deliver(tmp_path, roster, as_of=AS_OF, kind="delta", since=date(2026, 10, 24))
    roster.write_text("empNo\r\n1\r\n2\r\n")
    assert deliver(tmp_path, roster, as_of=AS_OF) == first and first.read_text() == "empNo\n1\n"
    deliver(tmp_path, roster, as_of=AS_OF, version=2)
    (entry,) = [json.loads(path.read_text()) for path in (tmp_path / "rosters").glob("*.json")]
    assert (entry["version"], entry["total"], entry["file"]) == ("2", 2, "SF2026103101.v2.csv")
