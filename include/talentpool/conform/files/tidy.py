"""Bring a block into one shape: a column for every canonical field, cells trimmed, lines of nobody dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.characters.invisible import INVISIBLE, visible_column
from talentpool.conform.characters.unwrapped import WRAPPED, unwrapped_column
from talentpool.conform.files.nobody import nobody
from talentpool.conform.files.sections import Sections
from talentpool.declare import BRANCH, FIELDS

MAX_CELL = 500
"""Characters that are kept of a cell. What stands in plain must fit into a key of an index, 2,700 bytes."""
PLACE = "place"
"""A column beside the fields: in which row of the file, counted from 1 with titles and header, a row stands."""
MARK = "mark"
"""A column beside the fields, only where a file has it: the code under which a row is set aside for how it was written."""


def complete(table: pa.Table) -> pa.Table:
    """Every canonical field as a column, '' where the file has none."""
    empty = pa.array([""] * len(table), pa.string())
    columns = {f: table[f].combine_chunks() if f in table.column_names else empty for f in FIELDS}
    return pa.table(columns | {name: table[name] for name in (BRANCH, PLACE, MARK) if name in table.column_names})


def tidy(table: pa.Table, titles: Mapping[str, str], notes: Counter[str], source: str, sections: Sections) -> pa.Table:
    """Trim every cell and take out what is no part of its value; drop blank lines and those that speak of nobody, counted;
    headings of sections are added to `sections`.

    RejectedError, with the name of the file, at a second header under which the columns mean something else.
    """
    columns = {}
    hidden = wrapped = None
    for field in (*FIELDS, BRANCH) if BRANCH in table.column_names else FIELDS:
        column, here = visible_column(pc.utf8_trim_whitespace(table[field].combine_chunks()))
        if here is not None:
            hidden = here if hidden is None else pc.or_(hidden, here)
        if field != "staff_no":
            column, came_off = unwrapped_column(column)
            if came_off is not None:
                wrapped = came_off if wrapped is None else wrapped | came_off
        if len(column) and (pc.max(pc.utf8_length(column)).as_py() or 0) > MAX_CELL:
            column = pc.utf8_slice_codeunits(column, 0, MAX_CELL)
        columns[field] = column
    columns |= {name: table[name] for name in (PLACE, MARK) if name in table.column_names}
    if hidden is not None:
        columns[INVISIBLE] = hidden
    if wrapped is not None:
        columns[WRAPPED] = pa.array(wrapped)
    table = pa.table(columns)
    dropped = nobody(table, titles, source, sections) if len(table) else None
    if dropped is None:
        return table
    mask, lines = dropped
    if lines:
        notes["lines_passed_over"] += lines
    return table.filter(pa.array(~mask))
