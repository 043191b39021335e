"""Workbooks delivered for real: nobody on them is lost or taken without a code, a note or a question."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from rosters import Office, person
from talentpool.check import check
from talentpool.decide import decide
from talentpool.declare import TEMPLATE_V1
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.settings import Settings
from talentpool.template import write_template

CASES = Path(__file__).resolve().parents[1] / "cases"
AS_OF = date(2026, 10, 31)
ROWS = [[person(n).get(field, "") for field in TEMPLATE_V1.values()] for n in range(1, 31)]


def deliver(office: Office, path: Path) -> Outcome:
    return ingest(
        office,
        office.partner(),
        file=path,
        as_of=AS_OF,
        kind="full",
        count=count_flags,
    )


def write(path: Path, **sheets: list[list[str]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate([list(TEMPLATE_V1), *rows]):
                sheet.write_row(at, 0, row)
    return path


def decided(office: Office, held: Outcome, choice: Any) -> Outcome:
    assert held.delivery_id is not None
    return decide(
        office,
        office.partner(),
        held.delivery_id,
        choice,
        by="officer",
        reason="seen",
    )


@pytest.mark.parametrize("name", ["two_counties", "two_months_older_first", "left_on_second_sheet"])
def test_a_workbook_with_two_rosters_is_held_and_says_which_sheets(office: Office, name: str) -> None:
    path = CASES / "second-sheet-ignored" / f"{name}.xlsx"
    held = deliver(office, path)
    assert (held.status, held.reasons.get("sheet_unread"), held.exit_code) == ("held", 1, 3)
    assert (
        held.message is not None
        and "第 2 张" in held.message
        and "选择全部入库即只按已读取的工作表入库" in held.message
    )
    tried = check(office, office.partner(), path, as_of=AS_OF, kind="full")
    assert tried.outcome.status in ("held", "duplicate")
    assert office.one("select count(*) from source_record") == 0


def test_all_publishes_the_sheet_that_was_read_and_reject_nobody(office: Office) -> None:
    held = deliver(office, CASES / "second-sheet-ignored" / "two_counties.xlsx")
    published = decided(office, held, "all")
    assert (published.status, published.accepted) == ("published", 20)
    assert office.one("select count(*) from source_record") == 20


@pytest.mark.parametrize("name", ["empty_250k", "space_in_last_row"])
def test_thirty_people_above_empty_rows_are_thirty_people(office: Office, name: str) -> None:
    outcome = deliver(office, CASES / "empty-formatted-rows" / f"{name}.xlsx")
    assert (outcome.status, outcome.rows, outcome.accepted) == ("published", 30, 30)


def test_a_staff_number_is_the_one_that_the_sheet_shows(office: Office) -> None:
    outcome = deliver(office, CASES / "staff-number-in-odd-notation" / "5_zero_format.xlsx")
    assert (outcome.status, outcome.accepted) == ("published", 20)
    assert "00001002" in {row[0] for row in office.ask("select staff_no from source_record")}


def test_a_wrong_staff_number_of_eighteen_digits_never_reaches_the_pool(office: Office) -> None:
    deliver(office, CASES / "staff-number-in-odd-notation" / "4_numeric_18_digits.xlsx")
    numbers = {row[0] for row in office.ask("select staff_no from source_record")}
    assert not any(number.isdigit() for number in numbers)


def test_a_struck_row_is_set_aside_and_its_record_stays_as_it_was(office: Office) -> None:
    office.deliver("2026-09-30", [person(n) for n in range(1, 31)])
    before = office.one("select count(*) from source_record where status = 'active'")
    path = office.folder / "struck.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, struck = book.add_worksheet("名册"), book.add_format({"font_strikeout": True})
        for at, row in enumerate([list(TEMPLATE_V1), *ROWS]):
            sheet.write_row(at, 0, row, struck if at == 7 else None)
    outcome = deliver(office, path)
    assert (outcome.status, outcome.quarantined, outcome.reasons) == ("published", 1, {"row_struck": 1})
    assert outcome.accepted == 29
    assert office.one("select count(*) from source_record where status = 'active'") == before
    tried = check(office, office.partner(), path, as_of=date(2026, 11, 1), kind="full")
    assert [(error["row"], error["code"]) for error in tried.errors] == [(8, "row_struck")]


def test_rows_hidden_by_hand_are_asked_about(office: Office) -> None:
    path = office.folder / "hidden.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("名册")
        for at, row in enumerate([list(TEMPLATE_V1), *ROWS]):
            sheet.write_row(at, 0, row)
        sheet.set_row(4, None, None, {"hidden": True})
    held = deliver(office, path)
    assert (held.status, held.reasons) == ("held", {"rows_hidden": 1})
    assert held.message is not None and "共 1 行：第 5 行" in held.message
    assert decided(office, held, "all").accepted == 30


def test_our_own_template_filled_is_not_held(office: Office, settings: Settings) -> None:
    """It has a sheet of explanations and a hidden one of choices."""
    import openpyxl

    path = office.folder / "template.xlsx"
    write_template(path, settings)
    book = openpyxl.load_workbook(path)
    for row in ROWS:
        book["名册"].append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(buffer.getvalue())
    outcome = deliver(office, path)
    assert (outcome.status, outcome.accepted, outcome.notes) == ("published", 30, {})


def test_a_plain_roster_and_its_workbook_come_to_the_same(office: Office) -> None:
    outcome = deliver(office, write(office.folder / "plain.xlsx", 名册=ROWS))
    assert (outcome.status, outcome.accepted, outcome.reasons, outcome.notes) == ("published", 30, {}, {})


def test_people_beside_the_roster_are_asked_about_by_their_columns(office: Office) -> None:
    beside = [[f"R{n}", "张" + chr(0x5B50 + n), f"1391000{n:04d}"] for n in range(40, 70)]
    path = write(
        office.folder / "beside.xlsx", 名册=[[*row, "", *more] for row, more in zip(ROWS, beside, strict=True)]
    )
    held = deliver(office, path)
    assert (held.status, held.reasons) == ("held", {"people_beside": 1})
    assert held.message is not None and "第 17、18、19 列没有读取" in held.message
    assert decided(office, held, "all").accepted == 30
