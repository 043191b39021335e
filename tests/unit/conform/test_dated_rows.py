"""Dates of a row through a whole delivery: consents, ends that never come, birthdays nobody has."""

from __future__ import annotations

from datetime import date

import pytest

from rosters import Office, person

ROWS = [person(n) for n in range(1, 6)]


def test_a_consent_given_before_the_roster_came_counts_though_it_is_later_than_the_as_of(office: Office) -> None:
    rows = [*ROWS, person(6, consented_on="2025-11-03"), person(7, consented_on="2198-01-01")]
    found = office.deliver("2025-10-31", rows)
    assert (found.accepted, found.reasons) == (6, {"no_consent": 1})
    assert office.one("select consented_on from source_record where staff_no = 'T00006'") == date(2025, 11, 3)


@pytest.mark.parametrize("day", ["1970-01-01", "1900-01-01", "1985-01-01", "9999-12-31", "无"])
def test_a_consent_that_nobody_gave_is_none(office: Office, day: str) -> None:
    found = office.deliver("2026-10-31", [*ROWS, person(6, consented_on=day)])
    assert (found.accepted, found.refused, found.reasons) == (5, 1, {"no_consent": 1})


def test_no_end_is_said_in_a_delta_and_an_empty_cell_says_nothing(office: Office) -> None:
    leaving = person(1, left_on="2027-03-31")
    office.deliver("2026-08-31", [leaving, *ROWS[1:]])
    query = "select left_on from source_record where staff_no = 'T00001'"
    office.deliver("2026-09-30", [ROWS[0]], kind="delta")
    assert office.one(query) == date(2027, 3, 31)
    found = office.deliver("2026-10-31", [person(1, left_on="9999-12-31")], kind="delta")
    assert (found.status, found.notes["date_never"]) == ("published", 1)
    assert office.one(query) is None


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01", "0000-00-00"])
def test_a_placeholder_is_nobodys_birthday_and_the_document_still_tells(office: Office, day: str) -> None:
    rows = [*ROWS, person(6, document_no="", birth_date=day), person(7, birth_date=day)]
    found = office.deliver("2026-10-31", rows)
    assert (found.accepted, found.reasons, found.notes) == (7, {}, {"date_never": 1})
    born = dict(office.ask("select staff_no, birth_date from source_record"))
    assert (born["T00006"], born["T00007"]) == (None, date(1986, 5, 5))


def test_a_hire_that_never_was_is_no_fault(office: Office) -> None:
    found = office.deliver("2026-10-31", [*ROWS, person(6, hired_on="1900-01-01"), person(7, hired_on="/")])
    assert (found.accepted, found.reasons, found.notes) == (7, {}, {"date_never": 2})


def test_an_ordinary_roster_has_no_note_of_all_this(office: Office) -> None:
    found = office.deliver("2026-10-31", [*ROWS, person(6, left_on="2027-12-31", birth_date="1986-05-05")])
    assert (found.status, found.accepted, found.reasons, found.notes) == ("published", 6, {}, {})
