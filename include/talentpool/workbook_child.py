"""The one program that parses a stranger's workbook: a process of its own, with little memory and time, and no keys.

It is started by path (`python -I workbook_child.py`), imports nothing of the product, reads the workbook from standard
input and writes JSON lines: `{"sheet": ..., "height": ..., "width": ..., "date1904": ...}` for each visible sheet, then
its rows in lists of a few thousand. What is said here is data to whoever reads it, never code. It ends with its reader.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 1024 * 1024**2
"""Bytes of address space: 200,000 rows of 15 columns take a third of it."""
SECONDS = 120
ROWS_AT_ONCE = 5_000
MAX_WIDTH = 702
MAX_CELL = 32_767
"""Characters: Excel's own limit of a cell. What is longer was not written by a spreadsheet."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    rows_cap = int(sys.argv[1])
    data = sys.stdin.buffer.read()
    try:
        _tell(data, rows_cap)
    except MemoryError:
        _say({"refused": "it needs more memory than a roster may"})
    except BrokenPipeError:
        pass  # the reader has what it wanted
    except Exception as error:  # noqa: BLE001 - whatever a stranger's file makes the parser do; its text may hold a value
        _say({"refused": f"not readable as xlsx ({type(error).__name__})"})


def _tell(data: bytes, rows_cap: int) -> None:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    date1904 = _is_1904(data)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for place, meta in enumerate(book.sheets_metadata):
        if meta.visible != SheetVisibleEnum.Visible:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        # the last cell counted from the first row and column on; total_height and total_width are one short of it
        height, width = (last + 1 for last in sheet.end) if sheet.end else (0, 0)
        _say({"sheet": place, "height": height, "width": width, "date1904": date1904})
        if height > rows_cap or width > MAX_WIDTH:
            continue
        # from the first row on, so that a row's number is the one that the spreadsheet shows
        rows = sheet.to_python(skip_empty_area=False)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            _say({"rows": [[_cell(cell) for cell in row] for row in rows[start : start + ROWS_AT_ONCE]]})


def _is_1904(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("xl/workbook.xml") as part:
        return re.search(rb'date1904\s*=\s*"(1|true)"', part.read(1024 * 1024)) is not None


def _cell(cell: Any) -> str | float | int | bool:
    """Text as text, a number as a number, a date as YYYY-MM-DD."""
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise ValueError("a cell larger than Excel can write")
        return cell
    if isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if cell is None or isinstance(cell, (time, timedelta)):
        return ""
    return str(cell)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
