"""Parse an uploaded workbook in a process of its own, with little memory and time, and no keys.

It is started by path (`python -I workbook_child.py ROWS ODD TALL MERGED`), imports nothing of the product, reads the workbook
from standard input and writes JSON lines. First one for each sheet: where it stands, its name, whether it is visible,
its size, its first few thousand rows, and marks: what its XML says beside values. Then for each visible sheet
`{"read": place}` and the rows below those, in lists of as many. ODD and TALL are places of parts in the archive: a sheet
whose XML says more than values, or whose last row lies far below; MERGED is 1 where cells are merged, so that it is said
which part a sheet is.
What is said here is data to whoever reads it, never code.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

MEMORY = 1024 * 1024**2
"""Bytes of address space: 200,000 rows of 15 columns take a third of it."""
SECONDS = 120
ROWS_AT_ONCE = 5_000
MAX_WIDTH = 702
MAX_CELL = 32_767
"""Characters: Excel's own limit of a cell. What is longer was not written by a spreadsheet."""
MAX_HIDDEN = 5_000_000
"""Places of a hidden sheet, rows times columns, from which on it is not looked into."""
Rows = list[list[Any]]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    rows_cap = int(sys.argv[1])
    odd, tall, merged = ([int(place) for place in part.split(",") if place] for part in (*sys.argv[2:5], *[""] * 3)[:3])
    data = sys.stdin.buffer.read()
    try:
        _tell(data, rows_cap, odd, tall, merged=bool(merged))
    except MemoryError:
        _say({"refused": "读取所需的内存超出限度"})
    except BrokenPipeError:
        pass  # the reader has what it wanted
    except Exception as error:  # noqa: BLE001 - whatever a stranger's file makes the parser do; its text may hold a value
        _say({"refused": f"无法按 xlsx 工作簿读取，文件可能已损坏（{type(error).__name__}）"})


def _tell(data: bytes, rows_cap: int, odd: list[int], tall: list[int], *, merged: bool) -> None:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        date1904 = _is_1904(archive)
        names = archive.namelist()
        # what only few workbooks need is loaded for those alone
        read = _load_reader() if odd or tall or merged or _has_looks(archive) or _hides(archive) else None
        reader = read("marks").Reader(data, [names[place] for place in odd]) if read else None
        if read and tall:
            data = read("blank_rows").without_blank_rows(archive, [names[place] for place in tall])
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    shown = []
    for place, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        visible = meta.visible == SheetVisibleEnum.Visible
        part = reader.part(place) if reader else ""
        said = {"sheet": place, "part": part, "name": meta.name, "visible": visible, "date1904": date1904}
        seen = reader.marks(place, full=visible) if reader else None
        if not visible and seen is not None and seen.places > MAX_HIDDEN:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        # the last cell counted from the first row and column on; total_height and total_width are one short of it
        height, width = (last + 1 for last in sheet.end) if sheet.end else (0, 0)
        fits = height <= rows_cap and width <= MAX_WIDTH
        # from the first row on, so that a row's number is the one that the spreadsheet shows
        head = _cells(sheet.to_python(skip_empty_area=False, nrows=ROWS_AT_ONCE), 1, seen) if fits else []
        _say({**said, "height": height, "width": width, "head": head, "marks": seen.as_json() if seen else {}})
        if visible and fits:
            shown.append((place, sheet, seen))
    for place, sheet, seen in shown:
        _say({"read": place})
        rows = sheet.to_python(skip_empty_area=False) if (sheet.end or (0,))[0] >= ROWS_AT_ONCE else []
        for start in range(ROWS_AT_ONCE, len(rows), ROWS_AT_ONCE):
            _say({"rows": _cells(rows[start : start + ROWS_AT_ONCE], start + 1, seen)})


def _load_reader() -> Callable[[str], Any]:
    """What is in the folder beside this file: by path, because this process knows no package of the product."""
    folder = Path(__file__).resolve().with_name("workbook_reader")
    spec = importlib.util.spec_from_file_location(
        "workbook_reader", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    sys.modules["workbook_reader"] = importlib.util.module_from_spec(spec)
    return lambda module: importlib.import_module(f"workbook_reader.{module}")


def _has_looks(archive: zipfile.ZipFile) -> bool:
    """Whether a style may strike a cell out, or show a number otherwise than as plain digits."""
    if "xl/styles.xml" not in archive.namelist():
        return False
    with archive.open("xl/styles.xml") as part:
        text = part.read(16 * 1024**2)
    return b"strike" in text or b"formatCode" in text


def _hides(archive: zipfile.ZipFile) -> bool:
    """Whether a sheet is hidden: how far it reaches is to be known before it is parsed."""
    with archive.open("xl/workbook.xml") as part:
        return b"idden" in part.read(1024 * 1024)


def _is_1904(archive: zipfile.ZipFile) -> bool:
    with archive.open("xl/workbook.xml") as part:
        return re.search(rb"date1904\s*=\s*[\"'](1|true)[\"']", part.read(1024 * 1024)) is not None


def _cells(rows: Rows, first: int, seen: Any) -> Rows:
    """Rows as JSON can say them, the first of them row `first` of the sheet, with what the marks say of cells."""
    said = [[_cell(cell) for cell in row] for row in rows]
    if seen is not None and seen.texts:
        for at, row in enumerate(said):
            for column, text in seen.texts.get(first + at, {}).items():
                row += [""] * (column + 1 - len(row))
                row[column] = text if isinstance(text, str) else f"{text[0]}{_plain(row[column])}{text[1]}"
    return said


def _plain(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else cell


def _cell(cell: Any) -> str | float | int | bool:
    """Text as text, a number as a number, a date as YYYY-MM-DD, with its time of day where it has one."""
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise ValueError("a cell larger than Excel can write")
        return cell
    if isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, datetime):
        whole = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        return whole.isoformat() if whole.time() != time() else whole.date().isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
