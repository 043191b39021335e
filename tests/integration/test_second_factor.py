"""A console that asks for a second factor: bound by two people on its page, asked for at both doors, needed to see in plain."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from api_servers import ApiServer
from browsers import browser as chromium
from console_office import HERE, Console
from visitors import PASSWORD, Browser, logged, put, token


@pytest.fixture(scope="module")
def server(standing: ApiServer) -> Iterator[Console]:
    with standing.open(TALENTPOOL_SECOND_FACTOR="reveal") as found:
        yield found


@pytest.fixture
def place(server: Console) -> Console:
    put(server, "delete from sign_in_lock")
    put(server, "delete from second_factor")
    return server


def signed_in(place: Console, user: str, code: str = "") -> httpx.Response:
    answer = place.client.post(place.url + "/auth/token", json={"username": user, "password": PASSWORD, "code": code})
    if answer.status_code == 201:
        place.tokens[user] = answer.json()["access_token"]
    return answer


def fresh_code(place: Console, secret: str) -> str:
    """As of a device half a minute later: the code before it is used up."""
    put(place, "update second_factor set last_step = last_step - 2")
    return pyotp.TOTP(secret).now()


def bind(place: Console, user: str) -> tuple[str, list[str]]:
    """By the pages: the administrator's, then the user's own."""
    signed_in(place, "admin")
    signed_in(place, user)
    page = place.post("/console/factor/admit", "admin", {"user": user.upper()}).text
    (code,) = re.findall(r"绑定码：<strong>([^<]+)", page)
    assert signed_in(place, user).status_code == 201, "admitted anew, all sessions have ended"
    page = place.post("/console/factor/begin", user, {"code": code}).text
    (secret,) = re.findall(r"手工输入密钥：([A-Z2-7]+)", page)
    assert "<svg" in page and "script" not in page
    wrong = place.post("/console/factor/finish", user, {"code": code, "digits": "000000"})
    assert wrong.status_code == 422 and "动态口令不对" in wrong.text
    page = place.post("/console/factor/finish", user, {"code": code, "digits": pyotp.TOTP(secret).now()}).text
    printed = re.findall(r"<li>([a-z0-9-]+)</li>", page)
    assert len(printed) == 10
    return secret, printed


def in_plain(place: Console, user: str) -> httpx.Response:
    asked = {"reason": "contact", "note": "领取前电话确认"}
    return place.post(f"/console/people/{place.person_of(HERE)}", user, asked)


def test_a_password_alone_shows_nobody_in_plain_and_the_refusal_is_on_record(place: Console) -> None:
    signed_in(place, "city")
    refused = in_plain(place, "city")
    assert refused.status_code == 422 and "需要动态口令" in refused.text and "140199" not in refused.text
    person = place.person_of(HERE)
    assert logged(place, "refused", f"person:{person}") and not logged(place, "reveal", f"person:{person}")
    put(place, "insert into stop_notice values ('didi', 'T00001', '2026-10-01') on conflict do nothing")
    letter = place.post("/console/consents/stop", "city", {"partner": "didi"})
    assert letter.status_code == 422 and "需要动态口令" in letter.text and "T00001" not in letter.text
    assert logged(place, "refused", "partner:didi") and not logged(place, "export", "partner:didi")
    asked = place.post("/console/requests", "city", {"kind": "access", "reason": "本人申请", "person": person, "on_paper": "no",
                                                     "received_on": "2026-10-30", "identity": "in_person"})  # fmt: skip
    copy = place.post(f"{asked.headers['location']}/copy", "city", {"password": "x" * 20})
    assert copy.status_code == 422 and "需要动态口令" in copy.text
    pair = place.post(
        f"/console/review/{place.pair()}/plain", "city", {"side": "both", "reason": "review", "note": "核对同一人"}
    )
    assert "140199" not in pair.text


def test_who_bound_a_device_is_asked_at_both_doors_and_sees_in_plain(place: Console) -> None:
    secret, printed = bind(place, "city")
    assert signed_in(place, "city").status_code == 401, "the password alone opens nothing any more"
    assert signed_in(place, "city", "000000").status_code == 401
    visitor = Browser(place)
    visitor.sign_in("city")
    assert not visitor.inside()
    code = fresh_code(place, secret)
    visitor.fill_in("/auth/login/", username="city", password=PASSWORD, code=code)
    visitor.get("/auth/")
    assert visitor.inside()
    assert signed_in(place, "city", code).status_code == 401, "the same code does not count twice"
    assert signed_in(place, "city", printed[0]).status_code == 201
    assert signed_in(place, "city", printed[0]).status_code == 401
    assert signed_in(place, "city", printed[1]).status_code == 201
    shown = in_plain(place, "city")
    assert shown.status_code == 200 and "140199" in html.unescape(shown.text)


def test_wrong_codes_count_as_failures(place: Console) -> None:
    bind(place, "city")
    put(place, "delete from sign_in_lock")
    assert [signed_in(place, "city", "000000").status_code for _ in range(6)] == [401] * 5 + [429]


def test_nobody_admits_oneself_and_none_but_administrators_admit(place: Console) -> None:
    signed_in(place, "admin")
    for name in ("admin", "ADMIN"):
        answer = place.post("/console/factor/admit", "admin", {"user": name})
        assert answer.status_code == 422 and "需要两个人" in answer.text
    assert place.post("/console/factor/admit", "admin", {"user": "nobody-there"}).status_code == 422
    for user in ("city", "county", "auditor", "operator"):
        signed_in(place, user)
        assert place.post("/console/factor/admit", user, {"user": "approver"}).status_code == 403


def test_a_reset_ends_the_sessions_that_the_old_device_began(place: Console) -> None:
    _, printed = bind(place, "city")
    signed_in(place, "city", printed[0])
    assert place.visit("/console/pool", "city").status_code == 200
    place.post("/console/factor/admit", "admin", {"user": "city"})
    assert place.visit("/console/pool", "city", headers={"accept": "application/json"}).status_code == 401
    assert token(place, "city").status_code == 201 and in_plain_refused(place)


def in_plain_refused(place: Console) -> bool:
    signed_in(place, "city")
    return in_plain(place, "city").status_code == 422


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_pages_fit_a_screen_and_a_phone(place: Console, tmp_path: Path, width: int) -> None:
    signed_in(place, "admin")
    signed_in(place, "city")
    page = place.post("/console/factor/admit", "admin", {"user": "city"}).text
    (code,) = re.findall(r"绑定码：<strong>([^<]+)", page)
    signed_in(place, "city")
    with chromium() as driven:
        window, complaints = place.window(driven, "city", width)
        window.goto(f"{place.url}/console/factor")
        window.screenshot(path=tmp_path / f"factor-{width}.png")
        window.locator("input[name=code]").fill(code)
        window.locator("main button").first.click()
        window.locator(".qr svg").wait_for()
        window.screenshot(path=tmp_path / f"factor-scan-{width}.png", full_page=True)
        assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert complaints == []
        login = driven.new_context(viewport={"width": width, "height": 900}, locale="zh-CN").new_page()
        login.goto(f"{place.url}/auth/login/")
        assert login.locator("input[name=code]").is_visible()
        login.screenshot(path=tmp_path / f"login-{width}.png")
