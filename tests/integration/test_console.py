"""The console inside the real Airflow API server: every route guards itself, and pages work under their policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from console_office import HERE, THERE, Console, console

ROLES = {
    "city": "city_officer", "approver": "city_approver", "county": f"county_officer_{HERE}",
    "other_county": f"county_officer_{THERE}", "auditor": "auditor", "operator": "operator", "admin": "Admin",
    "nobody": "Public",
}  # fmt: skip
NO_TOKENS = ("expired", "garbage", "forged", "unsigned", "gone")


@pytest.fixture(scope="module")
def place(server_url: str) -> Iterator[Console]:
    with console(server_url) as found:
        yield found


def every_route(place: Console) -> list[tuple[str, str, str, list[str] | None]]:
    """(method, path with its parameters filled, declared path, who may) of what the server has mounted."""
    found, somebody = [], place.person_of(HERE)
    for prefix, method, path, access in place.routes:
        filled = (prefix + path).replace("{name}", "page.css").replace("{person_id}", somebody)
        assert "{" not in filled, filled
        found.append((method, filled, prefix + path, access))
    assert len(found) >= 14
    return found


def admitted(access: list[str] | None, role: str) -> bool:
    """Whether the access table opens a route to a role."""
    assert access
    return "signed_in" in access or ("county_officer" if role.startswith("county_officer_") else role) in access


def test_every_route_of_every_plugin_says_who_may_use_it(place: Console) -> None:
    assert {prefix for prefix, *_ in place.routes} == {"/console"}
    assert [(method, path) for method, _, path, access in every_route(place) if access is None] == []


def test_no_token_and_what_is_none_is_401_for_programs_and_the_login_for_browsers(place: Console) -> None:
    for method, path, _, _ in every_route(place):
        for user in (None, *NO_TOKENS):
            program = place.visit(path, user, method=method, headers={"accept": "application/json"})
            assert program.status_code == 401, (method, path, user)
            assert json.loads(program.text) == {"detail": "Not authenticated"}
            if method == "GET":
                browser = place.visit(f"{path}?as_of=2026-10-31", user)
                assert browser.status_code == 303, (path, user)
                target = urlsplit(browser.headers["location"])
                assert (target.netloc, target.path) == ("", "/auth/login/")
                assert parse_qs(target.query) == {"next": [f"{path}?as_of=2026-10-31"]}
    for user in NO_TOKENS:
        bearer = place.visit(
            "/console/quality", headers={"authorization": f"Bearer {place.tokens[user]}", "accept": "*/*"}
        )
        assert bearer.status_code == 401, user


def test_every_role_gets_what_the_access_table_says_and_nothing_else(place: Console) -> None:
    for method, path, declared, access in every_route(place):
        for user, role in ROLES.items():
            answer = place.visit(path, user) if method == "GET" else place.post(path, user, {})
            if not admitted(access, role):
                assert answer.status_code == 403, (method, path, user)
            elif method == "GET":
                there = 404 if "{person_id}" in declared and user == "other_county" else 200
                assert answer.status_code == there, (path, user, answer.text[-800:])
            else:
                assert answer.status_code in (200, 404, 422), (path, user, answer.text[-800:])


def test_a_form_from_another_port_or_without_our_token_does_nothing(place: Console) -> None:
    posts = [path for method, path, _, _ in every_route(place) if method == "POST"]
    assert posts
    other = {"origin": place.url.rsplit(":", 1)[0] + ":9", "sec-fetch-site": "same-site"}
    for path in posts:
        for user in ("city", "county", "auditor"):
            token = place.form_token(user)
            same = {"origin": place.url, "sec-fetch-site": "same-origin"}
            for headers, form_token in (
                (other, token), ({"origin": other["origin"]}, token), ({"sec-fetch-site": "cross-site"}, token),
                ({"origin": "null"}, token), ({}, token), (same, ""), (same, place.form_token("admin")),
            ):  # fmt: skip
                answer = place.visit(path, user, method="POST", headers=headers, data={"form_token": form_token})
                assert answer.status_code == 403, (path, user, headers)


def test_what_a_route_does_not_do_is_not_allowed(place: Console) -> None:
    found = every_route(place)
    for path in {path for _, path, _, _ in found}:
        methods = {method for method, other, _, _ in found if other == path}
        for other in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} - methods:
            answer = place.visit(path, "city", method=other)
            assert answer.status_code in (401, 403, 405), (other, path)


def test_every_answer_says_what_a_browser_may_do_with_it(place: Console) -> None:
    answers = [place.visit(path, user) for method, path, _, _ in every_route(place) if method == "GET"
               for user in (None, "city", "county", "nobody")]  # fmt: skip
    answers += [place.visit("/console/nothing", "city"), place.visit("/console/nothing")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
        assert "script" not in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]


def test_airflows_own_pages_cannot_be_framed_by_others(place: Console) -> None:
    login = place.visit("/auth/login/")
    assert login.status_code == 200 and "登录" in login.text and "Sign In" not in login.text
    assert login.headers["content-security-policy"] == "frame-ancestors 'self'"


def test_the_api_describes_itself_to_nobody(place: Console) -> None:
    for path in ("/console/docs", "/console/redoc", "/console/openapi.json"):
        assert place.visit(path, "admin").status_code == 404


def test_every_officer_is_sent_from_the_home_page_to_ours_and_nobody_else_is(place: Console) -> None:
    sent = {user: urlsplit(answer.headers["location"]).path
            for user in ROLES if (answer := place.visit("/", user)).status_code == 303}  # fmt: skip
    assert sent == {
        "city": "/plugin/pool", "approver": "/plugin/pool", "county": "/plugin/pool", "other_county": "/plugin/pool",
        "auditor": "/plugin/audit",
    }  # fmt: skip


def test_who_has_no_scope_reads_why(place: Console) -> None:
    refused = place.visit("/console/quality", "county")
    assert refused.status_code == 403 and "您的角色不能使用此页面" in refused.text and "区县专员" in refused.text
    assert place.office.one("select count(*) from audit_log where action = 'refused' and actor = 'county'") > 0
    assert place.office.one("select scope from audit_log where action = 'refused' and actor = 'county' limit 1") == HERE
