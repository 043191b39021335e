"""The host apart answers the page like the office, keeps nothing that reads, and lets in by a code once while the event lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hosts_apart import LIST, NAMES, ROWS, content, put_packet, records, shows, signed
from talentpool.handout_host import answers
from talentpool.handout_host.app import build
from talentpool.handout_host.store import Store

CODE, OTHER = "K7QM-2F4H-XY3A", "K7QM-2F4H-XY3B"
PAGE = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}


class Phone:
    """One browser."""

    def __init__(self, app: Any, list_id: int = LIST) -> None:
        self._app, self._list = app, list_id
        self.headers, self.cookies = dict(PAGE), httpx.Cookies()

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            way = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=way, base_url="http://testserver", cookies=self.cookies) as http:
                answer = await http.request(method, f"/handout/{self._list}/{path}", **given)
                self.cookies = http.cookies
                return answer

        return asyncio.run(asked())

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, given: dict[str, Any], **more: str) -> httpx.Response:
        return self._ask("POST", path, json=given, headers=self.headers | more)

    def enter(self, code: str) -> httpx.Response:
        answer = self.post("enter", {"code": code})
        if answer.status_code == 200:
            self.headers["x-form-token"] = self.get("state").json()["token"]
        return answer

    def send(self, *entries: dict[str, Any]) -> list[str]:
        return [one["code"] for one in self.post("entries", {"entries": list(entries)}).json()["results"]]


@pytest.fixture
def phone(tmp_path: Path) -> Callable[..., Phone]:
    app = build(tmp_path)
    return lambda **more: Phone(app, **more)


def test_a_phone_signs_in_looks_and_marks_and_each_is_sealed(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    put_packet(tmp_path, CODE)
    one = phone()
    entered = one.enter(CODE)
    cookie = entered.headers["set-cookie"]
    assert entered.status_code == 200 and "HttpOnly" in cookie and f"Path=/handout/{LIST};" in cookie
    said = one.get("state").json()
    assert (said["who"], said["counts"]["open"], said["reserve"]) == ("网约车 · 北关站", 3, 2)
    assert said["holder"] == "station:didi:140405:北关站"
    assert [row["row"] for row in one.post("find", {"asked": "0137"}).json()["rows"]] == list(ROWS)
    (found,) = one.post("find", {"asked": "k7qm 2f4hx"}).json()["rows"]
    assert found["name"] == NAMES[0] and found["mobile"].startswith("***") and "tails" not in found
    assert one.post("find", {"asked": "AAAA-AAAAA"}).json() == {"rows": []}
    assert "行号" in one.post("find", {"asked": "王"}).json()["detail"]
    marks = [signed(ROWS[0]), signed(ROWS[1], "none"), signed("")]
    assert one.send(*marks) == ["sealed"] * 3 == one.send(*marks), "sent again, it is known"
    state = one.get("state").json()
    assert (state["counts"]["handed"], state["counts"]["absent"], state["walked"]) == (1, 1, 1)
    (again,) = one.post("find", {"asked": ROWS[0]}).json()["rows"]
    assert again["stands"] == "已领"
    assert one.post("leave", {}).status_code == 200 and one.get("state").status_code == 401
    assert one.enter(CODE).status_code == 422
    kinds = [record["kind"] for record in records(tmp_path)]
    assert kinds == ["entered", "looked", "looked", "looked", "marks", "looked", "left"]
    assert [mark["key"] for mark in records(tmp_path)[4]["marks"]] == [mark["key"] for mark in marks]


def test_whoever_takes_the_disk_reads_counts_and_times_alone(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    packet = put_packet(tmp_path, CODE)
    put_packet(tmp_path, OTHER, 2)
    one = phone()
    one.enter(CODE)
    one.post("find", {"asked": ROWS[0]})
    assert one.send(signed(ROWS[0]), signed(ROWS[1], "refused"), signed("")) == ["sealed"] * 3
    cookie = one.cookies[f"handout_{LIST}"].rpartition(".")[2]
    secret = ("*********37", "北关站", "网约车", "暖冬", "保暖包", "屯留", "140405", "refused", cookie)
    assert shows(tmp_path, *ROWS, *NAMES, *secret, CODE, OTHER, (b"m" * 32).hex(), one.headers["x-form-token"]) == []
    assert b'"wrapped": ""' in (tmp_path / "packets" / packet.name).read_bytes(), "the slip of paper opens it no more"
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.parent.name == "packets" or path.name == "packets", path


def test_a_code_is_good_once_also_when_its_packet_comes_again(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    packet = put_packet(tmp_path, CODE)
    one, other = phone(), phone()
    assert one.enter(CODE).status_code == 200
    (tmp_path / "packets" / packet.name).write_bytes(packet.to_bytes())
    assert other.enter(CODE).status_code == 422 and one.get("state").status_code == 200
    Store(tmp_path).sweep()
    assert b'"wrapped": ""' in (tmp_path / "packets" / packet.name).read_bytes()
    again = Phone(build(tmp_path))
    again.cookies = one.cookies
    assert again.get("state").status_code == 200, "a restarted host knows its phones"


def test_wrong_codes_are_five_and_a_right_one_waits_then(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    put_packet(tmp_path, CODE)
    tries = [phone().enter(f"AAAA-AAAA-AAA{sign}").status_code for sign in "234567"]
    assert tries == [422] * 5 + [429]
    shut = phone().enter(CODE)
    assert shut.status_code == 429 and "再试" in shut.json()["detail"] and int(shut.headers["retry-after"]) > 0
    assert phone(list_id=LIST + 1).enter(CODE).status_code == 422, "of another list it opens nothing"
    assert not (tmp_path / "outbox").exists() or not records(tmp_path)


def test_an_address_tries_so_often_whatever_list_it_names(
    phone: Callable[..., Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "ENTERS", "2 per minute")
    assert [phone(list_id=number).enter(CODE).status_code for number in (1, 2, 3)] == [422, 422, 429]


def test_when_the_event_is_over_or_the_packet_gone_nothing_opens(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    put_packet(tmp_path, OTHER, ends=datetime.now(UTC) - timedelta(seconds=1))
    packet = put_packet(tmp_path, CODE, 2)
    one = phone()
    assert phone().enter(OTHER).status_code == 422 and one.enter(CODE).status_code == 200
    (tmp_path / "packets" / packet.name).unlink()
    late = one.post("entries", {"entries": [signed(ROWS[0])]})
    assert late.status_code == 401 and "未送出的登记仍保存" in late.json()["detail"]
    Store(tmp_path).sweep()
    assert not list((tmp_path / "packets").iterdir()), "what is over is deleted"
    assert len(list((tmp_path / "sessions").glob("*.session"))) == 1, "a code that was used stays used"


def test_a_packet_that_was_changed_lets_nobody_in(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    packet = put_packet(tmp_path, CODE)
    path = tmp_path / "packets" / packet.name
    longer = path.read_text().replace(packet.ends.isoformat(), (packet.ends + timedelta(days=9)).isoformat())
    for changed in (longer, path.read_text()[:-40], "{}", ""):
        path.write_text(changed)
        assert phone().enter(CODE).status_code == 422, changed[:40]


def test_what_can_be_told_on_the_spot_is_told(tmp_path: Path, phone: Callable[..., Phone]) -> None:
    put_packet(tmp_path, CODE)
    put_packet(tmp_path, OTHER, 2)
    one, other = phone(), phone()
    one.enter(CODE)
    other.enter(OTHER)
    assert one.send(signed(""), signed("")) == ["sealed"] * 2
    assert other.send(signed("")) == ["reserve_empty"], "the reserve is the event's, not a phone's"
    told = one.send(signed("AAAA-AAAAA"), signed(ROWS[0], county="140499"), signed(ROWS[0], signing=None))
    assert told == ["row_unknown", "other_county", "signature_missing"]
    assert [record["kind"] for record in records(tmp_path)].count("marks") == 1


def test_of_a_row_of_which_nothing_may_be_seen_any_more_a_parcel_alone_is_sealed(
    tmp_path: Path, phone: Callable[..., Phone]
) -> None:
    emptied = [row | {"name": "", "mobile": "", "tails": []} for row in content()["rows"][:1]]
    put_packet(tmp_path, CODE, rows=emptied + content()["rows"][1:])
    one = phone()
    one.enter(CODE)
    assert one.send(signed(ROWS[0], outcome="refused"), signed(ROWS[0]), signed(ROWS[1])) == [
        "row_withdrawn",
        "sealed",
        "sealed",
    ]
    (answer,) = one.post("entries", {"entries": [signed(ROWS[0])]}).json()["results"]
    assert answer["counted"] and "不要再联系" in answer["text"], "a parcel that left is for the office to know"


def test_a_request_that_is_not_of_our_page_or_sign_in_is_answered_nothing(
    tmp_path: Path, phone: Callable[..., Phone]
) -> None:
    put_packet(tmp_path, CODE)
    one, stranger = phone(), phone()
    one.enter(CODE)
    for path, given in (("find", {"asked": ROWS[0]}), ("entries", {"entries": [signed(ROWS[0])]}), ("leave", {})):
        assert stranger.post(path, given).status_code == 401, path
        for more in ({"x-form-token": "0" * 64}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            assert one.post(path, given, **more).status_code == 403, (path, more)
    shown = one.cookies[f"handout_{LIST}"]
    for odd in (shown[:-1], "x", "", "../../1." + shown, shown.replace(".", "/", 1), shown + "é"):
        assert Store(tmp_path).held(LIST, odd) is None, odd
    assert Store(tmp_path).held(LIST + 1, shown) is None and Store(tmp_path).held(LIST, shown) is not None
    for given in ({"entries": []}, {"entries": [signed("1")]}, {"entries": [signed(ROWS[0])] * 201}, {}):
        assert one.post("entries", given).status_code == 422, given
    answer = one.get("state")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert one.post("find", {"asked": "x" * 200_000}).status_code == 413
