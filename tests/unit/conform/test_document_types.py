"""A document's type helps to read its number; no wording of it switches the checks of a number off."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from rosters import Office, document, person
from talentpool.conform.values.document_types import OTHER, RESIDENT, UNKNOWN, document_kind
from talentpool.conform.values.documents import read_document, read_documents
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.settings import INCLUDE

CASE = Path(__file__).parents[2] / "cases" / "document-type-wording"
GOOD = document(7)
WRONG = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")
LOST = "140199199501010000"


def deliver(office: Office, name: str, partner: str = "didi") -> Outcome:
    return ingest(office, office.partner(partner), file=CASE / name,
                  as_of=date(2026, 10, 31), kind="full", count=count_flags)  # fmt: skip


def test_ten_wrong_check_digits_are_seen_under_ten_wordings(office: Office) -> None:
    outcome = deliver(office, "types.csv")
    assert (outcome.status, outcome.accepted, outcome.reasons) == ("published", 20, {"id_bad_checksum": 10})
    assert outcome.notes == {}, "every wording is a known one"
    assert (
        office.one("select count(*) from source_record where id_number_status = 'bad_checksum' and id_index is null")
        == 10
    )


def test_a_number_that_lost_its_last_digits_is_no_evidence_between_two_people(office: Office) -> None:
    for partner in ("didi", "meituan"):
        outcome = deliver(office, f"lost_digits_{partner}.csv", partner)
        assert (outcome.accepted, outcome.reasons, outcome.notes) == (20, {"id_precision_lost": 1}, {})
    assert office.one("select count(distinct id_index) from source_record") == 38
    assert office.one("select count(*) from source_record where id_index is null") == 2


@pytest.mark.parametrize(
    "word", ["", "居民身份证", "护照", "其他", "工作证", "0", "ID Card", "外国人永久居留证", "军官证"]
)
@pytest.mark.parametrize(
    ("number", "status"),
    [(GOOD, "valid"), (WRONG, "bad_checksum"), (LOST, "precision_lost"), ("1.40199E+17", "precision_lost"),
     ("1401**********" + GOOD[14:], "masked")],
)  # fmt: skip
def test_what_looks_like_a_resident_number_is_checked_as_one(word: str, number: str, status: str) -> None:
    assert read_document(number, word).status == status


@pytest.mark.parametrize(
    ("word", "number", "status"),
    [("护照", "E12345678", "other_document"), ("工作证", "E12345678", "other_document"), ("居民身份证", "E12345678", "malformed"),
     ("工作证", GOOD[:17], "malformed"), ("工作证", GOOD + "1", "malformed"), ("工作证", "140199900307123", "legacy_15"),
     ("台胞证", "12345678", "other_document"), ("军官证", "140199900307123", "other_document"),
     ("外国人永久居留身份证", "USA140199900307", "other_document")],
)  # fmt: skip
def test_a_number_of_another_shape_is_read_as_its_type_says(word: str, number: str, status: str) -> None:
    assert read_document(number, word).status == status


@pytest.mark.parametrize(
    ("word", "kind"),
    [("中华人民共和国居民身份证", RESIDENT), (" 居民 身份证 ", RESIDENT), ("居民身份证（二代）", RESIDENT), ("１１１", RESIDENT),
     ("111.0", RESIDENT), ("01-居民身份证", RESIDENT), ("居民身份證", RESIDENT), ("身份证:", RESIDENT), ("ID CARD", RESIDENT),
     ("港澳居民居住证", RESIDENT), ("户口簿", RESIDENT), ("PASSPORT", OTHER), ("414", OTHER), ("511", OTHER), ("516", OTHER),
     ("114", OTHER), ("回乡证", OTHER), ("工作证", UNKNOWN), ("社保卡", UNKNOWN), ("7", UNKNOWN)],
)  # fmt: skip
def test_a_wording_is_known_however_it_is_typed(word: str, kind: str) -> None:
    assert document_kind(word) == kind


def test_an_unknown_type_is_noted_and_its_number_judged(office: Office) -> None:
    rows = [person(1, document_type="社保卡"), person(2, document_type="社保卡", document_no="E12345678"),
            person(3, document_type="护照", document_no="E12345679")]  # fmt: skip
    outcome = office.deliver("2026-10-31", rows)
    assert outcome.notes == {"document_type_unknown": 2, "id_other_document": 2}
    assert office.ask("select id_number_status from source_record order by staff_no") == [
        ("valid",), ("other_document",), ("other_document",)]  # fmt: skip


def test_a_column_of_types_and_numbers_is_read_as_its_cells_are() -> None:
    words = ["", "护照", "工作证", "居民身份证", "111"]
    numbers = [GOOD, WRONG, LOST, "E12345678", "1401**********1234", "140199900307123", "", GOOD[:17]]
    pairs = [(number, word) for number in numbers for word in words]
    read = read_documents(*(pa.array(column) for column in zip(*pairs, strict=True)))
    assert read.status.to_pylist() == [read_document(*pair).status for pair in pairs]


def test_the_table_names_every_wording_once_and_only_known_kinds() -> None:
    with (INCLUDE / "reference" / "document_types.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 50
    assert len({row["word"] for row in rows}) == len(rows)
    assert {row["kind"] for row in rows} == {RESIDENT, OTHER}
    assert all(document_kind(row["word"]) == row["kind"] for row in rows)
