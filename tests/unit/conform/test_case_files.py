"""Rosters as partners really sent them: odd staff numbers, times of day, dates for ever, numbers in the wrong column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rosters import Office
from talentpool.check import check
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.match import links, match

CASES = Path(__file__).parents[2] / "cases"


def bring(office: Office, name: str, as_of: str = "2026-10-31", kind: str = "full") -> Outcome:
    return ingest(
        office, office.partner(),
        file=CASES / name, as_of=date.fromisoformat(as_of), kind=kind, count=count_flags,
    )  # fmt: skip


def plain_tables(office: Office) -> str:
    with office.engine.connect() as conn:
        return "\n".join(
            str(row)
            for name in ("source_record", "source_record_history", "quarantine", "station", "delivery", "handled_offer")
            for row in conn.exec_driver_sql(f"select * from {name}").all()
        )


def test_floats_are_the_numbers_they_were(office: Office) -> None:
    bring(office, "staff-number-in-odd-notation/1_good.csv", "2026-09-30")
    known = office.ask("select record_id from source_record order by 1")
    found = bring(office, "staff-number-in-odd-notation/2_floats_delta.csv", kind="delta")
    assert (found.status, found.accepted, found.notes["staff_no_undone"]) == ("published", 20, 20)
    assert office.ask("select record_id from source_record order by 1") == known


def test_wrappers_of_a_staff_number_are_undone_and_a_number_in_powers_of_ten_is_set_aside(office: Office) -> None:
    bring(office, "staff-number-in-odd-notation/1_good.csv", "2026-09-30")
    found = bring(office, "staff-number-in-odd-notation/3_wrappers.csv")
    assert (found.status, found.reasons) == ("published", {"staff_no_damaged": 1})
    assert {row[0] for row in office.ask("select staff_no from source_record")} == {str(n) for n in range(1002, 1022)}


def test_a_long_number_of_a_numeric_cell_never_becomes_another_number(office: Office) -> None:
    found = bring(office, "staff-number-in-odd-notation/4_numeric_18_digits.xlsx")
    stored = {row[0] for row in office.ask("select staff_no from source_record")}
    assert "202410310000012352" not in stored
    assert found.reasons.get("staff_no_damaged", 0) + found.reasons.get("staff_no_doubled", 0) or stored >= {
        "202410310000012345"
    }


@pytest.mark.parametrize("name", ["sheetjs_43s.xlsx", "utc_naive.csv"])
def test_a_midnight_that_was_moved_is_the_day_that_was_meant(office: Office, name: str) -> None:
    found = bring(office, f"day-before-midnight/{name}")
    assert (found.status, found.accepted, found.notes["time_of_day"]) == ("published", 20, 20)
    born = office.ask("select birth_date from source_record order by staff_no")
    assert born[1] == (date(1991, 2, 2),)
    assert 1 not in {day.day for (day,) in born[1:]}


@pytest.mark.parametrize("name", ["sap", "mysql_zero", "y2099", "small_county"])
def test_who_leaves_in_nine_thousand_years_is_still_there(office: Office, name: str) -> None:
    found = bring(office, f"open-ended-9999/{name}.csv")
    assert (found.status, found.accepted, found.quarantined) == ("published", found.rows, 0)
    assert found.notes["date_never"] == found.rows
    assert office.ask("select distinct left_on, status from source_record") == [(None, "active")]


def test_no_personal_number_of_a_plain_column_is_stored(office: Office) -> None:
    found = bring(office, "personal-numbers-in-plain-columns/plain.csv")
    aside = found.reasons.get("staff_no_personal", 0), found.reasons.get("personal_number_misplaced", 0)
    assert all(aside), found.reasons
    match(office.engine, office.keys)
    stored = plain_tables(office) + str(list(links(office.engine)))
    text = (CASES / "personal-numbers-in-plain-columns/plain.csv").read_text(encoding="utf-8-sig")
    numbers = {cell for line in text.splitlines()[1:] for cell in line.split(",") if len(cell) in (11, 18)}
    assert numbers
    assert [number for number in numbers if number in stored] == []
    assert "郭刚斌" not in stored


def test_a_trial_names_row_and_code_of_a_misplaced_number_and_never_the_number(office: Office) -> None:
    checked = check(
        office, office.partner(),
        CASES / "personal-numbers-in-plain-columns/plain.csv", as_of=date(2026, 10, 31),
    )  # fmt: skip
    codes = {error["code"] for error in checked.errors}
    assert {"staff_no_personal", "personal_number_misplaced"} <= codes
    assert "1401999" not in str(checked)
