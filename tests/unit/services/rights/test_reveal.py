"""A person in plain: to officers, within their county, with a reason, so many a day, and never off the record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from databases import Twins
from rosters import Office, document, person
from talentpool.__main__ import cli
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import Personal, Scope, add_officer, console_engine, gather, remove_officer, scope_of, scoped
from talentpool.match import links, match
from talentpool.services.rights.reveal import REASONS, REFUSALS, reveal
from talentpool.settings import Settings

OURS, THEIRS = "140403", "140404"
HERS = person(7, name="欧阳槿翊", county=OURS)
NOTE = "慰问品领取需电话确认"
WORDS = ["reveal", "didi:T00007", "--reason", "contact", "--note", NOTE]


@pytest.fixture(scope="module")
def city(twins: Twins) -> Office:
    office = twins.office()
    people = [HERS, *(person(n, county=OURS) for n in range(10, 20)), person(30, county=THEIRS)]
    office.deliver("2026-10-31", [*people, person(8, county=OURS, hired_on="2999-01-01")])
    match(office.engine, office.keys)
    return office


@pytest.fixture
def pages(city: Office) -> Iterator[sa.Engine]:
    engine = console_engine(city.settings)
    yield engine
    engine.dispose()


def somebody(role: str) -> Scope:
    """A user nobody has been before, so that the day's count begins at nothing."""
    return scope_of(f"u{uuid.uuid4().hex[:12]}", frozenset({role}))


def look(office: Office, engine: sa.Engine, user: Scope, asked: str = "didi:T00007", **changed: object) -> Personal:
    with scoped(engine, user) as conn:
        return asked_in(conn, office, user, asked, **changed)


def asked_in(
    conn: sa.Connection, office: Office, user: Scope, asked: str = "didi:T00007", **changed: object
) -> Personal:
    """Inside a transaction of the test's own."""
    said = {"actor": user.actor, "roles": user.roles, "reason": "contact", "note": NOTE} | changed
    return reveal(conn, office.keys, office.settings, asked, **said)  # type: ignore[arg-type]


def limited(office: Office, most: int) -> Office:
    settings = office.settings.model_copy(update={"reveals_per_day": most})
    return Office(office.engine, settings, office.folder)


def log_of(office: Office, actor: str) -> list[tuple]:
    with office.engine.connect() as conn:
        gather(conn)
    return office.ask(
        "select action, subject, reason, scope, details from audit_log where actor = :a order by seq", a=actor
    )


def person_id(office: Office, staff_no: str) -> str:
    return {number: person for _, number, person in links(office.engine)}[staff_no]


@contextmanager
def own_login(office: Office, role: str) -> Iterator[tuple[str, str]]:
    name = f"t{uuid.uuid4().hex[:12]}"
    with office.engine.begin() as conn:
        password = add_officer(conn, name, role, counties=[OURS, THEIRS], by="admin")
    url = office.engine.url.set(username=f"officer_{name}", password=password)
    try:
        yield name, url.render_as_string(hide_password=False)
    finally:
        with office.engine.begin() as conn:
            remove_officer(conn, name, by="admin")


@pytest.mark.parametrize("role", [f"county_officer_{OURS}", "city_officer"])
def test_an_officer_sees_the_values_and_the_log_names_the_fields_only(
    city: Office, pages: sa.Engine, role: str
) -> None:
    user = somebody(role)
    subject = person_id(city, "T00007")
    shown = look(city, pages, user, subject, note="致电 13900000049 核对 140199198605050079")
    assert (shown.name, shown.document_no, shown.mobile) == ("欧阳槿翊", document(7, "1986-05-05"), HERS["mobile"])
    ((action, about, reason, scope, details),) = log_of(city, user.actor)
    assert (action, about) == ("reveal", f"person:{subject}")
    assert scope == (OURS if "county" in role else "140400")
    assert details == {"fields": ["name", "document_no", "mobile"]}
    assert reason.startswith("contact: 致电") and "1390000" not in reason and "140199" not in reason


def test_one_record_of_a_person_is_shown_as_it_says_and_named_in_the_log(city: Office, pages: sa.Engine) -> None:
    user, subject = somebody("city_officer"), person_id(city, "T00007")
    of = "select record_id from source_record where staff_no = :s"
    hers, elses = city.one(of, s="T00007"), city.one(of, s="T00010")
    assert look(city, pages, user, subject, record=hers).mobile == HERS["mobile"]
    ((_, about, _, _, details),) = log_of(city, user.actor)
    assert about == f"person:{subject}" and details["record"] == str(hers)
    with pytest.raises(RefusedError, match="record"):
        look(city, pages, user, subject, record=elses)


def test_what_is_rolled_back_was_not_shown_and_is_not_counted(city: Office, pages: sa.Engine) -> None:
    user = somebody("city_officer")
    with pytest.raises(ZeroDivisionError), scoped(pages, user) as conn:
        asked_in(conn, city, user)
        raise ZeroDivisionError
    assert log_of(city, user.actor) == []


@pytest.mark.parametrize(("reason", "note"), [("curiosity", NOTE), ("", NOTE), ("contact", ""), ("contact", "  看 ")])
def test_a_reason_is_of_the_list_and_comes_with_words(city: Office, pages: sa.Engine, reason: str, note: str) -> None:
    assert len(REASONS) > 2
    user = somebody("city_officer")
    with pytest.raises(UsageError, match=r"reason|note"):
        look(city, pages, user, reason=reason, note=note)
    assert log_of(city, user.actor) == []


@pytest.mark.parametrize("role", ["auditor", "operator", "county_officer_140499"])
def test_who_has_nobody_in_scope_is_refused_on_record(city: Office, pages: sa.Engine, role: str) -> None:
    user = somebody(role)
    with pytest.raises(RefusedError) as refusal:
        look(city, pages, user)
    assert refusal.value.code in REFUSALS
    ((action, about, _, _, details),) = log_of(city, user.actor)
    assert (action, details) == ("refused", {"why": refusal.value.code})
    assert about.startswith("record:") and "T00007" not in about


def test_another_countys_person_and_nobody_get_the_same_answer(city: Office, pages: sa.Engine) -> None:
    user = somebody(f"county_officer_{OURS}")
    answers = set()
    for asked in ("didi:T00030", "didi:T99999"):
        with pytest.raises(RefusedError) as refusal:
            look(city, pages, user, asked)
        answers.add((refusal.value.code, str(refusal.value)))
    for asked in (person_id(city, "T00030"), str(uuid.uuid4())):
        with pytest.raises(RefusedError) as refusal:
            look(city, pages, user, asked)
        answers.add((refusal.value.code, str(refusal.value)))
    assert len(answers) == 2, "one by staff number, one by id"
    assert {row[0] for row in log_of(city, user.actor)} == {"refused"}


def test_somebody_whose_row_was_set_aside_is_shown_as_set_aside(city: Office, pages: sa.Engine) -> None:
    assert look(city, pages, somebody("city_officer"), "didi:T00008").name == person(8)["name"]


def test_the_day_has_so_many_and_the_next_one_is_refused_on_record(city: Office, pages: sa.Engine) -> None:
    few, user = limited(city, 2), somebody("city_officer")
    look(few, pages, user)
    look(few, pages, user)
    with pytest.raises(RefusedError, match="2 people") as refusal:
        look(few, pages, user)
    assert refusal.value.code == "limit"
    assert [row[0] for row in log_of(city, user.actor)] == ["reveal", "reveal", "refused"]
    look(few, pages, somebody("city_officer"))


def test_of_two_sessions_at_once_one_takes_the_last(city: Office, pages: sa.Engine) -> None:
    few, user = limited(city, 3), somebody("city_officer")

    def once(_: int) -> bool:
        try:
            return bool(look(few, pages, user).name)
        except RefusedError:
            return False

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(once, range(10)))
    assert sum(done) == 3
    assert sum(row[0] == "reveal" for row in log_of(city, user.actor)) == 3


def test_a_login_that_is_no_officers_shows_nothing(city: Office, pages: sa.Engine) -> None:
    user = somebody("city_officer")
    with pytest.raises(RefusedError) as refusal, city.engine.begin() as conn:
        asked_in(conn, city, user)
    assert refusal.value.code == "login"
    other = somebody("city_officer")
    with pytest.raises(RefusedError) as refusal:
        look(city, pages, user, actor=other.actor)
    assert refusal.value.code == "login"
    assert log_of(city, other.actor) == [], "on record is who it was, not whom they named"


@pytest.fixture
def shell(city: Office, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TALENTPOOL_HOME", str(city.settings.home))
    monkeypatch.setenv("TALENTPOOL_KEYS", str(city.settings.keys_dir))
    return CliRunner()


def test_the_command_works_as_the_officer_whose_login_it_has(
    city: Office, shell: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_login(city, f"county_officer_{OURS}") as (name, url):
        monkeypatch.setenv("TALENTPOOL_OFFICER_DATABASE_URL", url)
        done = shell.invoke(cli, WORDS, catch_exceptions=False)
        assert json.loads(done.output)["name"] == "欧阳槿翊"
        with city.engine.connect() as conn:
            gather(conn)
        assert city.ask("select login, action from audit_log where actor = :a", a=name) == [
            (f"officer_{name}", "reveal")
        ]
        with pytest.raises(RefusedError):
            shell.invoke(cli, ["reveal", "didi:T00030", *WORDS[2:]], catch_exceptions=False, standalone_mode=False)
    with own_login(city, "operator") as (name, url):
        monkeypatch.setenv("TALENTPOOL_OFFICER_DATABASE_URL", url)
        with pytest.raises(RefusedError, match="no role"):
            shell.invoke(cli, WORDS, catch_exceptions=False, standalone_mode=False)
        assert [row[0] for row in log_of(city, name)] == ["refused"]


def test_the_command_says_that_it_needs_a_login_of_ones_own(
    shell: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TALENTPOOL_OFFICER_DATABASE_URL", raising=False)
    assert Settings().officer_database_url is None
    with pytest.raises(UsageError, match="TALENTPOOL_OFFICER_DATABASE_URL"):
        shell.invoke(cli, WORDS, catch_exceptions=False, standalone_mode=False)
