"""xlsx to the same blocks as CSV: refused by its shape before it is parsed, then read whole (it does not stream)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import pyarrow as pa

from talentpool.conform.dates import from_excel
from talentpool.conform.header import Header, recognise, refuse_unknown
from talentpool.conform.read import HEAD_LINES, Source, complete, tidy
from talentpool.declare import FIELDS, Partner
from talentpool.errors import RejectedError

MAX_BYTES = 64 * 1024**2
MAX_UNPACKED = 512 * 1024**2
MAX_RATIO = 200
MAX_ENTRIES = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
BLOCK_ROWS = 10_000
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DATE_FIELDS = ("birth_date", "hired_on", "left_on", "consented_on")


def is_workbook(head: bytes, name: str) -> bool:
    """By its first bytes, whatever it is called; a name that promises a workbook is treated as one."""
    return (
        head[:4] == b"PK\x03\x04"
        or name.lower().endswith((".xlsx", ".xls", ".xlsm"))
        or head[:4] == b"\xd0\xcf\x11\xe0"
    )


def read_workbook(file: BinaryIO, partner: Partner, name: str) -> Source:
    """The first visible sheet with a known header. RejectedError when the book is not one to open."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    with file:
        data = file.read(MAX_BYTES + 1)
    _inspect(data, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for meta in book.sheets_metadata:
            if meta.visible != SheetVisibleEnum.Visible:
                continue
            rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=True, nrows=MAX_ROWS + HEAD_LINES + 1)
            found = _find_header(rows, partner, name)
            if found is not None:
                header, at = found
                return Source(header.form, "xlsx", header.extra, _blocks(rows[at + 1 :], header, name))
    except (CalamineError, ValueError, KeyError) as error:
        raise RejectedError("workbook_refused", f"{name}: not readable as xlsx ({type(error).__name__})") from None
    raise refuse_unknown(name)


def _inspect(data: bytes, name: str) -> None:
    def refuse(why: str) -> RejectedError:
        return RejectedError("workbook_refused", f"{name}: {why}; save it as a plain xlsx")

    if len(data) > MAX_BYTES:
        raise RejectedError("file_too_large", f"{name}: larger than {MAX_BYTES // 1024**2} MiB; send CSV")
    if data[:4] == COMPOUND:
        raise refuse("encrypted, or of the old xls kind")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):  # the directory may hold any bytes
        raise refuse("not a workbook") from None
    names = {entry.filename.lower() for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 4096):
        raise refuse("it unpacks to far more than it holds")
    if "xl/workbook.xml" not in names:
        raise refuse("not an xlsx workbook")
    if any("vbaproject" in n for n in names):
        raise refuse("it holds macros")
    if any(n.startswith("xl/externallinks/") for n in names):
        raise refuse("it links to other files")


def _find_header(rows: list[list[Any]], partner: Partner, name: str) -> tuple[Header, int] | None:
    for at, cells in enumerate(rows[:HEAD_LINES]):
        if len(cells) > MAX_COLUMNS:
            raise RejectedError("workbook_refused", f"{name}: {len(cells)} columns; at most {MAX_COLUMNS}")
        header = recognise([str(cell) for cell in cells], partner, name)
        if header is not None:
            return header, at
    return None


def _blocks(rows: list[list[Any]], header: Header, name: str) -> Iterator[pa.Table]:
    if len(rows) > MAX_ROWS:
        raise RejectedError("file_too_large", f"{name}: more than {MAX_ROWS} rows; send CSV")
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        columns = {
            field: pa.array([_text(row[at] if at < len(row) else "", field) for row in block], pa.string())
            for field, at in header.fields.items()
        }
        yield tidy(complete(pa.table({f: columns[f] for f in FIELDS if f in columns})))


def _text(cell: Any, field: str) -> str:
    """A cell as a roster would write it. A number in the ID column stays recognisable as one that lost its digits."""
    if cell is None or isinstance(cell, (time, timedelta)):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, (int, float)):
        if field in _DATE_FIELDS and cell < 10_000_000:
            return from_excel(float(cell))
        if field == "document_no" and abs(cell) >= 1e15:
            return f"{float(cell):.0E}"  # what a numeric cell kept of the number; read as precision lost
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return str(cell)
