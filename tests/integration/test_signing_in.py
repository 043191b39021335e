"""Signing in at a real api-server: both doors shut after failures, tokens end when they must, passwords are held to rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from console_office import Console, console
from patience import PATIENCE

PASSWORD = "probe-only-password"
ANOTHER = "lantern-gravel-tulip-9"
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="module")
def server(server_url: str) -> Iterator[Console]:
    with console(server_url) as found:
        yield found


@pytest.fixture
def place(server: Console) -> Console:
    """The same api-server, where nobody has failed yet."""
    put(server, "delete from sign_in_lock")
    return server


def put(place: Console, statement: str, **values: Any) -> int:
    with place.office.engine.begin() as conn:
        return conn.execute(sa.text(statement), values).rowcount


def token(place: Console, user: str, password: str = PASSWORD, door: str = "/auth/token") -> httpx.Response:
    return place.client.post(place.url + door, json={"username": user, "password": password})


class Browser:
    """One that keeps cookies and fills in forms."""

    def __init__(self, place: Console) -> None:
        self._http = httpx.Client(base_url=place.url, follow_redirects=False, timeout=PATIENCE)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._http.get(path, headers={"accept": "text/html"}, **given)

    def fill_in(self, path: str, **fields: str) -> httpx.Response:
        found = CSRF.search(self.get(path).text)
        assert found, "a form has a token of its own"
        return self._http.post(path, data={"csrf_token": found[1], **fields})

    def sign_in(self, user: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.fill_in("/auth/login/", username=user, password=password)
        if answer.status_code == 302 and "login" not in answer.headers["location"]:
            self.get("/auth/")  # where FAB hands out the token
        return answer

    def cookie(self, name: str = "_token") -> str | None:
        return self._http.cookies.get(name)

    def keep(self, **cookies: str) -> None:
        """As somebody who copied them before."""
        for name, value in cookies.items():
            self._http.cookies.set(name, value)

    def inside(self) -> bool:
        return self.get("/console/pool").status_code == 200


@pytest.fixture
def browser(place: Console) -> Browser:
    return Browser(place)


def works(place: Console, bearer: str) -> bool:
    answer = place.client.get(place.url + "/console/pool", headers={"authorization": f"Bearer {bearer}"})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def logged(place: Console, action: str, subject: str) -> int:
    return int(place.office.one("select count(*) from audit_log where action = :action and subject = :subject",
                                action=action, subject=subject))  # fmt: skip


# --- how often somebody may fail ------------------------------------------------------------------------------------


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
    assert "登录失败" in page.text and "user:county" in page.text


# --- how long a token holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["/auth/logout", "/auth/logout/", "/api/v2/auth/logout"])
def test_a_logout_ends_every_token_of_the_user(place: Console, browser: Browser, way: str) -> None:
    bearer = token(place, "county").json()["access_token"]
    browser.sign_in("county")
    copied = browser.cookie(), browser.cookie("session")
    assert all(copied) and browser.inside() and works(place, bearer)
    browser.get(way)
    assert not works(place, bearer) and not works(place, str(copied[0]))
    thief = Browser(place)
    thief.keep(session=str(copied[1]))
    thief.get("/auth/")
    assert thief.cookie() is None and not thief.inside(), "the page's cookie renews nothing"
    assert logged(place, "sign_out", "user:county") > 0
    assert browser.sign_in("county").status_code == 302 and browser.inside()


def test_a_logout_by_the_page_cookie_alone_ends_the_tokens_too(place: Console, browser: Browser) -> None:
    browser.sign_in("county")
    bearer, lone = str(browser.cookie()), Browser(place)
    lone.keep(session=str(browser.cookie("session")))
    assert works(place, bearer)
    lone.get("/auth/logout")
    assert not works(place, bearer)


@pytest.mark.parametrize(
    "aged", ["seen_at = now() - interval '31 minutes'", "began_at = now() - interval '721 minutes'"]
)
def test_half_an_hour_of_nobody_and_twelve_hours_in_all(place: Console, browser: Browser, aged: str) -> None:
    browser.sign_in("county")
    bearer = token(place, "county").json()["access_token"]
    assert browser.inside() and works(place, bearer)
    assert put(place, f"update sign_in_session set {aged} where ended_at is null")
    try:
        assert not works(place, bearer) and not browser.inside()
        browser.get("/auth/")
        assert not browser.inside(), "the page's cookie is as old"
    finally:
        put(place, "update sign_in_session set seen_at = now(), began_at = now() where ended_at is null")


def test_a_page_that_asks_by_itself_keeps_no_officer_signed_in(place: Console) -> None:
    bearer = token(place, "county").json()["access_token"]
    put(place, "update sign_in_session set seen_at = now() - interval '20 minutes'")
    by_itself = {"authorization": f"Bearer {bearer}", "sec-fetch-dest": "empty"}
    seen = "select now() - max(seen_at) < interval '1 minute' from sign_in_session where ended_at is null"
    assert place.client.get(place.url + "/api/v2/plugins", headers=by_itself).status_code == 200
    assert not place.office.one(seen)
    assert works(place, bearer) and place.office.one(seen)
    put(place, "update sign_in_session set seen_at = now()")


def test_a_token_without_a_session_of_ours_is_none(place: Console) -> None:
    """As one of a version before this one, or one that somebody made with the signing key alone."""
    import jwt

    claims = jwt.decode(place.tokens["city"], options={"verify_signature": False})
    for forged in ({"sid": ""}, {"sid": "guessed"}, {"sub": "2"}):
        made = jwt.encode(claims | forged, "t" * 64, algorithm="HS512",
                          headers={"kid": jwt.get_unverified_header(place.tokens["city"])["kid"]})  # fmt: skip
        assert not works(place, made), forged
    assert works(place, place.tokens["city"])


def test_the_table_of_sessions_holds_nothing_that_opens_a_door(place: Console) -> None:
    bearer = token(place, "county").json()["access_token"]
    import jwt

    session_id = jwt.decode(bearer, options={"verify_signature": False})["sid"]
    kept = str(place.office.one("select string_agg(s::text, ' ') from sign_in_session s"))
    assert session_id not in kept and bearer not in kept


# --- passwords ------------------------------------------------------------------------------------------------------


def admin_api(place: Console, method: str, path: str, **given: Any) -> httpx.Response:
    bearer = token(place, "admin").json()["access_token"]
    headers = {"authorization": f"Bearer {bearer}"}
    return place.client.request(method, place.url + "/auth/fab/v1" + path, headers=headers, **given)


def made(place: Console, name: str, role: str = "city_officer", password: str = ANOTHER) -> httpx.Response:
    facts = {"username": name, "password": password, "email": f"{name}@example.invalid", "first_name": name,
             "last_name": "-", "roles": [{"name": role}]}  # fmt: skip
    return admin_api(place, "POST", "/users", json=facts)


WEAK = ("1", "short-one-9", "passwordpassword", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "talentpool2026",
        "other_county1", "x" * 200)  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_at_every_door(place: Console, browser: Browser, password: str) -> None:
    assert made(place, "weak", password=password).status_code == 422
    answer = admin_api(place, "PATCH", "/users/other_county?update_mask=password", json={"password": password})
    assert answer.status_code == 422 and "密码" in answer.json()["detail"]
    browser.sign_in("other_county")
    page = browser.fill_in(
        "/auth/resetmypassword/form", own_password=PASSWORD, password=password, conf_password=password
    )
    assert page.status_code == 200 and "密码" in page.text and browser.inside()
    assert token(place, "other_county").status_code == 201, "the old one holds"
    browser = Browser(place)
    browser.sign_in("admin")
    page = browser.fill_in("/auth/users/add", username="weak", first_name="w", last_name="w", email="w@example.invalid",
                           password=password, conf_password=password)  # fmt: skip
    assert page.status_code == 200 and "密码" in page.text


def test_the_old_password_is_asked_for_and_wrong_ones_count(place: Console, browser: Browser) -> None:
    browser.sign_in("other_county")
    for own in ("", "wrong"):
        page = browser.fill_in("/auth/resetmypassword/form", own_password=own, password=ANOTHER, conf_password=ANOTHER)
        assert page.status_code == 200
    assert "您现在的密码不对" in page.text
    for _ in range(4):
        browser.fill_in("/auth/resetmypassword/form", own_password="wrong", password=ANOTHER, conf_password=ANOTHER)
    assert token(place, "other_county").status_code == 429


def test_a_new_password_ends_every_token_at_once(place: Console, browser: Browser) -> None:
    made(place, "changing")
    browser.sign_in("changing", ANOTHER)
    bearer = token(place, "changing", ANOTHER).json()["access_token"]
    assert browser.inside() and works(place, bearer)
    new = PASSWORD + "-2"
    done = browser.fill_in("/auth/resetmypassword/form", own_password=ANOTHER, password=new, conf_password=new)
    assert done.status_code == 302
    assert not works(place, bearer) and not browser.inside()
    browser.get("/auth/")
    assert not browser.inside()
    assert logged(place, "password_change", "user:changing") == 1
    assert token(place, "changing", ANOTHER).status_code == 401
    bearer = token(place, "changing", new).json()["access_token"]
    changed = admin_api(place, "PATCH", "/users/changing?update_mask=password", json={"password": ANOTHER})
    assert changed.status_code == 200
    assert not works(place, bearer) and logged(place, "password_change", "user:changing") == 2


def test_nobody_changes_the_own_password_past_the_old_one(place: Console) -> None:
    answer = admin_api(place, "PATCH", "/users/admin?update_mask=password", json={"password": ANOTHER})
    assert answer.status_code == 403 and "现在的密码" in answer.json()["detail"]


def test_another_role_and_the_end_of_service_end_every_token(place: Console) -> None:
    made(place, "leaving")
    bearer = token(place, "leaving", ANOTHER).json()["access_token"]
    assert works(place, bearer)
    admin_api(place, "PATCH", "/users/leaving?update_mask=roles", json={"roles": [{"name": "auditor"}]})
    assert not works(place, bearer)
    bearer = token(place, "leaving", ANOTHER).json()["access_token"]
    page = place.client.get(place.url + "/console/audit", headers={"authorization": f"Bearer {bearer}"})
    assert page.status_code == 200, "what the new role may is seen at once"
    admin_api(place, "DELETE", "/users/leaving")
    answer = place.client.get(place.url + "/console/pool", headers={"authorization": f"Bearer {bearer}"})
    assert answer.status_code == 401
