"""Two people keep somebody off a list or put somebody on; nobody puts on whom the law or their own word keeps out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.campaigns import Approver, decide, draw
from talentpool.campaigns.lists import read_rows
from talentpool.campaigns.selection.exceptions import REASONS, confirm, end, exceptions, propose
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import list_exception
from talentpool.office import Office
from talentpool.services.rights.forget import forget
from talentpool.settings import Settings

AS_OF, TODAY, UNTIL = date(2026, 10, 31), date(2026, 10, 20), date(2026, 12, 31)
SUN, QIAN = Approver("sun", frozenset({"city_officer"})), Approver("qian", frozenset({"city_approver"}))


@pytest.fixture
def hands(city: Any, settings: Settings, keys: KeyRing) -> Office:
    city.person("在册")
    city.person("过龄", age=40, birth_date=date(1986, 1, 1), pool_age_band="36+")
    city.person("年幼", age=15, birth_date=date(2011, 1, 1))
    city.person("无告知", notice_version="none")
    return Office(city.engine, settings, keys)


def ask(hands: Office, campaign: Campaign, person: Any, effect: Any, reason: str, **more: Any) -> int:
    said = {"reason": reason, "until": UNTIL, "by": SUN, "today": TODAY} | more
    return propose(hands, campaign, person, effect, **said)


def reasons(hands: Office, campaign: Campaign, city: Any, as_of: date = AS_OF) -> dict[str, str]:
    list_id = draw(hands, campaign, as_of).list_id
    with hands.engine.connect() as conn:
        found = {row.person_id: row.reason for row in read_rows(conn, list_id)}
    return {name: found[person] for name, person in city.people.items()}


def test_an_exclusion_holds_once_a_second_person_has_confirmed_it(
    hands: Office, warm_winter: Campaign, city: Any
) -> None:
    number = ask(hands, warm_winter, city.people["在册"], "out", "declined")
    assert reasons(hands, warm_winter, city)["在册"] == "eligible"
    for name in ("sun", " SUN "):
        with pytest.raises(RefusedError, match="另一人"):
            confirm(hands, number, Approver(name, frozenset({"city_officer"})))
    confirm(hands, number, QIAN)
    assert reasons(hands, warm_winter, city)["在册"] == "out_by_hand"
    with pytest.raises(UsageError, match="已由 qian 确认"):
        confirm(hands, number, QIAN)
    with hands.engine.connect() as conn:
        assert [one["told"] for one in exceptions(conn, TODAY)] == [REASONS["out"]["declined"]]
    end(hands, number, SUN)
    assert reasons(hands, warm_winter, city)["在册"] == "eligible"
    assert draw(hands, warm_winter, AS_OF).selected == 1


def test_an_inclusion_stands_in_for_a_condition_and_for_nothing_that_is_law(
    hands: Office, warm_winter: Campaign, city: Any
) -> None:
    before = reasons(hands, warm_winter, city)
    assert before["过龄"] == "age_outside"
    for name in city.people:
        confirm(hands, ask(hands, warm_winter, city.people[name], "in", "roster_wrong"), QIAN)
    after = reasons(hands, warm_winter, city)
    assert after == before | {"过龄": "eligible"}
    assert {after["年幼"], after["无告知"]}.isdisjoint({"eligible"})


def test_it_ends_by_its_day_and_follows_the_person_through_a_merge(
    hands: Office, warm_winter: Campaign, city: Any
) -> None:
    confirm(hands, ask(hands, warm_winter, city.people["在册"], "out", "gone", until=date(2026, 10, 30)), QIAN)
    assert reasons(hands, warm_winter, city)["在册"] == "eligible"
    with hands.engine.begin() as conn:
        conn.execute(list_exception.update().values(until_day=UNTIL, person_id=sa.func.gen_random_uuid()))
        old = conn.scalar(sa.select(list_exception.c.person_id))
    city.merge(old, city.people["在册"])
    assert reasons(hands, warm_winter, city)["在册"] == "out_by_hand"


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"reason": "because"}, UsageError, "理由须为"),
        ({"until": date(2026, 10, 19)}, UsageError, "有效期"),
        ({"until": date(2028, 1, 1)}, UsageError, "有效期"),
        ({"by": Approver("c", frozenset({"county_officer_140403"}))}, RefusedError, "职务不符"),
        ({"by": Approver("c", frozenset())}, RefusedError, "职务不符"),
    ],
)
def test_what_cannot_be_asked_for(
    hands: Office, warm_winter: Campaign, city: Any, more: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(hands, warm_winter, city.people["在册"], "out", **({"reason": "declined"} | more))
    assert hands.engine.connect().scalar(sa.select(sa.func.count()).select_from(list_exception)) == 0


def test_one_at_a_time_and_never_by_one_person_alone(hands: Office, warm_winter: Campaign, city: Any) -> None:
    number = ask(hands, warm_winter, city.people["在册"], "out", "declined")
    with pytest.raises(UsageError, match=f"已有例外 {number}"):
        ask(hands, warm_winter, city.people["在册"], "in", "proof_came")
    with hands.engine.begin() as conn, pytest.raises(IntegrityError):
        conn.execute(list_exception.update().values(confirmed_by=" Sun"))


def test_an_erasure_takes_it_along(hands: Office, warm_winter: Campaign, city: Any) -> None:
    ask(hands, warm_winter, city.people["在册"], "out", "declined")
    with hands.engine.begin() as conn:
        forget(conn, city.people["在册"], [])
        assert conn.scalar(sa.select(sa.func.count()).select_from(list_exception)) == 0


def test_an_exclusion_that_was_being_confirmed_while_the_list_was_drawn_stops_the_lock(
    hands: Office, warm_winter: Campaign, city: Any
) -> None:
    asked = warm_winter.model_copy(update={"approvals": ("city_approver",)})
    number = ask(hands, asked, city.people["在册"], "out", "declined")
    drawn = draw(hands, asked, AS_OF, by="li")
    decide(hands, drawn.list_id, QIAN, today=TODAY)
    confirm(hands, number, Approver("wu", frozenset({"city_approver"})))
    with hands.engine.begin() as conn:  # its transaction began before the draft's
        conn.execute(sa.text("update list_exception set confirmed_at = confirmed_at - interval '1 hour'"))
    with pytest.raises(UsageError, match="登记的例外"):
        draw(hands, asked, AS_OF, lock=True, by="li")
