"""Turn an xlsx into the same blocks as a CSV: judge its shape first, then parse it in a limited process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import pyarrow as pa

from talentpool.conform.files.header import Answers
from talentpool.conform.files.read import Source
from talentpool.conform.files.sections import LEAD, Sections, add_sections, refuse_leavers
from talentpool.conform.files.tidy import MARK, PLACE, complete, tidy
from talentpool.conform.values.dates import from_excel
from talentpool.conform.workbook.parsed import CHILD, Cell, Parsed, Rows, Sheet
from talentpool.conform.workbook.shape import MAX_BYTES, inspect
from talentpool.conform.workbook.sheets import Roster, choose, pictures
from talentpool.declare import BRANCH, FIELDS, Partner

STRUCK = "row_struck"
_DATE_FIELDS = ("birth_date", "hired_on", "left_on", "consented_on")
_DAYS_TO_1904 = 1462
_EXACT = 1e15
"""A cell keeps fifteen digits of a number; from here on the last ones are not those that were typed."""


def read_workbook(file: BinaryIO, partner: Partner, name: str, answers: Answers | None = None) -> Source:
    """The first visible sheet that is a roster. RejectedError when the book is not one to open."""
    with file:
        data = file.read(MAX_BYTES + 1)
    seen = inspect(data, name)
    parsed = Parsed(data, name, seen, CHILD)
    try:
        read, findings, notes = choose(parsed.sheets(), partner, name, answers)
    except BaseException:
        parsed.close()
        raise
    notes += pictures(seen, read)
    header = read.header
    findings, notes = (*header.findings, *findings), notes + header.notes
    source = Source(header.form, "xlsx", header.extra, iter(()), findings, notes)
    return Source(header.form, "xlsx", header.extra, _blocks(parsed, read, source, name), findings, notes)


def workbook_text(data: bytes, name: str) -> Iterator[str]:
    """Every text cell of a book, sheet by sheet and row by row; of any book, not only a roster. RejectedError as above."""
    parsed = Parsed(data, name, inspect(data, name), CHILD)
    try:
        heads = [sheet.head for sheet in parsed.sheets() if sheet.visible]
        for rows in chain(heads, parsed.rest()):
            yield from (cell for row in rows for cell in row if isinstance(cell, str))
    finally:
        parsed.close()


def _blocks(parsed: Parsed, read: Roster, source: Source, name: str) -> Iterator[pa.Table]:
    try:
        sheet, first = read.sheet, 1
        merged, sections = _Merged(read), Sections()
        for rows in parsed.rows(sheet):
            place, first = first, first + len(rows)
            if place <= read.row:
                rows, place = rows[read.row + 1 - place :], read.row + 1
            source.notes.update({"cells_merged": filled} if (filled := merged.fill(rows, place)) else {})
            columns = {
                field: pa.array([_text(row[at] if at < len(row) else "", field, sheet) for row in rows], pa.string())
                for field, at in read.header.fields.items()
            }
            columns = {f: columns[f] for f in (*FIELDS, BRANCH) if f in columns}
            columns[PLACE] = pa.array(range(place, place + len(rows)), pa.int64())
            if sheet.struck:
                columns[MARK] = _struck(columns, read, place, len(rows))
            tidied = tidy(complete(pa.table(columns)), read.titles, source.notes, name, sections)
            if 0 not in read.header.fields.values():
                lead = pa.table({LEAD: pa.array([str(row[0]) if row else "" for row in rows], pa.string())})
                add_sections(sections, lead, columns[PLACE], tidied)
            refuse_leavers(tidied, sections, name)
            yield tidied
    finally:
        parsed.close()


def _text(cell: Cell, field: str, sheet: Sheet) -> str:
    """A cell as a roster would write it. A number that lost its digits stays recognisable as one, in any column."""
    if isinstance(cell, (str, bool)):
        return str(cell)
    if field in _DATE_FIELDS and cell < 10_000_000:
        return from_excel(float(cell), _DAYS_TO_1904 if sheet.date1904 else 0)
    if abs(cell) >= _EXACT:
        return f"{float(cell):.0E}" if field == "document_no" else f"{float(cell):.16E}"
    return str(int(cell)) if float(cell).is_integer() else repr(cell)


class _Merged:
    """Cells merged down over rows of the roster: what the first says is true of all."""

    def __init__(self, read: Roster) -> None:
        wanted = set(read.header.fields.values())
        self._spans = sorted(
            (top, bottom, column)
            for top, column, bottom, _ in read.sheet.merges
            if top > read.row and bottom > top and column in wanted
        )
        self._values: dict[tuple[int, int], Cell] = {}

    def fill(self, rows: Rows, place: int) -> int:
        """Fill the rows in place, the first of them row `place` of the sheet; returns how many cells were filled."""
        end, filled = place + len(rows), 0
        for top, bottom, column in self._spans:
            if top >= end or bottom < place:
                continue
            if top >= place:
                row = rows[top - place]
                self._values[top, column] = row[column] if column < len(row) else ""
            value = self._values.get((top, column), "")
            for row in rows[max(top + 1, place) - place : bottom + 1 - place] if value != "" else ():
                row += [""] * (column + 1 - len(row))
                row[column] = value
                filled += 1
        return filled


def _struck(columns: dict[str, pa.Array], read: Roster, place: int, count: int) -> pa.Array:
    """Marks rows of which a cell is struck out: whoever did it took the person off. A date of leaving says as much."""
    wanted = set(read.header.fields.values())
    left = columns.get("left_on")
    marks = [""] * count
    for row, cells in read.sheet.struck.items():
        at = row - place
        if 0 <= at < count and wanted.intersection(cells) and not (left is not None and left[at].as_py().strip()):
            marks[at] = STRUCK
    return pa.array(marks, pa.string())
