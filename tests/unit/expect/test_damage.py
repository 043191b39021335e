"""Damage is not missing: a damaged cell clears nothing, and a column damaged as a whole holds the delivery."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rosters import Office, document, person, write_template
from talentpool.check import check
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.load import digest

CASES = Path(__file__).parents[2] / "cases"
FULL = {"birth_date": "1986-05-05", "occupation": "网约车司机", "mobile2": "13911112222", "left_on": "2027-06-30"}
CROWD = [person(n, **FULL | {"mobile2": f"1381111{n:04d}"}) for n in range(1, 31)]
FIELDS = {
    "document_no": "id_unreadable", "mobile": "mobile_unreadable", "mobile2": "mobile2_unreadable",
    "birth_date": "birth_date_unreadable", "sex": "sex_unreadable", "station": "station_unreadable",
    "occupation": "occupation_unreadable", "hired_on": "hired_on_unreadable", "left_on": "left_on_unreadable",
    "document_type": "document_type_unreadable",
}  # fmt: skip


def deliver_file(office: Office, path: Path, as_of: str) -> Outcome:
    return ingest(
        office, office.partner(), file=path, as_of=date.fromisoformat(as_of),
        kind="full", count=count_flags,
    )  # fmt: skip


def with_cells(rows: list[dict[str, str]], count: int, **cells: str) -> list[dict[str, str]]:
    return [row | cells if i < count else row for i, row in enumerate(rows)]


def state(office: Office) -> Any:
    """The live facts without what says when they were last written."""
    return digest(office.engine)


def test_damaged_cells_of_a_workbook_erase_nothing_that_is_known(office: Office) -> None:
    folder = CASES / "damaged-value-erases-known-one"
    assert deliver_file(office, folder / "1_good.csv", "2026-08-31").accepted == 30
    before = state(office)
    found = deliver_file(office, folder / "2_damaged.xlsx", "2026-09-30")
    assert (found.status, found.accepted) == ("published", 30)
    assert found.reasons == {"id_bad_checksum": 3, "id_unreadable": 3, "mobile_unusable": 3}
    assert state(office) == before


def test_a_column_saved_as_numbers_holds_the_delivery(office: Office) -> None:
    folder = CASES / "whole-column-damaged"
    assert deliver_file(office, folder / "1_good.csv", "2026-08-31").accepted == 40
    before = state(office)
    found = deliver_file(office, folder / "2_scientific.csv", "2026-09-30")
    assert (found.status, found.exit_code) == ("held", 3)
    assert {"nulls_jump", "column_damaged", "values_lost"} <= set(found.reasons)
    assert (
        found.message and "证件号码" in found.message and "100%" in found.message and "id_number" not in found.message
    )
    assert state(office) == before


ERRORS = ["#N/A", "#REF!", " ＃Ｎ／Ａ ", "#DIV/0!", "########", "Err:508", "???", "#SPILL!", "#NAME?", "#VALUE!"]


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_an_error_text_in_any_column_keeps_what_is_known_and_carries_a_code(office: Office, kind: str) -> None:
    office.deliver("2026-08-31", CROWD)
    before = state(office)
    rows = list(CROWD)
    for i, (field, cell) in enumerate(zip(FIELDS, ERRORS, strict=True)):
        rows[i] = rows[i] | {field: cell}
    found = office.deliver("2026-09-30", rows, kind=kind, since="2026-08-31" if kind == "delta" else None)
    assert (found.status, found.accepted) == ("published", len(CROWD)), found
    assert found.reasons == dict.fromkeys(FIELDS.values(), 1)
    assert state(office) == before
    assert office.one("select changed from delivery order by delivery_id desc limit 1") == 0


def test_a_station_of_which_characters_were_lost_keeps_the_known_one(office: Office) -> None:
    office.deliver("2026-10-31", [person(n, station="北关站") for n in range(1, 41)])
    lost = ["北关?站", "北■站", "北**站", "锟斤拷"]
    rows = [person(n, station=lost[n - 1] if n < 5 else "北关站") for n in range(1, 41)]
    found = office.deliver("2026-11-30", rows)
    assert (found.status, found.reasons) == ("published", {"station_unreadable": 4})
    assert office.ask("select distinct station from source_record") == [("北关站",)]


@pytest.mark.parametrize(
    ("kind", "number"), [("其他", "14019919950505O011"), ("护照", "E12345678"), ("军官证", "X1234567")]
)
def test_another_document_never_replaces_a_resident_number(office: Office, kind: str, number: str) -> None:
    office.deliver("2026-10-31", CROWD)
    before = state(office)
    rows = with_cells(CROWD, 2, document_type=kind, document_no=number)
    for as_of in ("2026-11-30", "2026-12-31"):
        found = office.deliver(as_of, rows)
        assert (found.status, found.reasons) == ("published", {"id_replaced": 2})
    assert state(office) == before
    assert office.one("select count(*) from source_record where id_number_status = 'valid'") == len(CROWD)


@pytest.mark.parametrize(
    ("field", "code"), [("consented_on", "consented_on_unreadable"), ("hired_on", "hired_on_unreadable")]
)
def test_a_date_that_is_hidden_ends_and_clears_nothing(office: Office, field: str, code: str) -> None:
    office.deliver("2026-10-31", CROWD)
    before = state(office)
    for n, (kind, hidden) in enumerate((("full", "2025-**-**"), ("delta", "****年**月**日"))):
        found = office.deliver(f"2026-1{n + 1}-30", with_cells(CROWD, 2, **{field: hidden}), kind=kind)
        assert (found.status, found.reasons) == ("published", {code: 2})
    assert state(office) == before


def test_documents_and_mobiles_that_are_unusable_keep_the_known_ones(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    before = state(office)
    documents = ["12345", "1.40199E+17", document(1)[:17] + "?", "无", "140199XXXX"]
    mobiles = ["1391000000", "1.39E+10", "0355-2023456", "无", "139****000"]
    rows = [row | {"document_no": cell} for row, cell in zip(CROWD, documents, strict=False)]
    rows += [row | {"mobile": cell} for row, cell in zip(CROWD[5:], mobiles, strict=False)]
    found = office.deliver("2026-09-30", [*rows, *CROWD[10:]])
    assert (found.status, state(office) == before) == ("published", True)
    assert sum(found.reasons.values()) == 10


def test_a_new_value_beside_a_damaged_one_is_taken_once(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    rows = with_cells(CROWD, 1, document_no="#N/A", mobile="13955556666")
    office.deliver("2026-09-30", rows)
    damaged = state(office)
    office.deliver("2026-09-30", with_cells(CROWD, 1, mobile="13955556666"))
    assert state(office) == damaged, "what the undamaged file says"


def test_a_blank_after_a_damaged_cell_still_clears(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    office.deliver("2026-09-30", with_cells(CROWD, 1, mobile="#N/A", station="#N/A"))
    office.deliver("2026-10-31", with_cells(CROWD, 1, mobile="", station=""))
    assert office.ask("select mobile_status, station from source_record where staff_no = 'T00001'") == [("missing", "")]


def test_a_rounded_number_with_a_check_digit_that_fits_by_chance_is_no_new_document(office: Office) -> None:
    """15 digits are left of a number that a spreadsheet kept as a number; one in eleven passes the check."""
    fits = next(n for n in range(1, 400) if document(0, f"1990-{1 + n % 12:02d}-{1 + n // 12:02d}").endswith("000"))
    born = f"1990-{1 + fits % 12:02d}-{1 + fits // 12:02d}"
    rows = [*CROWD, person(900, document_no=document(23, born), birth_date=born)]
    office.deliver("2026-08-31", rows)
    before = state(office)
    found = office.deliver("2026-09-30", [*CROWD, rows[-1] | {"document_no": document(0, born)}])
    assert (found.status, found.reasons, state(office) == before) == ("published", {"id_precision_lost": 1}, True)


def test_somebody_else_with_a_damaged_cell_inherits_nothing(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    other = {"name": "欧阳别人", "document_no": "#N/A", "mobile": "", "mobile2": "", "birth_date": ""}
    office.deliver("2026-09-30", with_cells(CROWD, 1, **other))
    assert office.one("select id_index is null from source_record where staff_no = 'T00001'")


@pytest.mark.parametrize("field", ["staff_no", "name", "county"])
def test_an_error_text_in_a_required_column_sets_the_row_aside(office: Office, field: str) -> None:
    office.deliver("2026-08-31", CROWD)
    found = office.deliver("2026-09-30", with_cells(CROWD, 2, **{field: "#N/A"}), kind="delta", since="2026-08-31")
    assert (found.status, found.quarantined) == ("published", 2)
    assert office.one("select count(*) from source_record where staff_no like '%#%'") == 0


def test_a_word_for_nothing_is_a_blank_that_keeps_what_is_known(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    before = state(office)
    words = {"station": "无", "hired_on": "NULL", "birth_date": "N/A", "sex": "－", "occupation": "--"}
    found = office.deliver("2026-09-30", with_cells(CROWD, 2, **words))
    assert (found.status, found.accepted, found.reasons) == ("published", len(CROWD), {})
    assert (found.notes["blank_word"], state(office) == before) == (2, True)


def test_a_word_for_nothing_in_the_leaving_date_says_that_nobody_left(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    found = office.deliver("2026-09-30", with_cells(CROWD, 1, left_on="无"))
    assert (found.status, found.accepted) == ("published", len(CROWD))
    assert office.one("select left_on from source_record where staff_no = 'T00001'") is None


@pytest.mark.parametrize(("field", "size"), [("document_no", 3), ("mobile", 30), ("station", 6), ("hired_on", 4)])
def test_a_whole_column_of_errors_holds_any_roster_also_the_first(office: Office, size: int, field: str) -> None:
    rows = with_cells(CROWD[:size], size, **{field: "#N/A"})
    first = office.deliver("2026-07-31", rows)
    assert (first.status, "column_damaged" in first.reasons) == ("held", True)
    assert office.deliver("2026-08-31", CROWD[:size]).status == "published"
    before = state(office)
    again = office.deliver("2026-09-30", rows)
    assert (again.status, state(office) == before) == ("held", True)


@pytest.mark.parametrize(("field", "size"), [("document_no", 4), ("mobile", 30), ("station", 5), ("hired_on", 12)])
def test_a_column_that_is_blank_now_and_was_full_holds_a_full_roster(office: Office, size: int, field: str) -> None:
    assert office.deliver("2026-08-31", CROWD[:size]).status == "published"
    before = state(office)
    found = office.deliver("2026-09-30", with_cells(CROWD[:size], size, **{field: ""}))
    assert (found.status, "values_lost" in found.reasons, state(office) == before) == ("held", True, True)


@pytest.mark.parametrize(
    ("field", "size", "kind"),
    [("name", 6, "full"), ("document_no", 30, "full"), ("mobile", 6, "delta"), ("name", 30, "delta")],
)
def test_a_column_that_slipped_by_a_row_holds_the_delivery(office: Office, field: str, size: int, kind: str) -> None:
    rows = CROWD[:size]
    assert office.deliver("2026-08-31", rows).status == "published"
    before = state(office)
    slipped = [row | {field: other[field]} for row, other in zip(rows, rows[1:] + rows[:1], strict=True)]
    found = office.deliver("2026-09-30", slipped, kind=kind, since="2026-08-31" if kind == "delta" else None)
    assert (found.status, state(office) == before) == ("held", True)
    assert {"values_swapped", "values_changed", "staff_no_reused_many"} & set(found.reasons)


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_dates_of_consent_that_slipped_by_a_row_hold_the_delivery(office: Office, kind: str) -> None:
    rows = [row | {"consented_on": f"2025-{1 + n * 7 % 12:02d}-1{n % 7}"} for n, row in enumerate(CROWD)]
    office.deliver("2026-08-31", rows)
    slipped = [
        row | {"consented_on": other["consented_on"]} for row, other in zip(rows, rows[1:] + rows[:1], strict=True)
    ]
    found = office.deliver("2026-09-30", slipped, kind=kind)
    assert (found.status, found.reasons) == ("held", {"values_changed": 1})
    anew = office.deliver("2026-10-31", [row | {"consented_on": "2026-10-08"} for row in rows])
    assert anew.status == "published", "consent given anew by everybody is a later one"


def test_second_mobiles_that_slipped_by_a_row_hold_the_delivery(office: Office) -> None:
    rows = [row | {"mobile2": f"1371234{n:04d}"} for n, row in enumerate(CROWD)]
    office.deliver("2026-08-31", rows)
    slipped = [row | {"mobile2": other["mobile2"]} for row, other in zip(rows, rows[1:] + rows[:1], strict=True)]
    found = office.deliver("2026-09-30", slipped)
    assert (found.status, found.reasons) == ("held", {"values_changed": 1})


def test_counties_that_move_for_many_hold_a_full_roster_and_for_few_do_not(office: Office) -> None:
    assert office.deliver("2026-08-31", CROWD).status == "published"
    assert office.deliver("2026-09-30", with_cells(CROWD, 4, county="140404")).status == "published"
    found = office.deliver("2026-10-31", with_cells(CROWD, 28, county="140405"))
    assert (found.status, found.reasons) == ("held", {"values_changed": 1})
    assert found.message and "工作区县" in found.message


def test_a_birth_date_column_sorted_alone_holds_the_first_delivery(office: Office) -> None:
    rows = [
        person(n, document_no=document(n, f"19{60 + n}-05-05"), birth_date=f"19{60 + (n + 1) % 40}-05-05")
        for n in range(1, 31)
    ]
    found = office.deliver("2026-08-31", rows)
    assert (found.status, "values_disagree" in found.reasons) == ("held", True)


def test_a_consent_column_that_is_gone_for_many_holds_the_delivery(office: Office) -> None:
    assert office.deliver("2026-08-31", CROWD).status == "published"
    found = office.deliver("2026-09-30", with_cells(CROWD, 12, consented_on=""))
    assert (found.status, found.refused, "values_lost" in found.reasons) == ("held", 12, True)
    assert found.message and "授权日期" in found.message


@pytest.mark.parametrize(("cells", "kind"), [({"consented_on": ""}, "full"), ({"county": "#N/A"}, "delta")])
def test_a_roster_of_which_nobody_is_accepted_is_rejected(office: Office, cells: dict[str, str], kind: str) -> None:
    assert office.deliver("2026-08-31", CROWD).status == "published"
    before = state(office)
    rows = with_cells(CROWD[:8], 8, **cells)
    path = write_template(office.folder / "tried.csv", rows)
    tried = check(office, office.partner(), path, as_of=date(2026, 9, 30), kind=kind)
    found = office.deliver("2026-09-30", rows, kind=kind, since="2026-08-31" if kind == "delta" else None)
    assert (found.status, found.exit_code, found.rows, found.accepted) == ("rejected", 4, 8, 0)
    assert (found.reasons["nobody_accepted"], state(office) == before) == (1, True)
    assert found.message and ".csv" in found.message and "8 行" in found.message
    assert (tried.outcome.status, len(tried.errors) >= 8) == ("rejected", True)


def test_check_names_the_damaged_cells_and_no_value(office: Office) -> None:
    office.deliver("2026-08-31", CROWD)
    rows = list(CROWD)
    for i, field in enumerate(FIELDS):
        rows[i] = rows[i] | {field: "#VALUE!"}
    path = write_template(office.folder / "tried.csv", rows)
    tried = check(office, office.partner(), path, as_of=date(2026, 9, 30))
    assert tried.outcome.status == "published"
    assert [error["code"] for error in tried.errors] == list(FIELDS.values())
    assert [error["row"] for error in tried.errors] == list(range(2, 2 + len(FIELDS)))
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines))
    assert {error["column"] for error in tried.errors} <= set(header)
