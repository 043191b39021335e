"""Forms of a campaign: a session has places and seats, an event may count children, and nothing else has either."""

from __future__ import annotations

from typing import Any

import pytest

from talentpool.declare import Campaign

PLACE = {"name": "东街驿站", "county": "140403", "slots": ["09:00-10:00", "10:00-11:30"], "capacity": 20}


def _campaign(**facts: Any) -> Campaign:
    return Campaign.model_validate(
        {"code": "some", "name": "活动", "owner": "市", "purpose": "some", "occasion": {"month": 7, "day": 17},
         "eligibility": {}, "item": "物品", **facts}
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
