"""A partner's clerk: opens a letter about faults, looks the people up in the firm's own personnel file, mends the next roster.

Not every fault of it: who mends at all is drawn from row and column, so that a demo that is run twice tells the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MENDED = 75
"""Of a hundred faults so many are mended in the next roster."""
ASIDE = ("整行暂不入库", "整行未收", "此格未采用")
"""How the letter calls what is to be mended; the rest is advice, and stays."""
CONSENT = ("告知", "notice")
"""Whoever puts a consent right writes date and version of the notice."""


@dataclass(frozen=True)
class Fault:
    """A line of a letter: whose cell, of which column, and what is said of it."""

    staff_no: str
    column: str
    reason: str


def open_letter(sealed: bytes, password: str) -> list[Fault]:
    """The faults that a letter names one by one, opened with the password that was agreed."""
    import msoffcrypto  # type: ignore[import-untyped]
    from python_calamine import CalamineWorkbook

    locked, plain = msoffcrypto.OfficeFile(io.BytesIO(sealed)), io.BytesIO()
    locked.load_key(password=password)
    locked.decrypt(plain)
    plain.seek(0)
    rows = CalamineWorkbook.from_filelike(plain).get_sheet_by_index(0).to_python()
    head = next(row for row in rows if "行号" in row)
    at = {str(name): place for place, name in enumerate(head)}
    return [
        Fault(str(row[at["工号"]]), str(row[at["列名"]]), str(row[at["原因"]]))
        for row in rows[rows.index(head) + 1 :]
        if row[at["处理"]] in ASIDE and row[at["工号"]]
    ]


def mend(roster: Path, faults: Iterable[Fault], personnel: Path, out: Path, *, before: Sequence[Path] = ()) -> int:
    """Write `roster` to `out` with faults mended; how many cells were.

    Args:
        personnel: the firm's own file, a CSV (UTF-8) with the roster's columns; the first is the staff number.
        before: earlier rosters, the newest last: a roster of changes lacks who is to be mended; their last row is taken.
    """
    with personnel.open(encoding="utf-8", newline="") as lines:
        known = {next(iter(row.values())): row for row in csv.DictReader(lines)}
    wanted = _wanted(faults, known)
    lead, header, rows = _read(roster)
    key = header.index(next(iter(next(iter(known.values()))))) if known else 0
    there = {row[key] for row in rows}
    for path in reversed(before):
        _, columns, old = _read(path)
        missing = [row for row in old if columns == header and row[key] in wanted and row[key] not in there]
        rows += missing
        there |= {row[key] for row in missing}
    cells = 0
    for row in rows:
        for column, value in wanted.get(row[key], {}).items():
            if column in header and row[header.index(column)] != value:
                row[header.index(column)] = value
                cells += 1
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(out, roster, [*lead, header, *rows])
    return cells


def _wanted(faults: Iterable[Fault], known: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Staff number -> column -> what the firm's own file says."""
    wanted: dict[str, dict[str, str]] = {}
    for fault in faults:
        own = known.get(fault.staff_no, {})
        drawn = hashlib.sha256(f"{fault.staff_no}|{fault.column}".encode()).digest()[0] % 100
        if not own.get(fault.column) or drawn >= MENDED:
            continue
        told = wanted.setdefault(fault.staff_no, {})
        told[fault.column] = own[fault.column]
        if "授权" in fault.reason:
            told |= {name: value for name, value in own.items() if any(word in name.lower() for word in CONSENT)}
    return wanted


def _read(path: Path) -> tuple[list[list[str]], list[str], list[list[str]]]:
    """(lines above the header, header, rows), all as text."""
    if path.suffix == ".xlsx":
        from python_calamine import CalamineWorkbook

        cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        rows = [["" if cell is None else str(cell) for cell in row] for row in cells]
    else:
        rows = list(csv.reader(io.StringIO(_text(path), newline="")))
    head = next(place for place, row in enumerate(rows) if sum(bool(cell) for cell in row) > 1)
    return rows[:head], rows[head], rows[head + 1 :]


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _write(out: Path, like: Path, rows: Sequence[Sequence[str]]) -> None:
    """In the form of the file that it takes the place of."""
    if like.suffix == ".xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet("花名册")
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(at, column, cell)
        return
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    begins = like.read_bytes()[:3] == b"\xef\xbb\xbf"
    try:
        like.read_bytes().decode("utf-8")
        encoding = "utf-8-sig" if begins else "utf-8"
    except UnicodeDecodeError:
        encoding = "gb18030"
    out.write_bytes(text.getvalue().encode(encoding))
