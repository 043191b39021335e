"""A roster whose staff numbers lost their zeros, their prefix or their case, or that was numbered anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rosters import Office, person
from talentpool.decide import decide
from talentpool.match import links, match

CITY = [person(n, staff_no=f"DD{n:05d}") for n in range(1, 41)]
SHIFTS: dict[str, Callable[[int], str]] = {
    "zeros lost": lambda n: f"DD{n}",
    "prefix lost": lambda n: f"{n:05d}",
    "prefix and zeros lost": str,
    "prefix added": lambda n: f"X-DD{n:05d}",
    "small letters": lambda n: f"dd{n:05d}",
    "a hyphen": lambda n: f"DD-{n:05d}",
    "numbered anew": lambda n: f"NEW{9000 - n * 3}",
}
SAME_NUMBER = ("zeros lost", "small letters", "a hyphen")
"""Shifts that only write the same number in another way: every row is set aside, so nobody is left to publish."""
MASKED = {"document_no": "", "mobile": "", "birth_date": "1990-05-05"}


@pytest.mark.parametrize("kind", ["full", "delta"])
@pytest.mark.parametrize("name", SHIFTS)
def test_a_roster_of_known_people_under_other_numbers_is_not_published(office: Office, name: str, kind: str) -> None:
    shift = SHIFTS[name]
    office.deliver("2026-09-30", CITY)
    known = office.ask("select staff_no, status from source_record order by 1")
    rows = [row | {"staff_no": shift(n)} for n, row in enumerate(CITY, start=1)]
    found = office.deliver("2026-10-31", rows, kind=kind)
    expected = ("rejected", 40) if name in SAME_NUMBER else ("held", 0)
    assert (found.status, found.reasons.get("staff_no_rewritten", 0)) == expected
    assert found.reasons["staff_no_shifted"] == 1
    assert "工号" in str(found.message)
    assert office.ask("select staff_no, status from source_record order by 1") == known


def test_zeros_lost_are_seen_of_people_who_have_neither_document_nor_mobile(office: Office) -> None:
    bare = [row | MASKED for row in CITY[:9]]
    office.deliver("2026-09-30", bare)
    found = office.deliver(
        "2026-10-31", [row | {"staff_no": row["staff_no"].lstrip("D0")} for row in bare], kind="delta"
    )
    assert (found.status, found.reasons["staff_no_shifted"]) == ("held", 1)


def test_one_row_in_another_notation_is_set_aside_and_makes_no_second_record(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    rows = [CITY[0] | {"staff_no": "DD1"}, *CITY[1:]]
    found = office.deliver("2026-10-31", rows)
    assert (found.status, found.reasons, found.accepted) == ("published", {"staff_no_rewritten": 1}, 39)
    match(office.engine, office.keys)
    assert len({owner for _, _, owner in links(office.engine)}) == 40
    assert office.one("select count(*) from source_record") == 40


def test_who_comes_back_under_a_new_number_and_newcomers_hold_nothing(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    rows = [CITY[0] | {"staff_no": "DD90001"}, *CITY[1:], *(person(n, staff_no=f"DE{n:05d}") for n in range(50, 60))]
    found = office.deliver("2026-10-31", rows)
    assert (found.status, found.reasons) == ("published", {})


def test_one_person_under_two_numbers_of_one_roster_is_nobody_renumbered(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    twice = [row | {"staff_no": f"B{row['staff_no']}"} for row in CITY]
    assert office.deliver("2026-10-31", [*CITY, *twice]).reasons == {"additions_high": 1}


def test_people_numbered_anew_are_published_when_a_person_says_so(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    found = office.deliver(
        "2026-10-31", [row | {"staff_no": f"N{row['staff_no'][::-1]}"} for row in CITY], kind="delta"
    )
    assert found.status == "held"
    done = decide(
        office,
        office.partner(),
        found.delivery_id,
        "all",
        by="审核人",
        reason="已重编",
    )
    assert done.status == "published"
