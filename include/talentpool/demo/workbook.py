"""Write a roster as the platform's export does: a title, its own headers, dates as Excel numbers, some cells formulas,
and a hidden sheet of other people that nobody may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

TITLE = "骑手花名册（内部资料，注意保密）"
MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - what a workbook says of itself has no time zone
DATES = ("birth_date", "hired_on", "left_on", "consented_on")
FORMULA_EVERY = 40
"""Every so many rows the station is a formula with its value beside it, as exports do."""


def write_workbook(path: Path, columns: Mapping[str, str], rows: Sequence[Sequence[str]]) -> None:
    """Write `rows` (cells in the order of `columns`: header -> field). The same arguments give the same bytes."""
    import xlsxwriter

    fields = list(columns.values())
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("花名册")
        sheet.merge_range(0, 0, 0, len(fields) - 1, TITLE)
        sheet.write_row(1, 0, list(columns))
        for at, row in enumerate(rows, start=2):
            for column, (field, cell) in enumerate(zip(fields, row, strict=True)):
                if field in DATES and (number := _serial(cell)) is not None:
                    sheet.write_number(at, column, number, day)
                elif field == "station" and at % FORMULA_EVERY == 0 and '"' not in cell:
                    sheet.write_formula(at, column, f'="{cell}"', None, cell)
                elif cell:
                    sheet.write_string(at, column, cell)
        hidden = book.add_worksheet("离职归档")
        hidden.write_row(0, 0, list(columns))
        hidden.write_row(1, 0, ["X0000001", "不应读取", *[""] * (len(fields) - 2)])
        hidden.hide()


def _serial(cell: str) -> int | None:
    """Days since Excel's beginning of time for YYYY-MM-DD; None for everything else, which stays text."""
    try:
        return (date.fromisoformat(cell) - date(1899, 12, 30)).days if len(cell) == len("2026-10-31") else None
    except ValueError:
        return None
