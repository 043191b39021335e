"""Write a reference table as CSV for the office's spreadsheet, and read it back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from talentpool.errors import UsageError
from talentpool.guard.export import TRIGGERS, write_csv
from talentpool.reference.tables import Table

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 16 * 1024 * 1024


def write_sheet(stream: TextIO, sheet: pd.DataFrame) -> int:
    """Write a frame with a header, as UTF-8 that a spreadsheet recognises; returns how many rows."""
    stream.write("\ufeff")
    return write_csv(
        stream, list(map(str, sheet)), sheet.astype(object).where(sheet.notna(), None).itertuples(index=False)
    )


def read_sheet(path: Path, table: Table) -> list[tuple[str, dict[str, str]]]:
    """Rows of a CSV (UTF-8 or GB18030) as (where it stands, cells); columns in any order, key columns required.

    UsageError names file, line and valid columns.
    """
    lines = _lines(path)
    if not lines:
        raise UsageError(f"{path.name} is empty; its first line names the columns: {', '.join(table.columns)}")
    header = lines[0][1]
    table.known(header, f"{path.name}, line 1: ")
    if len(set(header)) < len(header):
        raise UsageError(f"{path.name}, line 1: a column occurs twice")
    missing = [name for name in table.key if name not in header]
    if missing:
        raise UsageError(f"{path.name}, line 1: column {', '.join(missing)} is missing; it identifies the row")
    rows = []
    for number, cells in lines[1:]:
        where = f"{path.name}, line {number}: "
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise UsageError(f"{where}{len(cells)} cells under {len(header)} columns")
        named = dict(zip(header, cells, strict=True))
        empty = [name for name in table.key if not named[name]]
        if empty:
            raise UsageError(f"{where}column {', '.join(empty)} is empty; it identifies the row")
        rows.append((where, named))
    if not rows:
        raise UsageError(f"{path.name} has a header and no row")
    return rows


def read_columns(path: Path, *titles: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Some columns of anybody's CSV, each known under several titles: (where it stands, cell, cell, ...)."""
    lines = _lines(path)
    header = lines[0][1] if lines else []
    places = []
    for known in titles:
        found = [header.index(title) for title in known if title in header]
        if not found:
            raise UsageError(f"{path.name}, line 1: no column of these: {', '.join(known)}")
        places.append(found[0])
    filled = [(number, cells) for number, cells in lines[1:] if len(cells) > max(places) and any(cells)]
    return [(f"{path.name}, line {number}: ", *(cells[place] for place in places)) for number, cells in filled]


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        return [(reader.line_num, [_given(cell) for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise UsageError(f"{path.name}, line {reader.line_num}: not a CSV line ({error})") from error


def _given(cell: str) -> str:
    """A cell without the mark that `inert` put before what a spreadsheet could take for a formula."""
    cell = cell.strip()
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in TRIGGERS else cell


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path.name} is larger than 16 MiB; a reference table is not")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path.name} is neither UTF-8 nor GB18030; save it as CSV UTF-8")
