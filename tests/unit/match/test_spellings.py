"""A name written in two ways, and a sex that was mistyped: what explains them, and what does not."""

from __future__ import annotations

import pytest

from rosters import Office, document, person
from talentpool.match import links
from two_rosters import BARE, TODAY, delivered


@pytest.mark.parametrize(("mobile", "what"), [("13500040001", "same"), ("13500040009", "review")])
def test_under_one_whole_name_and_one_mobile_another_sex_is_a_slip(office: Office, mobile: str, what: str) -> None:
    """Nobody shares a whole name with a sister; of two mobiles they may be two namesakes."""
    assert delivered(office, BARE, BARE | {"sex": "女", "mobile": mobile}) == what


@pytest.mark.parametrize(("name", "people"), [("霍思远", 1), ("霍*", 2), ("霍思*", 2)])
def test_a_number_beside_two_spellings_of_one_name_says_that_it_is_one(office: Office, name: str, people: int) -> None:
    """Under the number stand the name of the one and, on another roster, that of the other; a hidden name says nothing."""
    sounds_alike = BARE | {"name": "霍思源", "document_no": document(1, "1996-08-08")}
    between = sounds_alike | {"name": name}
    office.deliver(TODAY, [person(9), person(1) | {"staff_no": "C1"} | between], partner="postal")
    delivered(office, BARE, sounds_alike)
    assert office.one("select count(*) from edge where rule = 'relatives'") == 1
    owner = {staff_no: person_id for _, staff_no, person_id in links(office.engine)}
    assert len({owner[one] for one in ("A1", "B1", "C1")}) == people
    assert owner["B1"] == owner["C1"]
