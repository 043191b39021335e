"""What was remembered for a row goes with it, unless its person stands on a roster."""

from __future__ import annotations

from datetime import date

import pytest

from databases import Twins
from rosters import Office, document, person
from set_aside import CITY, bring, many, words
from talentpool.services.mending import Place, correct
from talentpool.services.retention import carry_out, place
from terms_over import FAR, WHO

LATER = date(2027, 6, 1)


@pytest.fixture
def city(twins: Twins) -> Office:
    """Two corrected rows: 7 has another fault and waits on, 8 came in."""
    office = twins.office()
    number = bring(
        office, person(7, county="火星县", document_no=document(7, "1931-05-05")), person(8, county="火星县")
    )
    assert correct(office, Place(number, 7), "mobile", "13910000888", CITY).outcome == "waits"
    assert correct(office, Place(number, 8), "county", "140403", CITY).outcome == "taken"
    office.deliver("2026-11-30", many(person(8, county="火星县")))
    return office


def salts(office: Office) -> int:
    return int(office.one("select count(*) from record_salt where row_no < 0"))


def test_a_word_goes_with_the_row_that_never_came_in(city: Office) -> None:
    assert words(city) == [("mobile", ""), ("county", "")] and salts(city) == 2
    carry_out(city, "quarantine", LATER, sure=True)
    assert words(city) == [("county", "")] and salts(city) == 1
    (counts,) = city.ask("select counts from retention_report where gone > 0 order by report_id desc limit 1")[0]
    assert counts["remembered_value"] == 1
    carry_out(city, "quarantine", LATER, sure=True)
    assert words(city) == [("county", "")]


@pytest.mark.parametrize("about", ["kind:quarantine", "partner:didi", "person:didi:T00007"])
def test_a_word_under_hold_stays(city: Office, about: str) -> None:
    place(city, about, until=FAR, **WHO)
    carry_out(city, "quarantine", LATER, sure=True)
    assert words(city) == [("mobile", ""), ("county", "")]
