"""Turn bytes into blocks of text columns: decide the encoding strictly, recognise the header, bound each block.

A file is UTF-8 (with or without mark) or GB18030, whole; what is neither, or both in turn, is refused. No byte is
ever replaced or guessed. Blocks are Arrow tables of string columns named by canonical field.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from talentpool.conform.characters.invisible import INVISIBLE, visible_column
from talentpool.conform.characters.unwrapped import WRAPPED, unwrapped_column
from talentpool.conform.files.csv_faults import (
    Column,
    OpenText,
    Record,
    cut_short,
    fault,
    records,
    refuse_head,
    refuse_swallowing_head,
    swallows,
)
from talentpool.conform.files.header import HEAD_LINES, Answers, Header, find_header, refuse_unknown
from talentpool.conform.files.header_rows import is_remark_row
from talentpool.conform.files.nobody import nobody, speaks_of_nobody
from talentpool.conform.files.scan import BLOCK, Open, Part, Scan, Utf8Rows, scan
from talentpool.conform.files.sections import LEAD, Sections, add_sections, refuse_leavers
from talentpool.declare import BRANCH, FIELDS, Partner
from talentpool.errors import RejectedError
from talentpool.finding import Finding

MAX_CELL = 500
"""Characters that are kept of a cell. What stands in plain must fit into a key of an index, 2,700 bytes."""
MAX_LINE = 100_000
"""Characters of a line that may be taken for a remark."""
PLACE = "place"
"""A column beside the fields: in which row of the file, counted from 1 with titles and header, a row stands."""
MARK = "mark"
"""A column beside the fields, only where a file has it: the code under which a row is set aside for how it was written."""
BLANK = ' \t,"\u3000\x1a'
"""What stands in a line that only looks filled; 0x1A is where another file ended before this one was appended."""


@dataclass(frozen=True)
class Source:
    """What a delivered file turned out to be, and its blocks."""

    form: str
    encoding: str
    extra: tuple[str, ...]
    blocks: Iterator[pa.Table]
    findings: tuple[Finding, ...] = ()
    """What of the file a person must decide on before it may be published."""
    notes: Counter[str] = dataclasses.field(default_factory=Counter)
    """Notes of the delivery by code. Reading adds to them: they are complete once the blocks are exhausted."""


def read_csv(open_file: Open, partner: Partner, name: str, answers: Answers | None = None) -> Source:
    """Open a CSV: two passes, the first for the encoding, so that nothing of an undecodable file is staged."""
    scanned = scan(open_file, name)

    def open_text() -> io.TextIOWrapper:
        return io.TextIOWrapper(Part(open_file(), scanned), scanned.encoding, "strict", newline="")  # type: ignore[arg-type]

    head = _head(open_text, partner, name, answers)
    header = head.header
    blocks = _blocks(open_file, open_text, scanned, head, header.notes, name)
    findings = header.findings
    if cut_short(scanned.ending, scanned.encoding, header.width, _last_field(header)):
        findings = (*findings, Finding("file_cut_short"))
    return Source(header.form, scanned.encoding, header.extra, blocks, findings, header.notes)


def _last_field(header: Header) -> str | None:
    return next((field for field, at in header.fields.items() if at == header.width - 1), None)


@dataclass(frozen=True)
class _Head:
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


def _head(open_text: OpenText, partner: Partner, name: str, answers: Answers | None) -> _Head:
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
    return _Head(header, _names(header, first.get(number - 1), last), number, last.line + last.lines - 1, bare)


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


def _blocks(
    open_file: Open, open_text: OpenText, scanned: Scan, head: _Head, notes: Counter[str], name: str
) -> Iterator[pa.Table]:
    """The rows. RejectedError when a line of the file is neither a row, nor a part of a cell, nor speaks of nobody."""
    positions = [f"c{i}" for i in range(head.header.width)]
    wanted = {positions[at]: field for field, at in head.header.fields.items()}
    by_position = {at: field for field, at in head.header.fields.items()}
    wanted |= {} if 0 in by_position else {positions[0]: LEAD}
    wanted |= {place: place for place in positions[head.bare :]}
    columns = [Column(title.strip(), by_position.get(at)) for at, title in enumerate(head.cells)]
    text = Utf8Rows(open_file(), scanned, head.lines)
    stream = io.BufferedReader(text, buffer_size=BLOCK)
    passed: list[int] = []
    sections = Sections()

    def known_of(cells: list[str]) -> dict[str, str]:
        return {by_position[at]: cell.strip(BLANK) for at, cell in enumerate(cells) if at in by_position}

    def is_row(cells: list[str]) -> bool:
        """A total, a remark or a blank line may have fewer cells than a row; anything else means a damaged file."""
        beyond = any(cell.strip(BLANK) for cell in cells[len(positions) :])
        known = known_of(cells)
        swallowing = any(swallows(cell, len(positions)) for cell in cells)
        return beyond or swallowing or not speaks_of_nobody(known, head.titles)

    def unequal(line: pyarrow.csv.InvalidRow) -> str:
        if len(line.text) > MAX_LINE:
            return "error"
        cells = next(csv.reader(io.StringIO(line.text, newline="")), [])
        if is_row(cells):
            return "error"
        passed.append(line.number)
        sections.add_line(known_of(cells), line.number + head.rows)
        if any(cell.strip(BLANK) for cell in cells):
            notes["lines_passed_over"] += 1
        return "skip"

    def reject() -> RejectedError | None:
        return fault(open_text, head.rows, columns, is_row, name)

    if not stream.peek(1):
        return
    read = 0
    try:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(column_names=positions, block_size=BLOCK, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=unequal
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={p: pa.string() for p in positions},
                include_columns=list(wanted),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        at = 1
        for batch in reader:
            read += len(batch)
            table = pa.Table.from_batches([batch]).rename_columns(list(wanted.values()))
            ahead = passed[bisect_left(passed, at) :]
            lines = np.arange(at, at + len(batch) + len(ahead))
            lines = lines[~np.isin(lines, ahead)][: len(batch)]
            at = int(lines[-1]) + 1 if len(lines) else at
            places = pa.array(lines + head.rows)
            _refuse_unnamed(table, positions[head.bare :], places, name)
            rows = tidy(complete(table.append_column(PLACE, places)), head.titles, notes, name, sections)
            add_sections(sections, table, places, rows)
            refuse_leavers(rows, sections, name)
            yield rows
    except (pa.ArrowInvalid, csv.Error):
        # Arrow quotes the row in its message; that row is a person's
        raise reject() or RejectedError(
            "csv_malformed", f"{name}：行列结构不一致，或有未配对的引号；请核对引号与分隔符后重新导出"
        ) from None
    if text.lines and (text.lines.uneven or text.lines.count != head.lines + read + len(passed)):
        broken = reject()
        if broken is not None:
            raise broken


def _refuse_unnamed(table: pa.Table, unnamed: list[str], places: pa.Array, name: str) -> None:
    """RejectedError when a row has something in a column beyond the header, where the first rows only have commas."""
    for column in unnamed:
        filled = pc.greater(pc.binary_length(pc.utf8_trim_whitespace(table[column].combine_chunks())), 0)
        if pc.any(filled).as_py():
            raise RejectedError(
                "csv_malformed",
                f"{name}：第 {places.filter(filled)[0]} 行第 {int(column[1:]) + 1} 列有内容，表头没有这一列；"
                "请补上列名，或删去这一列后重新导出",
            )


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
