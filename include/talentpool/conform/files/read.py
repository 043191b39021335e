"""Turn bytes into blocks of text columns: decide the encoding strictly, recognise the header, bound each block.

A file is UTF-8 (with or without mark) or GB18030, whole; what is neither, or both in turn, is refused. No byte is
ever replaced or guessed. Blocks are Arrow tables of string columns named by canonical field.
"""

from __future__ import annotations

import dataclasses
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from talentpool.conform.files.csv_faults import cut_short
from talentpool.conform.files.csv_head import read_head
from talentpool.conform.files.csv_rows import Rows
from talentpool.conform.files.header import Answers, Header
from talentpool.conform.files.scan import Open, Part, scan
from talentpool.declare import Partner
from talentpool.texts.finding import Finding


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

    head = read_head(open_text, partner, name, answers)
    header = head.header
    blocks = Rows(open_file, open_text, scanned, head, name).blocks()
    findings = header.findings
    if cut_short(scanned.ending, scanned.encoding, header.width, _last_field(header)):
        findings = (*findings, Finding("file_cut_short"))
    return Source(header.form, scanned.encoding, header.extra, blocks, findings, header.notes)


def _last_field(header: Header) -> str | None:
    return next((field for field, at in header.fields.items() if at == header.width - 1), None)
