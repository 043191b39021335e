"""Find the header of a CSV, and the names of its columns in one row or two."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from talentpool.conform.files.csv_faults import OpenText, Record, records, refuse_head, refuse_swallowing_head
from talentpool.conform.files.header import HEAD_LINES, Answers, Header, find_header, refuse_unknown
from talentpool.conform.files.header_rows import is_remark_row
from talentpool.declare import Partner


@dataclass(frozen=True)
class Head:
    """A header, its cells, and how many rows and lines of the file stand before the data. `bare`: from which column on
    rows reach beyond it, with nothing but commas."""

    header: Header
    cells: list[str]
    rows: int
    lines: int
    bare: int

    @property
    def titles(self) -> dict[str, str]:
        return titles(self.header, self.cells)


def titles(header: Header, cells: Sequence[str]) -> dict[str, str]:
    """The header's own text by field, as a line that says it again has it."""
    return {field: cells[at].strip() for field, at in header.fields.items() if at < len(cells)}


def read_head(open_text: OpenText, partner: Partner, name: str, answers: Answers | None) -> Head:
    """RejectedError when no header is found, or when it holds rows of people."""
    first: dict[int, Record] = {}

    def rows(text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        for row in records(text):
            if row.number <= HEAD_LINES + 1:
                first[row.number] = row
            yield row.number, row.cells

    def look(number: int, cells: list[str]) -> None:
        swallowing = refuse_swallowing_head(cells, number, name)
        if swallowing is not None:
            raise refuse_head(open_text, partner, name) or swallowing

    with open_text() as text:
        found = find_header(rows(text), partner, name, answers, look=look)
    if found is None:
        raise refuse_head(open_text, partner, name) or refuse_unknown(name)
    header, number = found
    last, below, bare = first[number], first.get(number + 1), header.width
    if below is not None and any(below.cells[: header.width]) and not any(below.cells[header.width :]):
        header.width = max(header.width, len(below.cells))  # every row ends in commas that the header lacks
    return Head(header, _names(header, first.get(number - 1), last), number, last.line + last.lines - 1, bare)


def _names(header: Header, upper: Record | None, lower: Record) -> list[str]:
    """What the columns are called, one name for each, of a header in one row or two."""
    cells = [*lower.cells, *[""] * (header.width - len(lower.cells))]
    if upper is None or not header.notes["header_rows"]:
        return cells
    above = [*upper.cells, *[""] * (len(cells) - len(upper.cells))][: len(cells)]
    return (
        above
        if is_remark_row(lower.cells)
        else [low if low.strip() else up for up, low in zip(above, cells, strict=True)]
    )
