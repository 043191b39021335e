"""Forms of a campaign: a session has places and seats, an event may count children, and nothing else has either."""

from __future__ import annotations

from typing import Any

import pytest

from talentpool.declare import Campaign

PLACE = {"name": "东街驿站", "county": "140403", "slots": ["09:00-10:00", "10:00-11:30"], "capacity": 20}


def _campaign(**facts: Any) -> Campaign:
    return Campaign.model_validate(
        {"code": "some", "name": "活动", "owner": "市", "purpose": "some", "occasion": {"month": 7, "day": 17},
         "eligibility": {}, "approvals": "none", "item": "物品", **facts}
    )  # fmt: skip


def test_a_session_has_as_many_seats_as_its_places_and_slots_hold() -> None:
    session = _campaign(form="session", places=[PLACE, {**PLACE, "slots": ["14:00-15:00"], "capacity": 5}])
    assert session.room == 45
    assert session.told == [
        ["场次", "东街驿站：09:00-10:00、10:00-11:30，每场 20 人；东街驿站：14:00-15:00，每场 5 人"]
    ]
    assert _campaign(form="session", places=[PLACE], stock=30).room == 30, "fewer kits than seats"
    assert _campaign(form="session", places=[PLACE], stock=90).room == 40
    assert (_campaign().room, _campaign(stock=7).room) == (None, 7)


def test_children_are_counted_and_the_sheet_says_that_nothing_else_is_kept() -> None:
    assert _campaign(form="event", companions="headcount").told == [
        ["随行子女", "只登记人数，不登记姓名、年龄等任何信息"]
    ]
    assert _campaign(form="event").told == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"form": "party"}, "'kit', 'session', 'event' or 'letter'"),
        ({"form": "session"}, "a session names its places"),
        ({"form": "kit", "places": [PLACE]}, "no other form has any"),
        ({"form": "session", "places": [{**PLACE, "slots": []}]}, "places.0.slots"),
        ({"form": "session", "places": [{**PLACE, "slots": ["9-10"]}]}, "places.0.slots.0"),
        ({"form": "session", "places": [{**PLACE, "slots": ["10:00-09:00"]}]}, "ends after it begins"),
        ({"form": "session", "places": [{**PLACE, "doctor": "x"}]}, "places.0.doctor"),
        ({"form": "kit", "companions": "headcount"}, "only an event"),
        ({"form": "event", "companions": "names"}, "'headcount'"),
        ({"lead_days": 10, "leads": {"freeze": 11}}, "before it is locked"),
        ({"leads": {"freeze": 3, "buy": 5}}, "in this order"),
        ({"leads": {"receipts": 30}}, "in this order"),
    ],
)
def test_a_wrong_form_is_refused_saying_what_is_valid(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _campaign(**facts)


def test_a_stock_is_a_number_or_says_for_whom_from_whom_and_what_is_kept_back() -> None:
    bare = _campaign(stock=200)
    assert bare.shares == {"": 200}
    kept = _campaign(stock={"total": 199, "reserve": 10, "donated": [{"donor": "某银行", "number": 10}]})
    assert (kept.shares, kept.room) == ({"": 189}, 189), "209, of which 20 are kept back"
    assert kept.told == [["捐赠", "某银行捐赠 10 份"]]
    counties = _campaign(stock={"counties": {"140403": 30, "140404": 0}})
    assert (counties.shares, counties.room) == ({"140403": 30, "140404": 0}, 30)
    gift = _campaign(stock={"donated": [{"donor": "某银行", "number": 10}]})
    assert gift.shares == {"": 10}
    assert _campaign(form="session", places=[PLACE]).shares == {"": 40}
    assert _campaign().shares is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"stock": 0}, "stock.total"),
        ({"stock": {}}, "no stock"),
        ({"stock": {"total": 5, "counties": {"140403": 3}}}, "not both"),
        ({"stock": {"counties": {"潞州区": 3}}}, "stock.counties"),
        ({"stock": {"total": 5, "reserve": 80}}, "stock.reserve"),
        ({"stock": {"total": 5, "donated": [{"donor": "某银行", "number": 1, "county": "140403"}]}}, "names a county only"),
        ({"stock": {"counties": {"140403": 3}, "donated": [{"donor": "某银行", "number": 1}]}}, "each gift names its county"),
        ({"stock": {"counties": {"140403": 3}}, "form": "session", "places": [PLACE]}, "stock.counties"),
        ({"order": ["deeds"]}, "never_served"),
        ({"order": ["never_served", "never_served"]}, "each criterion once"),
    ],
)  # fmt: skip
def test_a_stock_or_an_order_that_says_nothing_is_refused(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="(?s)" + words.replace(".", r"\.")):
        _campaign(**facts)
