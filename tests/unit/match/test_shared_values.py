"""A value that many share is nobody's, whatever the field; a family, or a name and a county, unite nobody."""

from __future__ import annotations

from typing import Any

import pytest

from rosters import Office, person
from talentpool.match import links, match

BARE = {"document_no": "", "birth_date": "", "mobile": "", "hired_on": "", "station": ""}
NAME = {"name": "霍思远"}


def people(office: Office, *staff_numbers: str) -> int:
    return len({who for _, staff_no, who in links(office.engine) if staff_no in staff_numbers})


def crowd(count: int, first: int = 100, **changes: str) -> list[dict[str, str]]:
    born = (f"19{75 + n % 27}-{n % 12 + 1:02d}-{n % 27 + 2:02d}" for n in range(first, first + count))
    return [
        person(n, document_no="", birth_date=day) | changes
        for n, day in zip(range(first, first + count), born, strict=True)
    ]


def whole(count: int, first: int = 300) -> list[dict[str, str]]:
    return [person(n) for n in range(first, first + count)]


def deliver(office: Office, *args: Any, **words: Any) -> None:
    found = office.deliver(*args, **words)
    assert found.status == "published", found


DEFAULTS = {
    "an end of a number": {"document_no": "**************0000"},
    "a masked number": {"document_no": "1401**********1234"},
    "a whole number": {"document_no": person(9)["document_no"], "birth_date": "", "sex": ""},
    "a hire date": {"hired_on": "2024-07-01"},
    "a station": {"station": "总站"},
    "a birth date": {"birth_date": "1990-05-17"},
    "a mobile": {"mobile": "13500040001"},
    "all of them": {"document_no": "**************0000", "hired_on": "2024-07-01", "station": "总站",
                    "birth_date": "1990-05-17", "mobile": "13500040001"},
}  # fmt: skip


@pytest.mark.parametrize("which", DEFAULTS)
def test_what_a_whole_roster_has_in_common_unites_no_namesakes(office: Office, which: str) -> None:
    """Two of one name on the roster that a form filled in, and a third of another roster with the same by chance."""
    same = DEFAULTS[which]
    rows = crowd(9, **same) + (whole(30) if which == "a whole number" else crowd(21, 200, **same))
    rows[0] |= BARE | NAME | same | {"staff_no": "A1"}
    rows[1] |= BARE | NAME | same | {"staff_no": "A2"}
    deliver(office, "2026-10-31", rows, partner="didi")
    deliver(
        office, "2026-10-31", [*whole(20, 400), person(8) | BARE | NAME | same | {"staff_no": "B1"}], partner="meituan"
    )
    for full in (False, True):
        match(office.engine, office.keys, full=full)
        assert people(office, "A1", "A2", "B1") == 3


def test_a_default_that_comes_with_a_later_delivery_is_seen_at_once(office: Office) -> None:
    """A month later many bear it, of whom nobody had it when the pool was counted."""
    tail = {"document_no": "**************0000"}
    deliver(office, "2026-09-30", whole(40), partner="meituan")
    match(office.engine, office.keys)
    rows = crowd(12, **tail) + whole(10, 400)
    rows[0] |= BARE | NAME | tail | {"staff_no": "A1"}
    rows[1] |= BARE | NAME | tail | {"staff_no": "A2"}
    deliver(office, "2026-10-31", rows, partner="didi")
    match(office.engine, office.keys)
    assert people(office, "A1", "A2") == 2
    deliver(office, "2026-11-30", [*rows[:1], person(1) | BARE | NAME | tail | {"staff_no": "A3"}], partner="didi",
                   kind="delta")  # fmt: skip
    match(office.engine, office.keys)
    assert people(office, "A1", "A2", "A3") == 3


def test_an_end_of_a_number_that_few_have_still_unites(office: Office) -> None:
    rows = crowd(30, document_no="**************0000")
    rows[0] |= BARE | NAME | {"staff_no": "A1", "document_no": "**************7316"}
    deliver(office, "2026-10-31", rows, partner="didi")
    other = person(8) | BARE | NAME | {"staff_no": "B1", "document_no": "**************7316"}
    deliver(office, "2026-10-31", [*whole(20), other], partner="meituan")
    match(office.engine, office.keys)
    assert people(office, "A1", "B1") == 1


TWIN = BARE | {"name": "佴思远", "birth_date": "1996-08-08", "mobile": "13500040001"}


@pytest.mark.parametrize("place", [{}, {"station": "漳河站", "hired_on": "2023-04-11"}])
@pytest.mark.parametrize("name", ["佴思源", "佴诗远", "佴远"])
def test_two_of_a_family_whose_names_sound_alike_are_asked_about(
    office: Office, name: str, place: dict[str, str]
) -> None:
    deliver(office, "2026-10-31", [*whole(40), person(1) | TWIN | place | {"staff_no": "A1"}], partner="didi")
    other = person(3) | TWIN | place | {"staff_no": "B1", "name": name, "mobile": "13500040009"}
    deliver(office, "2026-10-31", [*whole(40, 400), other], partner="meituan")
    for full in (False, True):
        match(office.engine, office.keys, full=full)
        assert people(office, "A1", "B1") == 2
        assert office.one("select count(*) from review_pair") == 1


@pytest.mark.parametrize("mobile", ["", "13500040009"])
def test_a_rare_name_and_a_county_are_asked_about_in_a_small_pool(office: Office, mobile: str) -> None:
    rare = BARE | {"name": "佴璩璩"}
    deliver(office, "2026-10-31", [*whole(40), person(1) | rare | {"staff_no": "A1"}], partner="didi")
    other = person(3) | rare | {"staff_no": "B1", "mobile": mobile, "station": "漳河站"}
    deliver(office, "2026-10-31", [*whole(40, 400), other], partner="meituan")
    for full in (False, True):
        match(office.engine, office.keys, full=full)
        assert people(office, "A1", "B1") == 2
        assert office.one("select count(*) from review_pair") == 1
