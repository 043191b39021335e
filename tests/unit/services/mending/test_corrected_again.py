"""A row that was taken as it is, or corrected, and is corrected again: what holds goes on, what is refused changes nothing."""

from __future__ import annotations

import pytest

from asking import withdraw
from databases import Twins
from rosters import TODAY, Office, document, person
from set_aside import CITY, COUNTY, OURS, asked, bring, live, many, words
from talentpool.errors import UsageError
from talentpool.services.mending import Act, Place, WorseError, correct, release
from talentpool.services.mending.limit import FITS_A_DAY, USED_UP


@pytest.fixture
def city(twins: Twins) -> Office:
    return twins.office()


def test_a_row_taken_as_it_is_stays_so_beside_the_offices_own_correction(city: Office) -> None:
    old = person(7, document_no=document(7, "1931-05-05"))
    release(city, Place(bring(city, old), 7), CITY)
    assert asked(city, "T00007", "station", "城东站", CITY).outcome == "taken"
    assert live(city, "T00007", "station") == "城东站" and words(city) == [("", ""), ("station", "")]
    again = city.deliver("2026-11-30", many(old))
    assert (again.quarantined, again.notes["taken_as_it_is"], again.notes["value_remembered"]) == (0, 1, 1)
    assert city.deliver("2026-12-01", many(old | {"mobile": "13900000001"})).quarantined == 1, (
        "another row is asked about"
    )


@pytest.mark.parametrize("taken", [True, False])
def test_a_county_hears_nothing_of_who_withdrew_and_nothing_of_its_row_changes(city: Office, taken: bool) -> None:
    named = {"name": person(7)["name"]}
    old = person(9, **named, **({"document_no": document(9, "1931-05-05")} if taken else {}))
    city.deliver("2026-10-31", [person(7), person(11)], partner="postal")
    delivery = bring(city, old)
    withdraw(city, "postal:T00007", by="王主任", reason="本人书面申请", received_on=TODAY)
    if taken:
        release(city, Place(delivery, 7), CITY)
    assert asked(city, "T00009", "mobile", "13900000001", COUNTY).outcome == "taken"
    held = "select value_id, said, end_cause from remembered_value order by value_id"
    before = city.ask(held)
    with pytest.raises(WorseError, match="请联系市级专员") as told:
        asked(city, "T00009", "document_no", person(7)["document_no"], COUNTY)
    assert told.value.codes == () and city.ask(held) == before
    assert live(city, "T00009", "status") == "active", "nobody's use is stopped by a slip"
    assert city.one("select count(*) from audit_log where action = 'refused' and actor = :by", by=COUNTY.by) == 1
    again = city.deliver("2026-11-30", many(old))
    assert (again.quarantined, again.refused, again.notes["value_remembered"]) == (0, 0, 1)


def test_whoever_tries_values_until_one_fits_is_stopped_for_the_day_and_the_city_hears_of_it(city: Office) -> None:
    city.deliver("2026-10-31", [person(7), person(11)], partner="postal")
    bring(city, person(9, name=person(7)["name"]))
    withdraw(city, "postal:T00007", by="王主任", reason="本人书面申请", received_on=TODAY)
    for _ in range(FITS_A_DAY):
        with pytest.raises(WorseError, match="请联系市级专员"):
            asked(city, "T00009", "document_no", person(7)["document_no"], COUNTY)
    told = []
    for field, value in (
        ("document_no", person(7)["document_no"]),
        ("document_no", person(12)["document_no"]),
        ("station", "新站"),
    ):
        with pytest.raises(UsageError) as refused:
            asked(city, "T00009", field, value, COUNTY)
        told.append(str(refused.value))
    assert set(told) == {USED_UP}, "alike, whatever fits"
    assert city.ask("select kind, subject, message like '%李专员%' from alert") == [("mending_limited", OURS, False)]
    assert asked(city, "T00009", "station", "新站", Act("钱专员", "本人到访", (OURS,))).outcome == "taken"


@pytest.mark.parametrize("born", ["2014-13-05", "2011-06-31", "2031-06-01"])
@pytest.mark.parametrize("act", [COUNTY, CITY], ids=["county", "city"])
def test_a_birth_date_that_is_none_is_corrected_and_never_taken_as_it_is(city: Office, born: str, act: Act) -> None:
    """A child may stand behind it: the year alone often says so."""
    delivery = bring(city, person(7, document_no="", birth_date=born))
    with pytest.raises(UsageError, match="不能按原样收下"):
        release(city, Place(delivery, 7), act)
    assert city.one("select count(*) from source_record where staff_no = 'T00007'") == 0
    assert correct(city, Place(delivery, 7), "birth_date", "1990-05-05", act).outcome == "taken"
