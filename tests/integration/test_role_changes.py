"""Rights in the real Airflow: each change is on record whichever door it came through, and none opens what it may not."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import TimeoutError as TooLate

from browsers import browser
from console_office import HERE, Console
from patience import PATIENCE, until
from talentpool.guard.role_changes import note
from talentpool_airflow.held import airflow_engine, held

PASSWORD = "probe-only-password"  # of every user of console_server.py
REVEAL = {"reason": "contact", "note": "暖冬行动电话联系"}


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    nightly(console)
    return console


def nightly(place: Console) -> list[str]:
    """What the night's comparison does (talentpool_airflow.oversight.compare_roles)."""
    settings = place.office.settings.model_copy(update={"airflow_database_url": place.airflow_url})
    engine = airflow_engine(settings)
    try:
        return note(place.office.engine, lambda: held(engine))
    finally:
        engine.dispose()


def recorded(place: Console, subject: str) -> list[tuple[str, str, list[str], list[str]]]:
    """(actor, door, added, removed) of the changes of one subject, the first look left out."""
    rows = place.office.ask(
        "select actor, details from audit_log where action = 'role_change' and subject = :s order by seq", s=subject
    )
    return [(actor, d["door"], d["added"], d["removed"]) for actor, d in rows if d["door"] != "first look"]


def give(place: Console, user: str, *roles: str, by: str = "admin") -> None:
    """Through FAB's API."""
    sign_in(place, by)
    answer = place.client.patch(
        f"{place.url}/auth/fab/v1/users/{user}", params={"update_mask": "roles"},
        json={"roles": [{"name": role} for role in roles]}, headers={"authorization": f"Bearer {place.tokens[by]}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text


def sign_in(place: Console, user: str) -> None:
    """Anew: a change of rights ends the sessions that were begun before it."""
    answer = place.client.post(f"{place.url}/auth/token", json={"username": user, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    place.tokens[user] = answer.json()["access_token"]


def sql(place: Console, statement: str, **values: Any) -> None:
    """On Airflow's database, by hand."""
    engine = sa.create_engine(sa.make_url(place.airflow_url), poolclass=sa.NullPool)
    with engine.begin() as conn:
        conn.execute(sa.text(statement), values)


def give_by_hand(place: Console, user: str, role: str) -> None:
    sql(
        place,
        "insert into ab_user_role (id, user_id, role_id) select (select max(id) + 1000 from ab_user_role), u.id, r.id"
        " from ab_user u, ab_role r where u.username = :u and r.name = :r",
        u=user, r=role,
    )  # fmt: skip


def refused_in_words(place: Console, user: str, words: str) -> None:
    """A reveal and every page with people: 403, in words, for a session begun after the change."""
    sign_in(place, user)
    page = f"/console/people/{place.person_of(HERE)}"
    until("the change to be known", lambda: words in place.post(page, user, REVEAL).text)
    answer = place.post(page, user, REVEAL)
    assert answer.status_code == 403 and "140199" not in answer.text
    for look in ("/console/people", "/console/review", "/console/audit", "/console/quality"):
        assert place.visit(look, user).status_code == 403, look
    pool = place.visit("/console/pool", user)
    assert pool.status_code == 200 and words in pool.text


@pytest.mark.parametrize(
    "name", ["TALENTPOOL_KEY_INDEX", "talentpool_key_landing", "Talentpool Key-1", "other_database_url"]
)
def test_a_variable_called_like_a_key_shows_its_value_to_nobody(place: Console, name: str) -> None:
    value = "5f" * 32
    sign_in(place, "admin")
    headers = {"authorization": f"Bearer {place.tokens['admin']}"}
    made = place.client.post(f"{place.url}/api/v2/variables", json={"key": name, "value": value}, headers=headers)
    assert made.status_code == 201 and value not in made.text
    shown = place.client.get(f"{place.url}/api/v2/variables", headers=headers)
    assert name in shown.text and value not in shown.text


def test_airflows_own_pages_cannot_be_framed_by_others(place: Console) -> None:
    login = place.visit("/auth/login/")
    assert login.status_code == 200 and "登录" in login.text and "Sign In" not in login.text
    for path, scripts in (
        ("/auth/login/", "'self' 'unsafe-inline'"),
        ("/dags", "'self'"),
        ("/api/v2/version", "'self'"),
    ):
        policy = place.visit(path).headers["content-security-policy"]
        assert (
            f"script-src {scripts};" in policy and "frame-ancestors 'self'" in policy and "object-src 'none'" in policy
        )


def arrive(page: Any, address: str, seen: str) -> None:
    """Go to a page of Airflow until what is looked for stands on it: a script that came too late is asked for again."""

    def stands() -> bool:
        page.goto(address)
        with contextlib.suppress(TooLate):
            page.locator(seen).first.wait_for(timeout=30_000)
            page.wait_for_load_state("networkidle")
            return True
        return False

    until(f"{seen} of {address}", stands)


def test_airflows_pages_run_airflows_scripts_alone(place: Console) -> None:
    sign_in(place, "admin")
    with browser() as driven:
        page, complaints = place.window(driven, "admin", 1280)
        for path, seen in (
            ("/dags", "nav"),
            ("/variables", "nav"),
            ("/auth/login/", "input[name=username]"),
            ("/plugin/quality", "iframe"),
        ):
            arrive(page, place.url + path, seen)
        assert not [line for line in complaints if "Content Security Policy" in line]
        arrive(page, f"{place.url}/dags", "nav")
        page.evaluate("""() => {
            const added = document.createElement('script'); added.textContent = 'window.came = 1'; document.body.append(added);
            const linked = document.createElement('img'); linked.setAttribute('onerror', 'window.came = 2'); linked.src = '/x';
            document.body.append(linked);
        }""")
        until(
            "the browser to refuse", lambda: len([one for one in complaints if "Content Security Policy" in one]) >= 2
        )
        assert page.evaluate("() => window.came") is None


def test_admin_gives_itself_a_data_role_by_the_api_and_sees_nobody(place: Console) -> None:
    give(place, "admin", "Admin", "city_officer")
    assert recorded(place, "user:admin") == [("admin", "api-server", ["role city_officer"], [])]
    refused_in_words(place, "admin", "分别使用两个账号")
    give(place, "admin", "Admin")
    assert recorded(place, "user:admin")[1:] == [("admin", "api-server", [], ["role city_officer"])]
    assert nightly(place) == []


def test_the_same_by_fabs_page(place: Console) -> None:
    with httpx.Client(base_url=place.url, follow_redirects=True, timeout=PATIENCE) as client:
        form = client.get("/auth/login/").text
        client.post("/auth/login/", data={"username": "admin", "password": PASSWORD, "csrf_token": csrf(form)})
        number = place_one(place, "select id from ab_user where username = 'nobody'")
        page = client.get(f"/auth/users/edit/{number}")
        assert page.status_code == 200, page.text[-500:]
        wanted = [str(place_one(place, "select id from ab_role where name = 'auditor'"))]
        answer = client.post(
            f"/auth/users/edit/{number}",
            data={
                "csrf_token": csrf(page.text), "first_name": "nobody", "last_name": "-", "username": "nobody",
                "active": "y", "email": "nobody@example.invalid", "roles": wanted,
            },
        )  # fmt: skip
        assert answer.status_code == 200, answer.text[-500:]
    ((actor, door, added, removed),) = recorded(place, "user:nobody")
    assert (actor, door, added, removed) == ("admin", "api-server", ["role auditor"], ["role Public"])


def place_one(place: Console, query: str) -> Any:
    engine = sa.create_engine(sa.make_url(place.airflow_url), poolclass=sa.NullPool)
    with engine.connect() as conn:
        return conn.scalar(sa.text(query))


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def test_a_role_made_for_no_county_grants_nothing_and_is_on_record(place: Console) -> None:
    sign_in(place, "admin")
    made = place.client.post(
        f"{place.url}/auth/fab/v1/roles", json={"name": "county_officer_140400", "actions": []},
        headers={"authorization": f"Bearer {place.tokens['admin']}"},
    )  # fmt: skip
    assert made.status_code < 300, made.text
    assert recorded(place, "role:county_officer_140400") == [("admin", "api-server", ["role"], [])]
    give(place, "other_county", "county_officer_140400")
    sign_in(place, "other_county")
    page = f"/console/people/{place.person_of(HERE)}"
    until("the change to be known", lambda: place.post(page, "other_county", REVEAL).status_code == 403)


def test_a_direct_statement_is_found_by_the_night_and_refused_at_once(place: Console) -> None:
    give_by_hand(place, "approver", "Op")
    refused_in_words(place, "approver", "分别使用两个账号")
    assert nightly(place) == ["user:approver"]
    assert recorded(place, "user:approver") == [("unknown", "unknown door", ["role Op"], [])]
    assert nightly(place) == []


def test_what_came_by_another_door_is_not_laid_on_whoever_changes_something_next(place: Console) -> None:
    sql(place, "update ab_user set active = false where username = 'auditor'")
    give(place, "operator", "operator", "Viewer")
    assert recorded(place, "user:auditor") == [("unknown", "unknown door", [], ["active"])]
    assert recorded(place, "user:operator") == [("admin", "api-server", ["role Viewer"], [])]


def test_rights_given_to_the_data_role_itself_shut_it(place: Console) -> None:
    sql(
        place,
        "insert into ab_permission_view_role (id, permission_view_id, role_id) select 100000, pv.id, r.id from"
        " ab_permission_view pv join ab_permission p on p.id = pv.permission_id join ab_view_menu v on"
        " v.id = pv.view_menu_id, ab_role r where p.name = 'can_edit' and v.name = 'Connections' and r.name = 'city_officer'",
    )
    refused_in_words(place, "city", "分别使用两个账号")
    assert nightly(place) == ["role:city_officer"]
    assert recorded(place, "role:city_officer") == [("unknown", "unknown door", ["can_edit on Connections"], [])]
    sql(place, "delete from ab_permission_view_role where id = 100000")


def test_the_table_of_officers_and_the_ui_must_not_clash(place: Console) -> None:
    with place.office.engine.begin() as conn:
        conn.execute(
            sa.text("insert into officer (name, login, role, counties, added_by) values"
                    " ('county', 'officer_county', 'auditor', '{}', 'test')")
        )  # fmt: skip
    refused_in_words(place, "county", "职务登记表")
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("update officer set removed_at = now() where name = 'county'"))
    refused_in_words(place, "county", "已离任")


def test_no_two_users_are_one_on_record_whatever_they_are_called(place: Console) -> None:
    """A name that is a personal number is not written down, and one may be longer than a subject: each has a mark of its own."""
    sign_in(place, "admin")
    nightly(place)  # what tests before left to it
    before = place.office.one("select count(*) from audit_log where action = 'role_change'")
    names = ("13912345678", "13912345679", "x" * 250)
    for name in names:
        answer = place.client.post(
            f"{place.url}/auth/fab/v1/users",
            json={"username": name, "first_name": "n", "last_name": "n", "email": f"{name[:20]}@example.invalid",
                  "password": "another-probe-only-word-7", "roles": [{"name": "auditor"}]},
            headers={"authorization": f"Bearer {place.tokens['admin']}"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    assert place.office.one("select count(*) from audit_log where action = 'role_change'") == before + len(names)
    subjects = place.office.ask("select subject from audit_log where action = 'role_change' order by seq desc limit 3")
    assert len(set(subjects)) == len(names) and "139123" not in str(subjects)
    assert nightly(place) == []
