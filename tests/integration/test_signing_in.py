"""Signing in at a real api-server: both doors shut after failures, and tell for how long."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from console_office import Console
from visitors import PASSWORD, Browser, logged, put, token


@pytest.fixture(scope="module")
def server(console: Console) -> Console:
    return console


@pytest.fixture
def place(server: Console) -> Console:
    """The same api-server, where nobody has failed yet."""
    put(server, "delete from sign_in_lock")
    return server


@pytest.fixture
def browser(place: Console) -> Browser:
    return Browser(place)


@pytest.mark.parametrize("door", ["/auth/token", "/auth/token/cli"])
def test_a_door_for_programs_shuts_after_five_failures_and_says_for_how_long(place: Console, door: str) -> None:
    def knock(password: str) -> httpx.Response:
        return place.client.post(place.url + door, json={"username": "county", "password": password})

    assert [knock("wrong").status_code for _ in range(5)] == [401] * 5
    for password in ("wrong", PASSWORD):
        answer = knock(password)
        assert answer.status_code == 429 and "登录失败次数过多" in answer.json()["detail"]
        assert 0 < int(answer.headers["retry-after"]) <= 60
    assert token(place, "city").status_code == 201, "another account's door stands open"
    put(place, "update sign_in_lock set locked_until = now() where kind = 'account'")
    assert token(place, "county").status_code == 201, "the right password after the waiting time"
    assert token(place, "county", "wrong").status_code == 401, "and it begins anew"


def test_fabs_own_api_hands_out_no_tokens_and_tells_no_right_password_from_a_wrong_one(place: Console) -> None:
    for password in (PASSWORD, "wrong"):
        answer = place.client.post(place.url + "/auth/api/v1/security/login",
                                   json={"username": "county", "password": password, "provider": "db"})  # fmt: skip
        assert answer.status_code == 404 and "token" not in answer.json()


def test_the_form_shuts_too_and_with_it_the_door_for_programs(place: Console, browser: Browser) -> None:
    for _ in range(5):
        assert browser.sign_in("county", "wrong").status_code == 302
    shut = browser.sign_in("county")
    assert (
        shut.status_code == 429
        and "登录失败次数过多" in shut.text
        and re.search("请在 [0-9]+ (秒|分钟)后再试", shut.text)
    )
    assert token(place, "county").status_code == 429


@pytest.mark.parametrize("spelling", ["COUNTY", "county@example.invalid", "County"])
def test_another_spelling_is_the_same_account(place: Console, spelling: str) -> None:
    for name in ("county", spelling, "county", spelling, spelling):
        assert token(place, name, "wrong").status_code == 401
    assert token(place, "county").status_code == 429


def test_many_tries_at_one_moment_are_no_more_than_one_after_the_other(place: Console) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: token(place, "county", "wrong").status_code, range(40)))
    assert answers.count(401) == 5 and answers.count(429) == 35


def test_the_wait_doubles_up_to_an_hour(place: Console) -> None:
    waits = []
    for _ in range(5):
        token(place, "county", "wrong")
    for _ in range(9):
        waits.append(int(token(place, "county", "wrong").headers["retry-after"]))
        put(place, "update sign_in_lock set locked_until = now()")
        assert token(place, "county", "wrong").status_code == 401
    assert [round(wait / 60) for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_address_that_tries_many_names_is_shut_out_for_every_name(place: Console) -> None:
    for number in range(20):
        assert token(place, f"nobody{number}", "wrong").status_code == 401
    assert token(place, "city").status_code == 429
    put(place, "update sign_in_lock set locked_until = now()")
    assert token(place, "city").status_code == 201
    assert place.office.one("select locked_until is null from sign_in_lock where kind = 'address'"), (
        "a success opens it"
    )


def test_what_is_mistyped_in_weeks_adds_up_to_nothing(place: Console) -> None:
    for number in range(30):
        assert token(place, f"nobody{number}", "wrong").status_code == 401
        put(place, "update sign_in_lock set failed_at = failed_at - interval '1 hour'")


def test_what_is_no_text_is_refused_before_anything_is_looked_up(place: Console) -> None:
    for body in ({"username": ["city"], "password": PASSWORD}, {"username": "city", "password": {"a": 1}}, {}):
        assert place.client.post(place.url + "/auth/token", json=body).status_code == 400
    assert token(place, "city", "x" * 5000).status_code == 401


def test_failures_and_locks_go_on_record_without_what_nobody_is_called(place: Console) -> None:
    before = {action: logged(place, action, "user:county") for action in ("sign_in_failed", "sign_in_lock")}
    for _ in range(5):
        token(place, "county", "wrong-secret-word")
    token(place, "my-password-typed-as-a-name", "x")
    assert logged(place, "sign_in_failed", "user:county") == before["sign_in_failed"] + 5
    assert logged(place, "sign_in_lock", "user:county") == before["sign_in_lock"] + 1
    written = str(place.office.one("select string_agg(a::text, ' ') from audit_log a"))
    assert "my-password-typed" not in written and "wrong-secret-word" not in written and PASSWORD not in written
    alerts = [json.loads(line) for line in place.office.settings.alerts_file.read_text("utf-8").splitlines()]
    assert [line for line in alerts if line.get("what") == "sign_in" and line.get("user") == "county"]
    assert token(place, "auditor").status_code == 201
    page = place.post("/console/audit", "auditor", {"action": "sign_in_failed", "subject": "", "actor": "",
                                                    "since": "", "until": ""})  # fmt: skip
    assert "登录失败" in page.text and "用户 county" in page.text


@pytest.mark.parametrize(("base", "closed"), [("https://pool.example", True), ("http://127.0.0.1:8080", False)])
def test_every_cookie_is_for_tls_alone_where_the_site_is_served_so(
    monkeypatch: pytest.MonkeyPatch, base: str, closed: bool
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    from talentpool_airflow.sign_in.entrance import Entrance

    async def app(scope: Any, receive: Any, send: Any) -> None:
        cookies = [(b"set-cookie", b"_token=a; HttpOnly"), (b"Set-Cookie", b"session=b; Secure; HttpOnly")]
        await send({"type": "http.response.start", "status": 200, "headers": cookies})
        await send({"type": "http.response.body", "body": b""})

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Entrance(app))) as client:
            return await client.get(base + "/somewhere")

    got = [value.lower().count("secure") for value in asyncio.run(ask()).headers.get_list("set-cookie")]
    assert got == [int(closed), 1]
