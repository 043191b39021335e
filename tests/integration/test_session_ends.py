"""Tokens of a real api-server end when they must, and passwords are held to rules at every door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from browsers import browser as chromium
from console_office import Console
from visitors import ANOTHER, PASSWORD, Browser, logged, put, token, works


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


def test_the_way_out_on_our_bar_ends_every_token_of_the_user_and_no_other(place: Console) -> None:
    place.tokens["county"] = token(place, "county").json()["access_token"]
    elsewhere, other = token(place, "county").json()["access_token"], token(place, "city").json()["access_token"]
    assert place.visit("/console/logout", "county", method="POST").status_code == 403, "only from our own page"
    assert works(place, place.tokens["county"])
    before = logged(place, "sign_out", "user:county")
    answer = place.post("/console/logout", "county", {})
    assert answer.status_code == 200 and "已退出" in answer.text and "_token=" in answer.headers["set-cookie"]
    assert not works(place, place.tokens["county"]) and not works(place, elsewhere) and works(place, other)
    assert logged(place, "sign_out", "user:county") == before + 1


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [pytest.param(1280, 720, marks=pytest.mark.slow), (390, 700)])
def test_an_officer_finds_help_and_the_way_out_on_every_page(
    place: Console, tmp_path: Path, width: int, height: int
) -> None:
    place.tokens["county"] = token(place, "county").json()["access_token"]
    with chromium() as driven:
        page, complaints = place.window(driven, "county", width)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{place.url}/plugin/pool")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="帮助").click()
        frame.get_by_role("heading", name="帮助").wait_for()
        assert "复核" in frame.locator("main").inner_text() and "审计" not in frame.locator("main").inner_text()
        page.screenshot(path=tmp_path / f"help_{width}.png")
        frame.get_by_role("link", name="人才库", exact=True).click()
        frame.locator("nav a[aria-current]", has_text="人才库").wait_for()
        frame.get_by_role("button", name="退出").click()
        frame.get_by_role("heading", name="已退出").wait_for()
        page.screenshot(path=tmp_path / f"left_{width}.png")
        assert not works(place, place.tokens["county"])
        page.reload()
        page.locator("input[name=username]").fill("county")
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[type=submit], button[type=submit]").first.click()
        frame.get_by_role("heading", name="人才库").wait_for()
        page.screenshot(path=tmp_path / f"again_{width}.png")
        assert [line for line in complaints if "Content Security" in line or "Blocked" in line] == []
        page.context.close()


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
    for spelling in ("admin", "ADMIN", "adMin"):
        answer = admin_api(place, "PATCH", f"/users/{spelling}?update_mask=password", json={"password": ANOTHER})
        assert answer.status_code == 403 and "现在的密码" in answer.json()["detail"], spelling


@pytest.mark.parametrize(
    "door", ["/auth/token", "/auth/fab/v1/users", "/auth/login/", "/api/v2/variables", "/api/v2/variables/console"]
)
def test_no_door_reads_more_than_it_may(place: Console, door: str) -> None:
    answer = place.client.post(place.url + door, content=b'{"username": "' + b"x" * 5 * 1024**2 + b'"}',
                               headers={"content-type": "application/json"})  # fmt: skip
    assert answer.status_code == 413


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
