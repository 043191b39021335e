"""The console inside the real Airflow API server: every route guards itself, and pages work under their policy."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from console_office import HERE, ROOT, THERE, Console
from drawn_lists import draw_here
from patience import until
from talentpool.services.rights import register

ROLES = {
    "city": "city_officer", "approver": "city_approver", "county": f"county_officer_{HERE}",
    "other_county": f"county_officer_{THERE}", "auditor": "auditor", "operator": "operator", "admin": "Admin",
    "nobody": "Public",
}  # fmt: skip
NO_TOKENS = ("expired", "garbage", "forged", "unsigned", "gone")


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


def asked_of(place: Console, somebody: str) -> int:
    """The number of a request about them, which stays as it is."""
    office = place.office
    return register(
        office, "opt_out", somebody, by="nobody", reason="本人来电",
        received_on=date(2026, 11, 1), purpose="registry",
    ).request_id  # fmt: skip


def every_route(place: Console) -> list[tuple[str, str, str, list[str] | None]]:
    """(method, path with its parameters filled, declared path, who may) of what the server has mounted."""
    found, somebody, pair = [], place.person_of(HERE), place.pair()
    number, list_id = str(asked_of(place, somebody)), str(draw_here(place).list_id)
    for prefix, method, path, access in place.routes:
        if prefix == "/handout":  # knows no role: test_handout_page.py
            continue
        filled = (prefix + path).replace("{name}", "page.css").replace("{person_id}", somebody)
        filled = filled.replace("{pair_id}", pair).replace("{split_id}", somebody).replace("{number}", number)
        filled = filled.replace("{list_id}", list_id).replace("{deputy_id}", "1").replace("{county}", HERE)
        filled = filled.replace("{delivery_id}", "1").replace("{partner}", "didi").replace("{rule}", "name_empty")
        filled = filled.replace("{page}", "index.html").replace("{place}", "0")
        assert "{" not in filled, filled
        found.append((method, filled, prefix + path, access))
    assert len(found) >= 14
    return found


def staying(place: Console) -> list[tuple[str, str, str, list[str] | None]]:
    """Those after which the visitor is still signed in (the way out: test_session_ends.py)."""
    return [route for route in every_route(place) if route[1] != "/console/logout"]


def admitted(access: list[str] | None, role: str) -> bool:
    """Whether the access table opens a route to a role."""
    assert access
    return "signed_in" in access or ("county_officer" if role.startswith("county_officer_") else role) in access


def test_every_route_of_every_plugin_says_who_may_use_it(place: Console) -> None:
    assert {prefix for prefix, *_ in place.routes} == {"/console", "/handout"}
    assert [(method, path) for method, _, path, access in every_route(place) if access is None] == []


def test_no_token_and_what_is_none_is_401_for_programs_and_the_login_for_browsers(place: Console) -> None:
    for method, path, _, _ in every_route(place):
        for user in (None, *NO_TOKENS):
            program = place.visit(path, user, method=method, headers={"accept": "application/json"})
            assert program.status_code == 401, (method, path, user)
            assert json.loads(program.text) == {"detail": "Not authenticated"}
            if method == "GET":
                browser = place.visit(f"{path}?as_of=2026-10-31", user)
                says_what_a_browser_may_do(browser)
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
    """And every answer says what a browser may do with it."""
    for method, path, declared, access in staying(place):
        for user, role in ROLES.items():
            look = functools.partial(_once_more, place, method, path, user)
            answer = until("one who may be refused once more", look, every=0.5)
            if method == "GET":
                says_what_a_browser_may_do(answer)
            if not admitted(access, role):
                assert answer.status_code == 403, (method, path, user)
            elif method == "GET":
                ours = any(name in declared for name in ("{person_id}", "{pair_id}", "{number}", "{county}"))
                there = 404 if ours and user == "other_county" else 303 if declared.endswith("/next") else 200
                of_a_locked_list = "{list_id}/brief" in declared or declared.endswith("/remind.xlsx")
                there = 409 if of_a_locked_list else there
                not_held = declared.endswith("/held/{number}") and user != "city"
                there = 404 if not_held or declared.endswith(".svg") else there
                assert answer.status_code == there, (path, user, answer.text[-800:])
            else:
                assert answer.status_code in (200, 404, 422), (path, user, answer.text[-800:])


def _once_more(place: Console, method: str, path: str, user: str) -> Any:
    """The answer; none while the user was refused too often within a minute: there are more routes than that."""
    answer = place.visit(path, user) if method == "GET" else place.post(path, user, {})
    return None if answer.status_code == 429 else answer


def test_a_form_from_another_port_or_without_our_token_does_nothing(place: Console) -> None:
    """Each form comes from one of five places that are not ours, in turn; without a token; and with somebody else's."""
    posts = [path for method, path, _, _ in every_route(place) if method == "POST"]
    assert len(posts) > 10
    port = place.url.rsplit(":", 1)[0] + ":9"
    same = {"origin": place.url, "sec-fetch-site": "same-origin"}
    elsewhere: itertools.cycle[dict[str, str]] = itertools.cycle((
        {"origin": port, "sec-fetch-site": "same-site"}, {"origin": port}, {"sec-fetch-site": "cross-site"},
        {"origin": "null"}, {},
    ))  # fmt: skip
    users = ("city", "county", "approver", "other_county")
    for place_of_path, path in enumerate(posts):
        for turn, (headers, token_of) in enumerate(((next(elsewhere), ""), (same, None), (same, "admin"))):
            rest = itertools.cycle(users[(place_of_path + turn) % len(users) :] + users)
            refused = functools.partial(_unlimited, place, path, rest, headers, token_of)
            assert until("somebody who may be refused once more", refused, every=0.2) == 403, (path, headers)


def _unlimited(place: Console, path: str, users: Iterator[str], headers: dict[str, str], token_of: str | None) -> int:
    """The status that the next user gets; 0 while theirs have been too many within a minute."""
    user = next(users)
    form_token = "" if token_of is None else place.form_token(token_of or user)
    answer = place.visit(path, user, method="POST", headers=headers, data={"form_token": form_token})
    return 0 if answer.status_code == 429 else answer.status_code


def test_a_control_character_in_a_form_or_an_address_is_refused_and_breaks_nothing(place: Console) -> None:
    pages = ROOT / "include" / "talentpool_airflow" / "console"
    fields = {
        name
        for page in pages.rglob("*.py")
        for name in re.findall(r'(?:text|number|_day)\(form, "(\w+)"', page.read_text())
    }
    assert {"note", "reason", "subject", "value", "name", "staff_no"} <= fields
    refused = set()
    for method, path, declared, access in staying(place):
        user = next(user for user, role in ROLES.items() if admitted(access, role))
        if method == "POST":
            for some in (sorted(fields)[:40], sorted(fields)[40:]):  # no form of ours has more than 50
                answer = place.post(path, user, dict.fromkeys(some, "王\x00"))
                refused |= {declared} if answer.status_code == 422 else set()
        else:
            answer = place.visit(f"{path}?side=%00&after=%00&page=%1b", user)
            assert answer.status_code in (422, 429), path
        assert answer.status_code < 500, path
    assert len(refused) >= 8, refused
    somebody = place.person_of(HERE)
    for path, given in {
        "/console/audit": {"actor": "王\0"}, "/console/people": {"by": "staff_no", "partner": "didi", "value": "T\x001"},
        f"/console/people/{somebody}": {"reason": "contact", "note": "核实\0"},
        "/console/upload/check-waiting": {"partner": "didi", "as_of": "2026-10-31", "name": "a\0.csv"},
    }.items():  # fmt: skip
        user = "auditor" if path.endswith("audit") else "city"
        answer = place.post(path, user, given)
        assert answer.status_code in (422, 429), path
        assert "控制字符" in answer.text or answer.status_code == 429
    for path in ("/console/review/%00", "/console/review/a%00b/next", "/console/static/%00.css"):
        assert place.visit(path, "city").status_code in (404, 422), path


def test_a_body_that_names_a_strange_encoding_breaks_nothing(place: Console) -> None:
    for charset in ("raw_unicode_escape", "utf-7", "idna", "punycode", "base64", "utf-16", "\u00e9"):
        body = b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n\\ud800+2AA-\x80..\r\n--x--\r\n'
        headers = {
            "origin": place.url, "sec-fetch-site": "same-origin",
            "content-type": f"multipart/form-data; boundary=x; charset={charset}".encode("latin-1"),
        }  # fmt: skip
        answer = place.visit("/console/upload/check", "city", method="POST", headers=headers, content=body)
        assert answer.status_code in (403, 422, 429), charset


def test_what_a_route_does_not_do_is_not_allowed(place: Console) -> None:
    found = every_route(place)
    for path in {path for _, path, _, _ in found}:
        methods = {method for method, other, _, _ in found if other == path}
        for other in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} - methods:
            answer = place.visit(path, "city", method=other)
            assert answer.status_code in (401, 403, 405), (other, path)


def test_an_answer_about_what_is_not_there_says_what_a_browser_may_do_with_it(place: Console) -> None:
    for user in (None, "city"):
        says_what_a_browser_may_do(place.visit("/console/nothing", user))


def says_what_a_browser_may_do(answer: httpx.Response) -> None:
    """Of a page: the headers that keep scripts, other sites and other people's caches out."""
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "script" not in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]


def test_the_api_describes_itself_to_nobody(place: Console) -> None:
    for path in ("/console/docs", "/console/redoc", "/console/openapi.json"):
        assert place.visit(path, "admin").status_code == 404


def test_every_officer_is_sent_from_the_home_page_to_ours_and_nobody_else_is(place: Console) -> None:
    sent = {user: urlsplit(answer.headers["location"]).path
            for user in ROLES if (answer := place.visit("/", user)).status_code == 303}  # fmt: skip
    assert sent == dict.fromkeys(("city", "approver", "county", "other_county", "auditor"), "/plugin/to_do")


def test_who_has_no_scope_reads_why(place: Console) -> None:
    refused = place.visit("/console/quality", "county")
    assert refused.status_code == 403 and "您的角色不能使用此页面" in refused.text and "区县专员" in refused.text
    for path, whose in (
        ("quality", "市级专员、市级审批、审计、运维、系统管理员"),
        ("audit", "审计"),
        ("columns", "市级专员"),
    ):
        assert f"此页面由{whose}使用" in place.visit(f"/console/{path}", "county").text
    assert place.office.one("select count(*) from audit_log where action = 'refused' and actor = 'county'") > 0
    assert place.office.one("select scope from audit_log where action = 'refused' and actor = 'county' limit 1") == HERE


def test_who_sees_nobody_finds_an_empty_explained_page(place: Console) -> None:
    for user in ("nobody", "auditor", "operator", "admin"):
        answer = place.visit("/console/pool", user)
        assert answer.status_code == 200 and "没有可以显示的人员数据" in answer.text, user


def test_the_access_table_in_the_docs_is_the_running_one(place: Console) -> None:
    page = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith(("| GET `/console", "| POST `/console"))]
    columns = next(line for line in page.splitlines() if line.startswith("| route")).split(" | ")[1:-1]
    written = {
        row[0]: {kind for kind, mark in zip(columns, row[1:], strict=False) if mark == "**yes**"} for row in rows
    }
    assert written and written == {
        f"| {method} `{prefix}{path}`": set(columns) if "signed_in" in access else set(access)
        for prefix, method, path, access in place.routes
        if access
    }
