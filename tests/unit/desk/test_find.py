"""Search finds by the very index that matching made, shows masks, and stays on the own side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.desk.find import MOST, Wanted, find_people
from talentpool.desk.person import view_person
from talentpool.guard import Scope, console_engine, scope_of, scoped
from talentpool.match import match

HERE, THERE = "140425", "140403"
CITY, OWN = scope_of("c", frozenset({"city_officer"})), scope_of("h", frozenset({f"county_officer_{HERE}"}))


@pytest.fixture
def reader(office: Office) -> Iterator[sa.Engine]:
    """Two counties, one person in both with a second mobile."""
    both = person(1, county=HERE, mobile2="13700000011")
    office.deliver("2026-10-01", [both, person(2, county=THERE), *(person(n, county=HERE) for n in range(3, 6))])
    office.deliver("2026-10-01", [person(1, staff_no="P1", county=THERE)], partner="postal")
    match(office.engine, office.keys)
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


WANTED = [
    (Wanted("mobile", person(1)["mobile"]), 2, 1),
    (Wanted("mobile", " +86 137 0000 0011"), 1, 1),
    (Wanted("document", person(1)["document_no"]), 2, 1),
    (Wanted("name", person(1)["name"], county=HERE), 1, 1),
    (Wanted("name", person(1)["name"], county=THERE), 1, 0),
    (Wanted("staff_no", "P1", partner="postal"), 1, 0),
    (Wanted("mobile", person(2)["mobile"]), 1, 0),
    (Wanted("mobile", "13987650912"), 0, 0),
]
"""What is looked for; how many records the city and the county find."""


def test_whole_values_are_found_on_the_own_side(office: Office, reader: sa.Engine) -> None:
    for wanted, city, own in WANTED:
        for scope, records in ((CITY, city), (OWN, own), (Scope("nobody"), 0)):
            with scoped(reader, scope) as conn:
                found = find_people(conn, office.keys, wanted)
            assert found is not None and len(found) == records <= MOST, (wanted.by, scope)
            for one in found:
                assert one.name == "韩**" and set(one.document) == {"*"} and one.mobile.startswith("*" * 9)


def test_what_cannot_be_a_value_of_its_kind_is_no_search(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, CITY) as conn:
        for wanted in (Wanted("mobile", "138"), Wanted("document", "140199"), Wanted("name", "", county=HERE),
                       Wanted("staff_no", "P1"), Wanted("document", "")):  # fmt: skip
            assert find_people(conn, office.keys, wanted) is None, wanted.by


def test_a_person_is_shown_as_far_as_the_side_reaches(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, CITY) as conn:
        found = find_people(conn, office.keys, Wanted("document", person(1)["document_no"]))
        assert found
        whole = view_person(conn, office.keys, found[0].person_id)
    with scoped(reader, OWN) as conn:
        own = view_person(conn, office.keys, found[0].person_id)
    with scoped(reader, scope_of("x", frozenset({"county_officer_140427"}))) as conn:
        assert view_person(conn, office.keys, found[0].person_id) is None
    assert whole is not None and own is not None
    assert [job.partner for job in whole.jobs] == ["didi", "postal"]
    assert [(job.partner, job.name, job.readable) for job in own.jobs] == [("didi", "韩**", True)]
    assert whole.jobs[0].words == own.jobs[0].words == {}, "the first record is what the others are held against"
    assert set(whole.jobs[1].words.values()) == {"same"} and len(whole.jobs[1].words) == 5
    shown = repr(whole) + repr(own)
    assert person(1)["name"] not in shown and person(1)["mobile"] not in shown
    assert person(1)["document_no"] not in shown
