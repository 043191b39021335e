"""Counties that the city goes on without stay off the list when it is drawn anew, until they are taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.acting import set_apart, take_back
from talentpool.campaigns.life.apart import apart
from talentpool.campaigns.life.steps import steps
from talentpool.campaigns.verifying import verify_list
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import RefusedError, UsageError
from talentpool.model import pool_person
from talentpool.office import Office

AS_OF, RIVER, HILL = date(2026, 10, 31), "140403", "140404"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))


def gone_on(town: Office, campaign: Campaign, say: Callable[..., Any]) -> int:
    drawn = draw(town, campaign, AS_OF, by="li")
    say(drawn.list_id, RIVERS)
    set_apart(town, drawn.list_id, OFFICER, reason="上党区未回复")
    return drawn.list_id


def approvals(town: Office, list_id: int) -> list[tuple[str | None, str | None]]:
    with town.engine.connect() as conn:
        return [(step.county, step.approved_by) for step in steps(conn, list_id)]


def test_drawn_again_the_same_list_stands_with_its_approvals(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    first = gone_on(town, careful, say)
    say(first, CITY)
    again = draw(town, careful, AS_OF, by="li")
    assert (again.list_id, again.selected, again.eligible) == (first, 3, 5)
    assert approvals(town, first) == [(RIVER, "c140403"), (None, "qian")]
    assert draw(town, careful, AS_OF, lock=True, by="li").excluded == {"county_waits": 2}
    assert verify_list(town, first).equal


def test_another_draft_goes_on_without_them_too_and_its_supplement_has_them(
    town: Office, careful: Campaign, say: Callable[..., Any], city: Any
) -> None:
    short = careful.model_copy(update={"stock": Stock(total=4), "order": ("never_served",)})
    first = gone_on(town, short, say)
    with town.engine.begin() as conn:
        conn.execute(pool_person.delete().where(pool_person.c.person_id == city.people["河边0"]))
    again = draw(town, short, AS_OF, by="li")
    assert again.list_id != first and again.excluded == {"county_waits": 2} and again.selected == 2
    for who in (RIVERS, CITY):
        say(again.list_id, who)
    locked = draw(town, short, AS_OF, lock=True, by="li")
    assert verify_list(town, locked.list_id).equal
    late = draw(town, short, AS_OF, by="li", supplement=True)
    assert (late.selected, late.excluded) == (2, {"served_already": 2})


def test_they_come_back_by_the_citys_officer_or_with_a_void_list(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    first = gone_on(town, careful, say)
    with pytest.raises(RefusedError):
        take_back(town, first, CITY, reason="已回复")
    with pytest.raises(UsageError, match="没有移出"):
        take_back(town, first, OFFICER, reason="已回复", counties=[RIVER])
    assert take_back(town, first, OFFICER, reason="已回复") == {HILL}
    whole = draw(town, careful, AS_OF, by="li")
    assert approvals(town, whole.list_id) == [(RIVER, "c140403"), (HILL, None), (None, None)]
    set_apart(town, whole.list_id, OFFICER, reason="又未回复")
    say(whole.list_id, CITY)
    draw(town, careful, AS_OF, lock=True, by="li")
    for by in ("王主任", "李科长"):
        void_list(town, whole.list_id, by=by, reason="写错")
    with town.engine.connect() as conn:
        assert apart(conn, careful.code, "2026") == set()
    assert draw(town, careful, AS_OF, by="li").selected == 5
