"""The one export writer: cells stay text, the same sheets give the same bytes, nothing touches the disk."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from talentpool.guard.export import Column, Sheet, inert, workbook

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "\t=1", "\r\n=1", "\x00=1", "\u200b=1", "\u202e=1",
    "\u00a0 =1", "\ufeff=1", "'=1", "\u2028=1", "\ud800=1", "\ufffe=1", "\u3000＝1", "\x85=1",
]  # fmt: skip


def _book(values: list[str], **facts: object) -> bytes:
    columns = [Column("值", 20)]
    return workbook(
        [Sheet("名单[1]/?", "题", "副题", columns, [[value] for value in values], **facts)],  # type: ignore[arg-type]
        title="题",
        made_on=date(2026, 10, 31),
    )


@pytest.mark.parametrize("value", HOSTILE, ids=[ascii(value) for value in HOSTILE])
def test_what_could_start_a_formula_is_made_inert(value: str) -> None:
    clean = inert(value)
    assert clean.startswith("'")
    assert clean.isprintable()
    (row,) = CalamineWorkbook.from_filelike(BytesIO(_book([value]))).get_sheet_by_index(0).to_python()[3:]
    assert row == [clean]
    cell = openpyxl.load_workbook(BytesIO(_book([value]))).worksheets[0]["A4"]
    assert (cell.data_type, cell.value, cell.number_format) == ("s", clean, "@")


@pytest.mark.parametrize(
    "value", ["王小明", "阿布都·买买提", "𠮷田", "138****8000", "东街站（二部）", "a=b", "7K2Q-9XMD5"]
)
def test_what_a_roster_really_holds_is_left_as_it_is(value: str) -> None:
    assert inert(value) == value


@pytest.mark.parametrize("value", ["http://example.invalid/x", "mailto:x@example.invalid", "12E4-55", "0012", "1.5"])
def test_no_link_and_no_number_is_guessed_from_text(value: str) -> None:
    cell = openpyxl.load_workbook(BytesIO(_book([value]))).worksheets[0]["A4"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", value, None)


def test_line_breaks_inside_a_value_start_no_new_cell() -> None:
    assert inert("东街站\n=1+1\r\n二部") == "东街站 =1+1  二部"


def test_the_same_sheets_give_the_same_bytes_whatever_the_clock_says() -> None:
    first = _book(["甲"])
    assert first == _book(["甲"]) != _book(["乙"])
    assert b"2026-10-31T00:00:00Z" in zipfile.ZipFile(BytesIO(first)).read("docProps/core.xml")


def test_nothing_is_written_to_a_temporary_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was asked for")

    for name in ("mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert len(_book(["甲"] * 2000)) > 5_000


def test_a_long_value_gets_a_taller_row() -> None:
    tab = openpyxl.load_workbook(BytesIO(_book(["短", "长" * 40]))).worksheets[0]
    assert tab.row_dimensions[4].height < 21
    assert tab.row_dimensions[5].height > 60
