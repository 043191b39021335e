"""Bytes to blocks of text columns: encoding decided strictly, header recognised, a bounded block at a time.

A file is UTF-8 (with or without mark) or GB18030, whole; what is neither, or both in turn, is refused. No byte is
ever replaced or guessed. Blocks are Arrow tables of string columns named by canonical field.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from talentpool.conform.header import Answers, Header, find_header, refuse_unknown
from talentpool.conform.invisible import INVISIBLE, visible_column
from talentpool.declare import BRANCH, FIELDS, Partner
from talentpool.errors import RejectedError
from talentpool.finding import Finding

BLOCK = 1024 * 1024
MAX_CELL = 500
"""Characters that are kept of a cell. What stands in plain must fit into a key of an index, 2,700 bytes."""
PLACE = "place"
"""A column beside the fields: in which row of the file, counted from 1 with titles and header, a row stands."""
MARK = "mark"
"""A column beside the fields, only where a file has it: the code under which a row is set aside for how it was written."""
NO_ROW = r"^\s*(合计|总计|小计|共计|共\s*\d+\s*[人名行条]|制表|填表|备注[:：]|注[:：]|说明[:：])"
"""How a line begins that sums up or remarks: it speaks of nobody, so it is no row."""


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


def read_csv(open_file: Callable[[], BinaryIO], partner: Partner, name: str, answers: Answers | None = None) -> Source:
    """Open a CSV: two passes, the first for the encoding, so that nothing of an undecodable file is staged."""
    encoding = _encoding(open_file, name)
    header, skip = _header(_text(open_file(), encoding), partner, name, answers)
    blocks = _blocks(open_file(), encoding, header, skip, name)
    return Source(header.form, encoding, header.extra, blocks, header.findings, header.notes)


def _encoding(open_file: Callable[[], BinaryIO], name: str) -> str:
    """utf-8-sig, utf-8 or gb18030: the first that decodes every byte. RejectedError otherwise."""
    with open_file() as file:
        head = file.read(4)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise RejectedError("encoding_unknown", f"{name}: UTF-16; export as UTF-8 or GB18030")
    candidates = ["utf-8-sig"] if head[:3] == codecs.BOM_UTF8 else ["utf-8", "gb18030"]
    decoders = {c: codecs.getincrementaldecoder(c)("strict") for c in candidates}
    with open_file() as file:
        while chunk := file.read(BLOCK):
            if b"\0" in chunk:
                raise RejectedError("nul_bytes", f"{name}: holds NUL bytes; export it again")
            _feed(decoders, chunk, final=False)
            if not decoders:
                break
    _feed(decoders, b"", final=True)
    for candidate in candidates:
        if candidate in decoders:
            return candidate
    raise RejectedError("encoding_unknown", f"{name}: neither UTF-8 nor GB18030 throughout; export it again")


def _feed(decoders: dict[str, codecs.IncrementalDecoder], chunk: bytes, *, final: bool) -> None:
    for candidate in list(decoders):
        try:
            decoders[candidate].decode(chunk, final)
        except UnicodeDecodeError:
            del decoders[candidate]


def _text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")


def _header(text: io.TextIOWrapper, partner: Partner, name: str, answers: Answers | None) -> tuple[Header, int]:
    """The header and how many lines of the file stand before the data."""
    with text:
        reader = csv.reader(text)
        try:
            found = find_header(((reader.line_num, cells) for cells in reader), partner, name, answers)
        except csv.Error:
            raise RejectedError("csv_malformed", f"{name}: not a CSV near line {reader.line_num}") from None
    if found is None:
        raise refuse_unknown(name)
    return found


class _Utf8(io.RawIOBase):
    """The decoded file as UTF-8 bytes, after `skip` lines; for GB18030 the one place where bytes are recoded."""

    def __init__(self, file: BinaryIO, encoding: str, skip: int) -> None:
        super().__init__()
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ended = False
        text = rest = ""
        while not rest and not self._ended:
            text += self._decode()
            lines = io.StringIO(text, newline="")
            for _ in range(skip):
                lines.readline()
            rest = lines.read()
        self._held = memoryview(rest.encode())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held and not self._ended:
            self._held = memoryview(self._decode().encode())
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def _decode(self) -> str:
        """The next part; a text wrapper would take it in pieces of 8 KB, which costs more than the decoding."""
        chunk = self._file.read(BLOCK)
        self._ended = not chunk
        return self._decoder.decode(chunk, final=self._ended)

    def close(self) -> None:
        self._file.close()
        super().close()


def _blocks(file: BinaryIO, encoding: str, header: Header, skip: int, name: str) -> Iterator[pa.Table]:
    positions = [f"c{i}" for i in range(header.width)]
    wanted = {positions[at]: field for field, at in header.fields.items()}
    stream = io.BufferedReader(_Utf8(file, encoding, skip), buffer_size=BLOCK)
    passed: list[int] = []

    def unequal(line: pyarrow.csv.InvalidRow) -> str:
        """A total, a remark or a blank line may have fewer cells than a row; anything else means a damaged file."""
        if not line.text.strip(' \t,"\u3000') or re.match(NO_ROW, line.text.lstrip('"\ufeff')):
            passed.append(line.number)
            return "skip"
        return "error"

    if not stream.peek(1):
        return
    try:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(column_names=positions, block_size=BLOCK, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=True, invalid_row_handler=unequal
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
            table = pa.Table.from_batches([batch]).rename_columns(list(wanted.values()))
            lines = np.arange(at, at + len(batch) + len(passed))
            lines = lines[~np.isin(lines, passed)][: len(batch)]
            at = int(lines[-1]) + 1 if len(lines) else at
            yield tidy(complete(table.append_column(PLACE, pa.array(lines + skip))))
    except pa.ArrowInvalid:
        # Arrow quotes the row in its message; that row is a person's
        raise RejectedError(
            "csv_malformed", f"{name}: rows of unequal length or an open quote; export it again"
        ) from None


def complete(table: pa.Table) -> pa.Table:
    """Every canonical field as a column, '' where the file has none."""
    empty = pa.array([""] * len(table), pa.string())
    columns = {f: table[f].combine_chunks() if f in table.column_names else empty for f in FIELDS}
    return pa.table(columns | {name: table[name] for name in (BRANCH, PLACE, MARK) if name in table.column_names})


def tidy(table: pa.Table) -> pa.Table:
    """Trim every cell and take out what cannot be seen; drop blank rows and total rows, which are not rows."""
    columns = {}
    hidden = None
    for field in (*FIELDS, BRANCH) if BRANCH in table.column_names else FIELDS:
        column, here = visible_column(pc.utf8_trim_whitespace(table[field].combine_chunks()))
        if here is not None:
            hidden = here if hidden is None else pc.or_(hidden, here)
        if len(column) and (pc.max(pc.utf8_length(column)).as_py() or 0) > MAX_CELL:
            column = pc.utf8_slice_codeunits(column, 0, MAX_CELL)
        columns[field] = column
    columns |= {name: table[name] for name in (PLACE, MARK) if name in table.column_names}
    if hidden is not None:
        columns[INVISIBLE] = hidden
    table = pa.table(columns)
    if not len(table):
        return table
    blank = pc.equal(pc.binary_length(columns["staff_no"]), 0)
    for field in FIELDS[1:]:
        blank = pc.and_(blank, pc.equal(pc.binary_length(columns[field]), 0))
    unplaced = pc.equal(pc.add(pc.binary_length(columns["document_no"]), pc.binary_length(columns["county"])), 0)
    drop = blank
    if pc.any(unplaced).as_py():
        remarks = pc.or_(_speaks_of_nobody(columns["staff_no"]), _speaks_of_nobody(columns["name"]))
        drop = pc.or_(blank, pc.and_(unplaced, remarks))
    return table.filter(pc.invert(drop)) if pc.any(drop).as_py() else table


def _speaks_of_nobody(column: pa.Array) -> pa.Array:
    return pc.match_substring_regex(column, NO_ROW)
