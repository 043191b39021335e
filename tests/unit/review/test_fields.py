"""Two records field by field, in words: on the own side only, and with what would settle it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from rosters import Office, document, person
from talentpool.guard import console_engine, scope_of, scoped
from talentpool.guard.alike import Alike
from talentpool.match import match
from talentpool.review import agreement, settled_by

HERE, THERE = "140425", "140403"
CITY = scope_of("c", frozenset({"city_officer"}))
ALIKE: dict[str, Alike] = {"name": "same", "document": "same", "mobile": "same", "birth_date": "same", "sex": "same"}


def record(office: Office, staff_no: str) -> UUID:
    return office.one("select record_id from source_record where staff_no = :s", s=staff_no)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, {}),
        ({"document_no": "", "birth_date": "1986-05-06"}, {"document": "missing", "birth_date": "slip"}),
        ({"document_no": document(9, "1992-11-30")},
         {"document": "different", "birth_date": "different"}),
        ({"mobile": "13700000011", "mobile2": person(1)["mobile"]}, {}),
        ({"mobile": ""}, {"mobile": "missing"}),
    ],
)  # fmt: skip
def test_each_field_of_two_records_is_told_in_a_word(
    office: Office, changes: dict[str, Any], words: dict[str, Alike]
) -> None:
    office.deliver("2026-10-01", [person(1, county=HERE), person(2, county=HERE)])
    office.deliver("2026-10-01", [person(1, staff_no="P1", county=THERE, **changes)], partner="postal")
    match(office.engine, office.keys)
    left, right = record(office, "T00001"), record(office, "P1")
    engine = console_engine(office.settings)
    try:
        with scoped(engine, CITY) as conn:
            assert agreement(conn, office.keys, left, right) == ALIKE | words
        with scoped(engine, scope_of("h", frozenset({f"county_officer_{HERE}"}))) as conn:
            assert agreement(conn, office.keys, left, right) == {}, "the other side is another county's"
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ({}, []),
        ({"document": "slip"}, ["document_slip"]),
        ({"document": "missing", "birth_date": "missing"}, ["document_missing", "birth_date_missing"]),
        ({"name": "different"}, ["name_of_document", "mobile_of_two_names"]),
        ({"document": "different", "mobile": "slip"}, ["document_different", "mobile_slip"]),
    ],
)
def test_what_would_settle_it_is_named(words: dict[str, Alike], asked: list[str]) -> None:
    assert settled_by(ALIKE | words) == asked
    from talentpool_airflow.console.words import SETTLED

    assert set(asked) <= set(SETTLED)


def test_nothing_is_asked_where_nothing_may_be_compared() -> None:
    assert settled_by({}) == []
