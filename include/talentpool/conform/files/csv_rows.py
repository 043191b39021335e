"""Read the rows of a CSV below its header, block by block, and account for every line that is none."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from talentpool.conform.files.csv_faults import Column, OpenText, fault, swallows
from talentpool.conform.files.csv_head import Head
from talentpool.conform.files.nobody import speaks_of_nobody
from talentpool.conform.files.scan import BLOCK, Open, Scan, Utf8Rows
from talentpool.conform.files.sections import LEAD, Sections, add_sections, refuse_leavers
from talentpool.conform.files.tidy import PLACE, complete, tidy
from talentpool.errors import RejectedError

MAX_LINE = 100_000
"""Characters of a line that may be taken for a remark."""
BLANK = ' \t,"\u3000\x1a'
"""What stands in a line that only looks filled; 0x1A is where another file ended before this one was appended."""


class Rows:
    """The rows of one file: read once, from the first to the last."""

    def __init__(self, open_file: Open, open_text: OpenText, scanned: Scan, head: Head, name: str) -> None:
        self._open_file, self._open_text, self._scanned, self._head, self._name = (
            open_file, open_text, scanned, head, name,
        )  # fmt: skip
        self._positions = [f"c{i}" for i in range(head.header.width)]
        self._fields = {at: field for field, at in head.header.fields.items()}
        self._passed: list[int] = []
        """Lines that were no rows, counted from 1 below the header."""
        self._sections = Sections()

    def blocks(self) -> Iterator[pa.Table]:
        """RejectedError when a line is neither a row, nor a part of a cell, nor speaks of nobody."""
        text = Utf8Rows(self._open_file(), self._scanned, self._head.lines)
        stream = io.BufferedReader(text, buffer_size=BLOCK)
        if not stream.peek(1):
            return
        read, at = 0, 1
        try:
            for batch in self._reader(stream):
                read += len(batch)
                lines = self._lines_from(at, len(batch))
                at = int(lines[-1]) + 1 if len(lines) else at
                yield self._block(batch, pa.array(lines + self._head.rows))
        except (pa.ArrowInvalid, csv.Error):
            # Arrow quotes the row in its message; that row is a person's
            raise self._fault() or RejectedError(
                "csv_malformed", f"{self._name}：行列结构不一致，或有未配对的引号；请核对引号与分隔符后重新导出"
            ) from None
        if text.lines and (text.lines.uneven or text.lines.count != self._head.lines + read + len(self._passed)):
            broken = self._fault()
            if broken is not None:
                raise broken

    def _wanted(self) -> dict[str, str]:
        """Which columns are read, and what they are called: the fields, the first one for headings, and the unnamed."""
        wanted = {self._positions[at]: field for at, field in self._fields.items()}
        if 0 not in self._fields:
            wanted[self._positions[0]] = LEAD
        return wanted | {unnamed: unnamed for unnamed in self._unnamed}

    @property
    def _unnamed(self) -> list[str]:
        return self._positions[self._head.bare :]

    def _reader(self, stream: io.BufferedReader[Utf8Rows]) -> pyarrow.csv.CSVStreamingReader:
        return pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(column_names=self._positions, block_size=BLOCK, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=self._pass_over
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={p: pa.string() for p in self._positions},
                include_columns=list(self._wanted()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _pass_over(self, line: pyarrow.csv.InvalidRow) -> str:
        """Arrow asks about a line of another number of cells: skip what speaks of nobody, stop at anything else."""
        if len(line.text) > MAX_LINE:
            return "error"
        cells = next(csv.reader(io.StringIO(line.text, newline="")), [])
        if self._is_row(cells):
            return "error"
        self._passed.append(line.number)
        self._sections.add_line(self._known(cells), line.number + self._head.rows)
        if any(cell.strip(BLANK) for cell in cells):
            self._head.header.notes["lines_passed_over"] += 1
        return "skip"

    def _is_row(self, cells: list[str]) -> bool:
        """A total, a remark or a blank line may have fewer cells than a row; anything else means a damaged file."""
        width = len(self._positions)
        beyond = any(cell.strip(BLANK) for cell in cells[width:])
        swallowing = any(swallows(cell, width) for cell in cells)
        return beyond or swallowing or not speaks_of_nobody(self._known(cells), self._head.titles)

    def _known(self, cells: list[str]) -> dict[str, str]:
        return {self._fields[at]: cell.strip(BLANK) for at, cell in enumerate(cells) if at in self._fields}

    def _lines_from(self, at: int, count: int) -> np.ndarray:
        """In which lines the next `count` rows stand, from line `at` on: those passed over lie between them."""
        ahead = self._passed[bisect_left(self._passed, at) :]
        lines = np.arange(at, at + count + len(ahead))
        return lines[~np.isin(lines, ahead)][:count]

    def _block(self, batch: pa.RecordBatch, places: pa.Array) -> pa.Table:
        """The rows of a batch that are somebody's, which stand in the rows `places` of the file."""
        table = pa.Table.from_batches([batch]).rename_columns(list(self._wanted().values()))
        _refuse_unnamed(table, self._unnamed, places, self._name)
        whole = complete(table.append_column(PLACE, places))
        rows = tidy(whole, self._head.titles, self._head.header.notes, self._name, self._sections)
        add_sections(self._sections, table, places, rows)
        refuse_leavers(rows, self._sections, self._name)
        return rows

    def _fault(self) -> RejectedError | None:
        """The second look, row by row: where the file is broken, and why."""
        columns = [Column(title.strip(), self._fields.get(at)) for at, title in enumerate(self._head.cells)]
        return fault(self._open_text, self._head.rows, columns, self._is_row, self._name)


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
