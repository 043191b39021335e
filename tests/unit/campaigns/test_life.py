"""A list lives from draft to locked by the approvals that it needs, and the database holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.campaigns import Approver, decide, draw
from talentpool.campaigns.life.acting import set_apart, withdraw
from talentpool.campaigns.life.approving import history, theirs
from talentpool.campaigns.life.deputies import end_deputy, name_deputy
from talentpool.campaigns.life.steps import missing, steps
from talentpool.campaigns.lists import find
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError, WaitingError
from talentpool.guard import KeyRing
from talentpool.model import pool_person
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))


def test_each_county_then_the_city_then_the_lock(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="sun")
    assert drawn.state == "draft"
    with pytest.raises(UsageError, match="还有区县没有审批"):
        say(drawn.list_id, CITY)
    with pytest.raises(WaitingError, match="needs 3 more approval"):
        draw(town, careful, AS_OF, lock=True, by="sun")
    assert say(drawn.list_id, RIVERS).as_json() == {
        "list_id": drawn.list_id, "state": "draft", "approved_by": ["c140403"], "missing": 2,
    }  # fmt: skip
    assert say(drawn.list_id, HILLS).state == "county_approved"
    assert say(drawn.list_id, HILLS).state == "county_approved"  # said twice is said once
    assert say(drawn.list_id, CITY).state == "city_approved"
    locked = draw(town, careful, AS_OF, lock=True, by="sun")
    assert (locked.list_id, locked.state, locked.content_hash) == (drawn.list_id, "locked", drawn.content_hash)
    with town.engine.connect() as conn:
        assert find(conn, drawn.list_id).passport["approvals"] == ["c140403", "c140404", "qian"]
        assert [entry["decision"] for entry in history(conn, drawn.list_id)][-1] == "lock"
    with pytest.raises(UsageError, match="已锁定，不能再审批"):
        say(drawn.list_id, CITY)


@pytest.mark.parametrize(
    "who",
    [
        Approver("x", frozenset()),
        Approver("x", frozenset({"auditor"})),
        Approver("x", frozenset({"county_officer_140430"})),
        Approver("x", frozenset({"county_officer"})),
        OFFICER,
    ],
    ids=["nobody", "auditor", "another county", "no county's code", "another city role"],
)
def test_who_is_not_asked_approves_nothing(
    town: Office, careful: Campaign, say: Callable[..., Any], who: Approver
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(RefusedError):
        say(drawn.list_id, who)
    with town.engine.connect() as conn:
        assert len(missing(conn, drawn.list_id)) == 3
        assert theirs(conn, find(conn, drawn.list_id), who, TODAY) == []


@pytest.mark.parametrize("name", ["li", " LI ", "ｌｉ"])
def test_who_drew_it_approves_nothing_however_spelt(
    town: Office, careful: Campaign, say: Callable[..., Any], name: str
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    both = Approver(name, frozenset({"city_approver", f"county_officer_{RIVER}"}))
    with pytest.raises(RefusedError, match="somebody else"):
        say(drawn.list_id, both)
    with town.engine.begin() as conn, pytest.raises(IntegrityError, match="does not approve"):
        conn.execute(sa.text("update list_step set approved_by = :name"), {"name": name})


def test_one_person_approves_at_one_level(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    many = Approver("zhao", frozenset({f"county_officer_{RIVER}", f"county_officer_{HILL}", "city_approver"}))
    with pytest.raises(UsageError, match="--county"):
        say(drawn.list_id, many)
    for county in (RIVER, HILL):
        say(drawn.list_id, many, county=county)
    with pytest.raises(RefusedError, match="另一环节"):
        say(drawn.list_id, many)
    assert say(drawn.list_id, CITY).missing == 0


def test_a_returned_share_waits_until_its_county_approves(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(UsageError, match="意见"):
        say(drawn.list_id, RIVERS, approve=False)
    for who in (RIVERS, HILLS):
        say(drawn.list_id, who)
    assert say(drawn.list_id, RIVERS, approve=False, comment="少了北街站的人").state == "draft"
    with town.engine.connect() as conn:
        step = steps(conn, drawn.list_id)[0]
    assert (step.approved_by, step.returned_by, step.comment) == (None, "c140403", "少了北街站的人")
    with pytest.raises(UsageError, match="还有区县没有审批"):
        say(drawn.list_id, CITY)
    assert say(drawn.list_id, RIVERS).state == "county_approved"


def test_an_approval_covers_what_was_looked_at(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(ConflictError, match="重新拟定过"):
        say(drawn.list_id, RIVERS, seen="of another draft")
    assert say(drawn.list_id, RIVERS, seen=drawn.content_hash).missing == 2


def test_a_county_approves_again_only_what_changed(
    town: Office, careful: Campaign, say: Callable[..., Any], city: Any
) -> None:
    first = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(first.list_id, who)
    with town.engine.begin() as conn:
        conn.execute(pool_person.delete().where(pool_person.c.person_id == city.people["河边0"]))
    second = draw(town, careful, AS_OF, by="li")
    assert second.list_id != first.list_id
    with town.engine.connect() as conn:
        assert [(step.county, step.approved_by) for step in steps(conn, second.list_id)] == [
            (RIVER, None), (HILL, "c140404"), (None, None),
        ]  # fmt: skip


def test_a_county_approves_again_where_something_else_is_given(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    first = draw(town, careful, AS_OF, by="li")
    say(first.list_id, RIVERS)
    other = careful.model_copy(update={"item": "一封信"})
    with town.engine.connect() as conn:
        assert missing(conn, draw(town, other, AS_OF, by="li").list_id)[0].county == RIVER


def test_the_city_goes_on_without_a_silent_county_whose_people_come_on_a_supplement(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(UsageError, match="还没有一个区县"):
        set_apart(town, drawn.list_id, OFFICER, reason="等不及")
    say(drawn.list_id, RIVERS)
    with pytest.raises(RefusedError):
        set_apart(town, drawn.list_id, RIVERS, reason="等不及")
    apart = set_apart(town, drawn.list_id, OFFICER, reason="山上未回复")
    assert (apart.state, apart.selected, apart.eligible, apart.excluded["county_waits"]) == ("county_approved", 3, 5, 2)
    assert apart.content_hash != drawn.content_hash
    say(drawn.list_id, CITY)
    assert draw(town, careful, AS_OF, lock=True, by="li").selected == 3
    late = draw(town, careful, AS_OF, by="li", supplement=True)
    assert (late.state, late.selected, late.excluded) == ("draft", 2, {"served_already": 3})
    with town.engine.connect() as conn:
        assert [step.county for step in steps(conn, late.list_id)] == [HILL, None]
        assert find(conn, late.list_id).supplement == 1
    for who in (HILLS, CITY):
        say(late.list_id, who)
    locked = draw(town, careful, AS_OF, by="li", supplement=True, lock=True)
    assert (locked.list_id, locked.state) == (late.list_id, "locked")
    assert draw(town, careful, AS_OF, by="li", supplement=True).list_id == late.list_id
    assert draw(town, careful, AS_OF, by="li").list_id == drawn.list_id


@pytest.mark.parametrize(("stock", "late"), [({"total": 4}, 1), ({"total": 5, "reserve": 40}, 2), ({"total": 9}, 2)])
def test_a_supplement_gets_what_is_left_and_what_was_kept_back(
    town: Office, warm_winter: Campaign, city: Any, stock: dict[str, int], late: int
) -> None:
    declared = warm_winter.model_validate({**warm_winter.model_dump(), "stock": stock})
    with town.engine.begin() as conn:
        for name in ("山上0", "山上1"):
            conn.execute(pool_person.update().where(pool_person.c.person_id == city.people[name]).values(active=False))
    with pytest.raises(UsageError, match="还没有锁定"):
        draw(town, declared, AS_OF, supplement=True)
    first = draw(town, declared, AS_OF, lock=True)
    with town.engine.begin() as conn:
        conn.execute(pool_person.update().values(active=True))
    assert first.selected == 3
    assert draw(town, declared, AS_OF, supplement=True).selected == late


def test_a_supplement_that_nobody_wants_is_withdrawn_and_waits_for_nobody(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(UsageError, match="请取消本轮"):
        withdraw(town, drawn.list_id, OFFICER, reason="不需要")
    say(drawn.list_id, RIVERS)
    set_apart(town, drawn.list_id, OFFICER, reason="山上未回复")
    say(drawn.list_id, CITY)
    draw(town, careful, AS_OF, lock=True, by="li")
    late = draw(town, careful, AS_OF, by="li", supplement=True)
    with pytest.raises(RefusedError):
        withdraw(town, late.list_id, HILLS, reason="不需要")
    assert withdraw(town, late.list_id, OFFICER, reason="人员已在别处领取").state == "cancelled"
    with pytest.raises(UsageError):
        say(late.list_id, HILLS)
    with pytest.raises(UsageError):
        withdraw(town, late.list_id, OFFICER, reason="再撤一次")
    again = draw(town, careful, AS_OF, by="li", supplement=True)
    assert (again.state, again.selected) == ("draft", 2) and again.list_id != late.list_id


def test_a_large_list_needs_more_heads(town: Office, careful: Campaign) -> None:
    big = careful.model_validate({**careful.model_dump(), "large": {"above": 4, "approvals": ["city_officer"]}})
    drawn = draw(town, big, AS_OF, by="li")
    with town.engine.connect() as conn:
        assert [step.role for step in steps(conn, drawn.list_id)][2:] == ["city_approver", "city_officer"]


def test_in_an_area_of_one_county_the_levels_are_one(
    city: Any, settings: Settings, keys: KeyRing, careful: Campaign
) -> None:
    city.person("河边", county=RIVER)
    drawn = draw(Office(city.engine, settings.model_copy(update={"area": RIVER}), keys), careful, AS_OF, by="li")
    with city.engine.connect() as conn:
        assert [step.role for step in steps(conn, drawn.list_id)] == ["city_approver"]


def test_a_deputy_approves_for_the_days_named(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(RefusedError):
        name_deputy(town, f"county_officer_{HILL}", RIVERS.name, (TODAY, TODAY), RIVERS, TODAY)
    with pytest.raises(RefusedError):
        name_deputy(town, "city_approver", OFFICER.name, (TODAY, TODAY), OFFICER, TODAY)
    days = (TODAY, TODAY + timedelta(days=3))
    number = name_deputy(town, f"county_officer_{HILL}", " C140403 ", days, OFFICER, TODAY)
    with pytest.raises(RefusedError):
        decide(town, drawn.list_id, Approver("c140403", frozenset()), today=TODAY, county=HILL)
    with pytest.raises(RefusedError):
        decide(town, drawn.list_id, RIVERS, today=TODAY + timedelta(days=4), county=HILL)
    assert say(drawn.list_id, RIVERS, county=HILL).missing == 2
    with town.engine.connect() as conn:
        assert steps(conn, drawn.list_id)[1].approved_as == f"deputy of county_officer_{HILL}"
    end_deputy(town, number, OFFICER)
    with pytest.raises(RefusedError):
        decide(town, drawn.list_id, RIVERS, today=TODAY, county=HILL, approve=False, comment="改")
