"""Nobody is two people: not by another spelling, not as one's own deputy, not past the code in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError

from talentpool.__main__ import cli
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.acting import set_apart
from talentpool.campaigns.life.approving import history
from talentpool.campaigns.life.deputies import name_deputy
from talentpool.campaigns.life.steps import steps
from talentpool.campaigns.lists import find
from talentpool.campaigns.verifying import verify_list
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, UsageError, WaitingError
from talentpool.guard.duties import spelt
from talentpool.model import officer, record_person
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
SPELLINGS = (
    "qian", " QIAN ", "ｑｉａｎ", "qi an", "qian\t", "qian\u3000", "qian\u200b", "\u2060qian", "qi\u00adan",
    "\ufeffqian", "login:qian", "LOGIN: Qian",
)  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_who_drew_it_under_another_spelling_approves_nothing(
    town: Office, careful: Campaign, say: Callable[..., Any], name: str
) -> None:
    drawn = draw(town, careful, AS_OF, by=name)
    for who in (RIVERS, HILLS):
        say(drawn.list_id, who)
    with pytest.raises(RefusedError, match="somebody else"):
        say(drawn.list_id, CITY)
    with town.engine.begin() as conn, pytest.raises(IntegrityError, match="does not approve"):
        conn.execute(sa.text("update list_step set approved_by = 'qian' where county is null"))


@pytest.mark.parametrize("name", [*SPELLINGS, "王主任", "王 主任", "login:", "Straße", "o\u0308ffner", ""])
def test_the_database_spells_as_the_code_does(engine: sa.Engine, name: str) -> None:
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select name_of_one(:name)"), {"name": name}) == spelt(name).replace("ss", "ß")


@pytest.mark.parametrize("second", ["王主任", "login:王主任", "王 主任", "王主任\u200b"])
def test_one_person_does_not_void_a_list_by_spelling_the_name_twice(
    town: Office, warm_winter: Campaign, second: str
) -> None:
    locked = draw(town, warm_winter, AS_OF, lock=True).list_id
    void_list(town, locked, by="王主任", reason="写错")
    with pytest.raises(RefusedError, match="须由另一人"):
        void_list(town, locked, by=second, reason="写错")


def test_who_voids_is_an_officer_whom_the_office_knows(town: Office, warm_winter: Campaign) -> None:
    locked = draw(town, warm_winter, AS_OF, lock=True).list_id
    for words in (("list", str(locked)), ("pool", AS_OF.isoformat())):
        refused = CliRunner().invoke(cli, ["void", *words, "--by", "没有这个人", "--reason", "写错"])
        assert isinstance(refused.exception, RefusedError) and "职务登记表" in str(refused.exception)


def test_what_a_county_approved_of_a_void_list_it_looks_at_again(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    first = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(first.list_id, who)
    draw(town, careful, AS_OF, lock=True, by="li")
    for by in ("王主任", "李科长"):
        void_list(town, first.list_id, by=by, reason="区县写错")
    again = draw(town, careful, AS_OF, by="li")
    assert again.content_hash == first.content_hash
    with town.engine.connect() as conn:
        assert {step.approved_by for step in steps(conn, again.list_id)} == {None}
        assert [entry["decision"] for entry in history(conn, first.list_id)][-1] == "void"


def test_nobody_is_their_own_deputy_and_a_deputy_approves_lists(town: Office) -> None:
    def named(role: str, name: str, by: Approver = OFFICER) -> int:
        return name_deputy(town, role, name, (TODAY, TODAY), by, TODAY)

    for role in (f"county_officer_{RIVER}", "city_officer"):
        with pytest.raises(UsageError, match="自己"):
            named(role, "login: SUN")
    with pytest.raises(UsageError, match="没有这个区县"):
        named("county_officer_999999", "li")
    with town.engine.begin() as conn:
        for name, role, gone in (("zheng", "auditor", False), ("feng", "city_officer", True)):
            facts = {"name": name, "login": f"officer_{name}", "role": role, "added_by": "admin"}
            conn.execute(officer.insert(), facts | {"removed_at": datetime.now(UTC) if gone else None})
    for name in ("zheng", "feng"):
        with pytest.raises(UsageError, match="离任，或职务不符"):
            named(f"county_officer_{RIVER}", name)
    assert named(f"county_officer_{RIVER}", "li") > 0


def test_of_one_county_alone_a_declared_approval_is_still_asked_for(
    town: Office, careful: Campaign, settings: Settings
) -> None:
    here = Office(town.engine, settings.model_copy(update={"area": RIVER}), town.keys)
    alone = careful.model_copy(update={"approvals": ("county_officer",)})
    with pytest.raises(WaitingError, match="市级审批"):
        draw(here, alone, AS_OF, lock=True, by="li")


@pytest.mark.parametrize(
    "before",
    [
        "delete from list_step",
        "delete from list_step where county is not null",
        f"delete from list_step where county = '{HILL}'",
        "delete from list_step where county is null",
    ],
)
def test_a_list_is_not_locked_by_taking_its_approvals_away(
    town: Office, careful: Campaign, say: Callable[..., Any], before: str
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    if "null" in before or HILL in before:
        for who in (RIVERS, *((HILLS, CITY) if "county is" in before else ())):
            say(drawn.list_id, who)
    with town.engine.begin() as conn, pytest.raises(IntegrityError, match="lacks an approval"):
        conn.exec_driver_sql(before)
        conn.exec_driver_sql("update list_step set approved_by = 'x' where approved_by is null")
        conn.exec_driver_sql("update target_list set state = 'locked'")


def test_an_erased_place_is_given_to_nobody(town: Office, warm_winter: Campaign, city: Any) -> None:
    draw(town, warm_winter, AS_OF, lock=True)
    with town.engine.begin() as conn:
        one = "select row_id from target_row limit 1"
        live = conn.exec_driver_sql("select record_id from source_record limit 1").scalar_one()
        known = {"record_id": live, "partner": "postal", "person_id": city.people["河边0"]}
        conn.execute(record_person.insert(), known)
    for person_id in (city.people["河边0"], live):
        with town.engine.begin() as conn, pytest.raises(IntegrityError, match="rows stay"):
            conn.execute(
                sa.text(
                    f"update target_row set person_id = :p, record_id = :r, station = '', facts = '{{\"erased\"\\: true}}'"
                    f" where row_id = ({one})"
                ),
                {"p": person_id, "r": live},
            )


def test_the_passport_counts_who_was_set_apart(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    say(drawn.list_id, RIVERS)
    set_apart(town, drawn.list_id, OFFICER, reason="上党区未回复")
    with town.engine.connect() as conn:
        stored = find(conn, drawn.list_id)
    assert stored.passport["reasons"] == {"eligible": 3, "county_waits": 2} == {"eligible": 3, **stored.excluded}
    assert verify_list(town, drawn.list_id).equal
