"""Days written as moments, and the words and days that stand for no date."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from talentpool.conform.values.dates import from_excel, read_date, read_dates

DAY = date(1991, 2, 2)
SUMMER = date(1990, 6, 15)


@pytest.mark.parametrize(
    ("cell", "day", "noted"),
    [
        ("1991/2/2 0:00", DAY, False),
        ("1991-02-02 00:00:00", DAY, False),
        ("1991-02-02 00:00:00.000000", DAY, False),
        ("1991-02-02T00:00:00+08:00", DAY, False),
        ("1991-02-02T00:00:00Z", DAY, False),
        ("1991/2/2 12:00:00 AM", DAY, False),
        ("1991/2/2 上午 12:00:00", DAY, False),
        ("1991年2月2日 0时0分", DAY, False),
        ("19910202000000", DAY, False),
        ("1991-02-01T23:59:17", DAY, True),
        ("1991-02-01T23:54:17", DAY, True),
        ("1991-02-01T16:00:00", DAY, True),
        ("1991-02-01 16:00", DAY, True),
        ("1991-02-01T16:00:00Z", DAY, True),
        ("1991-02-01T16:00:00.000Z", DAY, True),
        ("1991-02-01T16:00:00+00:00", DAY, True),
        ("1991-02-01T16:00:00+0000", DAY, True),
        ("665424000", DAY, True),
        ("665424000000", DAY, True),
        ("1990-06-14T15:00:00.000Z", SUMMER, True),
        ("1990-06-14 15:00:00", SUMMER, True),
        ("1990-06-14 23:00:00", SUMMER, True),
        ("1991-02-02T00:00:00+10:00", DAY, True),
        ("19910201T160000Z", DAY, True),
        ("1991-02-02Z", DAY, False),
        ("1991/2/2 4:00 PM", DAY, True),
        ("1991/2/2 下午4:00", DAY, True),
        ("1991-02-02 10:11:12", DAY, True),
        ("1991-02-02T08:00:00", DAY, True),
    ],
)
def test_a_birth_date_with_a_time_is_the_day_that_was_meant(cell: str, day: date, noted: bool) -> None:
    read = read_date(cell, "birth_date")
    assert (read.day, read.letter, read.note) == (day, "o", "time_of_day" if noted else "")


@pytest.mark.parametrize("cell", ["1991-02-02 25:00", "1991-02-02 noon", "13812345678", "665424001", "199102300000"])
def test_what_is_no_moment_is_no_birth_date(cell: str) -> None:
    assert read_date(cell, "birth_date").letter == "x"


def test_the_last_second_of_the_last_day_is_that_day() -> None:
    assert read_date("2026-09-30 23:59:59", "left_on").day == date(2026, 9, 30)
    assert read_date("2025-01-01 23:57:03", "consented_on").day == date(2025, 1, 1)
    assert read_date("1725165296123", "consented_on").day == date(2024, 9, 1)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2025-03-01 16:00:00", 1), ("2025-03-01T23:30:00", 1), ("2025-03-01T16:00:00Z", 2), ("2025-03-01T15:59:59Z", 1),
     ("2025-03-01T23:30:00+08:00", 1), ("2025-03-01T20:00:00-08:00", 2)],
)  # fmt: skip
def test_a_consent_is_of_the_day_that_is_written_unless_a_zone_says_otherwise(cell: str, day: int) -> None:
    assert read_date(cell, "consented_on").day == date(2025, 3, day)


@pytest.mark.parametrize("number", [1990, 2024, 2024.3, 2100, float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("later", [0, 1462])
def test_a_year_and_what_is_no_number_are_no_day_of_a_spreadsheet(number: float, later: int) -> None:
    assert read_date(from_excel(number, later), "hired_on").letter in "xm"


NEVER = ["9999-12-31", "99991231", "2099-12-31", "9999/12/31 0:00:00", "9999-12-31T23:59:59", "0000-00-00",
         "0000-00-00 00:00:00", "0001-01-01", "-0001-11-30", "1900-01-01", "1900-01-00", "1900/1/0", "1899-12-30",
         "1970-01-01", "1970-01-01 08:00:00", "1969-12-31T16:00:00Z", "无", "-", "/", "NULL", "null", "N/A", "0"]  # fmt: skip


@pytest.mark.parametrize("field", ["birth_date", "hired_on", "left_on", "consented_on"])
@pytest.mark.parametrize("cell", NEVER)
def test_the_customary_never_is_no_date_and_no_fault(cell: str, field: str) -> None:
    column = read_dates(pa.array([cell, "2000-01-01"]), date(2026, 10, 31), field)
    assert column.letter.tolist() == ["n" if field == "left_on" else "m", "o"]
    assert column.never.tolist() == [True, False]


@pytest.mark.parametrize("cell", ["长期", "至今", "在职", "2058-01-01"])
def test_who_stays_on_has_no_leaving_date_and_only_that_column_says_so(cell: str) -> None:
    assert read_dates(pa.array([cell]), date(2026, 10, 31), "left_on").letter.tolist() == ["n"]
    assert read_dates(pa.array([cell]), date(2026, 10, 31), "hired_on").letter.tolist() in (["x"], ["f"])


def test_a_leaving_date_of_the_coming_years_is_one() -> None:
    column = read_dates(pa.array(["2027-03-31", "2030-12-31"]), date(2026, 10, 31), "left_on")
    assert column.letter.tolist() == ["o", "o"]


def test_the_last_day_of_excel_is_a_date_and_a_year_with_a_month_is_none() -> None:
    assert from_excel(2_958_465) == "9999-12-31"
    assert read_date(from_excel(202_609), "left_on").letter == "x"


def test_a_serial_keeps_its_time_of_day_to_the_second() -> None:
    assert from_excel(33271 - 43 / 86_400) == "1991-02-01T23:59:17"
    assert from_excel(33271 - 1e-9) == "1991-02-02"
    assert from_excel(2_958_465.99999999) == "9999-12-31"
