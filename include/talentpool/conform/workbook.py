"""xlsx to the same blocks as CSV: refused by its shape before it is parsed, then parsed by a limited process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

import talentpool
from talentpool.conform.dates import from_excel
from talentpool.conform.header import Header, recognise, refuse_unknown
from talentpool.conform.read import HEAD_LINES, PLACE, Source, complete, tidy
from talentpool.conform.workbook_shape import MAX_BYTES, MAX_ROWS, MAX_TITLES, inspect
from talentpool.declare import FIELDS, Partner
from talentpool.errors import RejectedError

MAX_COLUMNS = 200
PATIENCE = 300
"""Seconds until a workbook's process is ended whatever it does; it may compute for less."""
CHILD = Path(talentpool.__file__).with_name("workbook_child.py")
_DATE_FIELDS = ("birth_date", "hired_on", "left_on", "consented_on")
_DAYS_TO_1904 = 1462
Cell = str | float | int | bool


def read_workbook(file: BinaryIO, partner: Partner, name: str) -> Source:
    """The first visible sheet with a known header. RejectedError when the book is not one to open."""
    with file:
        data = file.read(MAX_BYTES + 1)
    inspect(data, name)
    said = _Parsed(data, name)
    try:
        for sheet in said.sheets():
            found = _find_header(sheet, partner, name)
            if found is not None:
                header, rest = found
                return Source(header.form, "xlsx", header.extra, _blocks(rest, sheet, header, said))
    except BaseException:
        said.close()
        raise
    said.close()
    raise refuse_unknown(name)


def workbook_text(data: bytes, name: str) -> Iterator[str]:
    """Every text cell of a book, sheet by sheet and row by row; of any book, not only a roster. RejectedError as above."""
    inspect(data, name)
    said = _Parsed(data, name)
    try:
        for sheet in said.sheets():
            for part in sheet.rows:
                yield from (cell for row in part for cell in row if isinstance(cell, str))
    finally:
        said.close()


class _Sheet:
    """One visible sheet: its rows in lists, to be read once and before the next sheet."""

    def __init__(self, facts: dict[str, Any], rows: Iterator[list[list[Cell]]]) -> None:
        self.height, self.width, self.date1904 = facts["height"], facts["width"], facts["date1904"]
        self.rows = rows
        self.below = 1
        """The row below the header, counted from 1."""


class _Parsed:
    """What the child says of a workbook. RejectedError when it refuses, or dies of its limits."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), str(MAX_ROWS + MAX_TITLES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
        )  # fmt: skip
        self._timer = threading.Timer(PATIENCE, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        # it reads everything before it says anything, so this cannot block for ever
        threading.Thread(target=self._feed, args=(data,), daemon=True).start()
        self._held: dict[str, Any] | None = None

    def _feed(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as pipe:
                pipe.write(data)
        except BrokenPipeError:
            pass  # it died; what reads its answer will see that

    def sheets(self) -> Iterator[_Sheet]:
        while (facts := self._next()) is not None:
            if "sheet" in facts:
                yield _Sheet(facts, self._rows())

    def _rows(self) -> Iterator[list[list[Cell]]]:
        while (said := self._next()) is not None:
            if "rows" not in said:
                self._held = said
                return
            yield said["rows"]

    def _next(self) -> dict[str, Any] | None:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            said = json.loads(line)
            if "refused" in said:
                raise self._refuse(said["refused"])
            return dict(said)
        if self._process.wait() != 0:
            raise self._refuse("it needs more memory or time than a roster may")
        return None

    def _refuse(self, why: str) -> RejectedError:
        return RejectedError("workbook_refused", f"{self._name}: {why}; save it as a plain xlsx, or send CSV")

    def close(self) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _find_header(sheet: _Sheet, partner: Partner, name: str) -> tuple[Header, Iterator[list[list[Cell]]]] | None:
    """The header among the first rows, and the rows below it."""
    if sheet.height > MAX_ROWS + MAX_TITLES:
        raise RejectedError("file_too_large", f"{name}: more than {MAX_ROWS} rows; send CSV")
    if sheet.width > MAX_COLUMNS:
        raise RejectedError("workbook_refused", f"{name}: {sheet.width} columns; at most {MAX_COLUMNS}")
    first = next(sheet.rows, [])
    for at, cells in enumerate(first[:HEAD_LINES]):
        header = recognise([str(cell) for cell in cells], partner, name)
        if header is not None:
            sheet.below = at + 2
            return header, _from(first[at + 1 :], sheet.rows)
    return None


def _from(first: list[list[Cell]], rest: Iterator[list[list[Cell]]]) -> Iterator[list[list[Cell]]]:
    yield first
    yield from rest


def _blocks(parts: Iterator[list[list[Cell]]], sheet: _Sheet, header: Header, said: _Parsed) -> Iterator[pa.Table]:
    try:
        place = sheet.below
        for rows in parts:
            columns = {
                field: pa.array([_text(row[at] if at < len(row) else "", field, sheet) for row in rows], pa.string())
                for field, at in header.fields.items()
            }
            columns = {f: columns[f] for f in FIELDS if f in columns}
            columns[PLACE] = pa.array(range(place, place + len(rows)), pa.int64())
            yield tidy(complete(pa.table(columns)))
            place += len(rows)
    finally:
        said.close()


def _text(cell: Cell, field: str, sheet: _Sheet) -> str:
    """A cell as a roster would write it. A number in the ID column stays recognisable as one that lost its digits."""
    if isinstance(cell, (str, bool)):
        return str(cell)
    if field in _DATE_FIELDS and cell < 10_000_000:
        return from_excel(float(cell) + (_DAYS_TO_1904 if sheet.date1904 else 0))
    if field == "document_no" and abs(cell) >= 1e15:
        return f"{float(cell):.0E}"  # what a numeric cell kept of the number; read as precision lost
    return str(int(cell)) if float(cell).is_integer() else repr(cell)
