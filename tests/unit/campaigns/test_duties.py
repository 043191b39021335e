"""Who drafts does not approve, whatever they call themselves to the command; a role goes with its duties only."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from talentpool.campaigns import Approved, Approver, decide, draw, known_officer
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, WaitingError
from talentpool.guard import KeyRing, add_officer, remove_officer, scope_of
from talentpool.guard.duties import EXCLUSIVE, RUNS, SHOWS, clash
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


@pytest.fixture
def careful(warm_winter: Campaign) -> Campaign:
    """The shipped campaign, with one approval."""
    return warm_winter.model_copy(update={"approvals": ("city_approver",)})


def approve(office: Office, list_id: int, name: str) -> Approved:
    """As the city's approver of that name, whom the pages know."""
    return decide(office, list_id, Approver(name, frozenset({"city_approver"})), today=AS_OF)


def approve_by_command(office: Office, list_id: int, name: str) -> Approved:
    """As whoever the office's table has under that name."""
    with office.engine.connect() as conn:
        who = known_officer(conn, name)
    return decide(office, list_id, who, today=AS_OF)


@pytest.fixture
def named(city: Any) -> Iterator[dict[str, str]]:
    """Role -> an officer who has it, for the length of a test."""
    city.person("韩子少")
    known = {role: f"t{uuid.uuid4().hex[:12]}" for role in ("city_officer", "city_approver", "auditor", "operator")}
    with city.engine.begin() as conn:
        for role, name in known.items():
            add_officer(conn, name, role, counties=[], by="admin")
    yield known
    with city.engine.begin() as conn:
        left = set(conn.scalars(sa.text("select name from officer where removed_at is null")))
        for name in left & set(known.values()):
            remove_officer(conn, name, by="admin")


def test_who_drafted_does_not_approve_and_who_approved_does_not_draft(
    city: Any, keys: KeyRing, settings: Settings, careful: Campaign
) -> None:
    city.person("韩子少")
    office = Office(city.engine, settings, keys)
    drawn = [draw(office, careful, AS_OF, by=name) for name in ("李", "钱")]
    assert drawn[0].list_id == drawn[1].list_id
    for name in ("李", " 钱 "):
        with pytest.raises(RefusedError, match="somebody else"):
            approve(office, drawn[0].list_id, name)
    assert approve(office, drawn[0].list_id, "赵").missing == 0
    with pytest.raises(RefusedError, match="cannot draft"):
        draw(Office(city.engine, settings, keys), careful, AS_OF, lock=True, by="赵")
    locked = draw(Office(city.engine, settings, keys), careful, AS_OF, lock=True, by="李")
    assert locked.state == "locked"
    with city.engine.connect() as conn:
        assert conn.execute(sa.text("select actor from audit_log where action = 'lock'")).scalars().all() == ["李"]


def test_one_person_under_two_spellings_is_one_approval(
    city: Any, keys: KeyRing, settings: Settings, careful: Campaign
) -> None:
    city.person("韩子少")
    twice = careful.model_copy(update={"approvals": ("city_approver", "city_approver")})
    office = Office(city.engine, settings, keys)
    number = draw(office, twice, AS_OF, by="李").list_id
    assert approve(office, number, "zhao").missing == 1
    with pytest.raises(RefusedError, match="somebody else"):
        approve(office, number, " ZHAO ")
    assert approve(office, number, "钱").missing == 0


def test_one_person_alone_never_locks_a_list_that_needs_an_approval(
    city: Any, keys: KeyRing, settings: Settings, careful: Campaign
) -> None:
    city.person("韩子少")
    for _ in range(2):
        with pytest.raises(WaitingError):
            draw(Office(city.engine, settings, keys), careful, AS_OF, lock=True, by="李")
        with city.engine.connect() as conn:
            number = conn.scalar(sa.text("select list_id from target_list"))
        with pytest.raises(RefusedError):
            approve(Office(city.engine, settings, keys), number, "李")


def test_an_officer_does_what_the_role_is_for_and_nothing_once_gone(
    city: Any, keys: KeyRing, settings: Settings, careful: Campaign, named: dict[str, str]
) -> None:
    for role in ("city_approver", "auditor", "operator"):
        with pytest.raises(RefusedError, match=role):
            draw(Office(city.engine, settings, keys), careful, AS_OF, by=named[role])
    drawn = draw(Office(city.engine, settings, keys), careful, AS_OF, by=named["city_officer"])
    office = Office(city.engine, settings, keys)
    for role in ("auditor", "operator"):
        with pytest.raises(RefusedError, match=role):
            approve_by_command(office, drawn.list_id, named[role])
    with city.engine.begin() as conn:
        remove_officer(conn, named["city_officer"], by="admin")
    with pytest.raises(RefusedError, match="not an officer any more"):
        draw(Office(city.engine, settings, keys), careful, AS_OF, by=named["city_officer"])
    assert approve_by_command(office, drawn.list_id, named["city_approver"]).missing == 0


@pytest.mark.parametrize("pair", [*EXCLUSIVE, frozenset({"county_officer_140403", "city_approver"})], ids=sorted)
def test_roles_that_exclude_each_other_show_nobody(pair: frozenset[str]) -> None:
    assert clash(pair)
    assert scope_of("x", pair).counties == ()
    for one in pair:
        assert not clash({one})
        if one not in {*RUNS, "auditor"}:
            assert scope_of("x", frozenset({one})).counties != ()


@pytest.mark.parametrize("runs", RUNS)
@pytest.mark.parametrize("shows", [*SHOWS, "county_officer_140403"])
def test_who_gives_rights_uses_none_that_show_people(runs: str, shows: str) -> None:
    assert clash({runs, shows, "Viewer"})
    assert scope_of("x", frozenset({runs, shows, "Viewer"})).counties == ()


def test_a_county_officer_may_have_two_counties() -> None:
    both = frozenset({"county_officer_140403", "county_officer_140404"})
    assert scope_of("x", both).counties == ("140403", "140404")
