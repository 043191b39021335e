"""Whether a workbook is one to open: judged by its bytes, before anything parses them, in bounded memory.

What its directory claims is not believed: every part is unpacked here, counted and thrown away.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

from talentpool.conform.limits import MAX_CELLS, MAX_SHEETS, many_cells, many_sheets
from talentpool.conform.workbook_scan import Glance, Seen, filled_rows
from talentpool.errors import RejectedError

MAX_BYTES = 64 * 1024**2
MAX_UNPACKED = 512 * 1024**2
MAX_RATIO = 200
MAX_ENTRIES = 2_000
MAX_ROWS = 200_000
MAX_TITLES = 50
"""Rows a sheet may have above and below the data."""
ZIP, COMPOUND, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
CHUNK = 1024 * 1024
_OVERLAP = 64
_FORBIDDEN = {
    "vbaproject": "it holds macros",
    "xl/macrosheets/": "it holds macros",
    "xl/externallinks/": "it links to other files",
    "xl/connections.xml": "it draws on an outside data source",
    "xl/embeddings/": "it holds embedded objects",
    "xl/activex/": "it holds active controls",
}
_DECLARATIONS = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FAR_COLUMN = re.compile(rb'<c r="[A-Z]{3}')
_STORED, _DEFLATED = 0, 8
Refuse = Callable[[str], RejectedError]


def is_workbook(head: bytes, name: str) -> bool:
    """By its first bytes, whatever it is called; a name that promises a workbook is treated as one."""
    return head[:4] in (ZIP, COMPOUND) or name.lower().endswith(
        (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et", ".ett")
    )


def inspect(data: bytes, name: str) -> Seen:
    """What was seen on the way. RejectedError workbook_refused or file_too_large when the bytes are not a plain xlsx
    within the caps."""

    def refuse(why: str) -> RejectedError:
        return RejectedError("workbook_refused", f"{name}: {why}; save it as a plain xlsx")

    if len(data) > MAX_BYTES:
        raise RejectedError("file_too_large", f"{name}: larger than {MAX_BYTES // 1024**2} MiB; send CSV")
    if data[:4] == COMPOUND:
        raise refuse("encrypted, or of the old xls kind")
    if data[:4] == PDF:
        raise refuse("a PDF under another name")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        EOFError,
        struct.error,
    ):  # the directory may be any bytes
        raise refuse("not a workbook") from None
    names = [entry.filename.lower() for entry in entries]
    if "xl/workbook.xml" not in names:
        raise refuse("not an xlsx workbook")
    for part, why in _FORBIDDEN.items():
        if any(part in entry for entry in names):
            raise refuse(why)
    if len(entries) > MAX_ENTRIES or len(set(names)) < len(names):
        raise refuse("it has too many parts, or one of them twice")
    if _overlap(entries):
        raise refuse("its parts overlap")
    sheets = sum(entry.startswith("xl/worksheets/") and entry.endswith(".xml") for entry in names)
    if sheets > MAX_SHEETS:
        raise many_sheets(sheets, name)
    total, cells, seen = 0, 0, Seen()
    for place, entry in enumerate(entries):
        seen.name(entry.filename)
        glance = Glance(place, entry.filename, seen, MAX_ROWS + MAX_TITLES)
        total += _look(data, entry, MAX_UNPACKED - total, refuse, glance)
        cells += glance.cells
        if cells > MAX_CELLS:
            raise many_cells(name)
        if glance.rows > MAX_ROWS + MAX_TITLES and _filled(data, entry, refuse) > MAX_ROWS + MAX_TITLES:
            raise RejectedError("file_too_large", f"{name}: more than {MAX_ROWS} rows; send CSV")
    if total > MAX_RATIO * max(len(data), 4096):
        raise refuse("it unpacks to far more than it holds")
    return seen


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    placed = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    return any(at + 30 + size > following for (at, size), (following, _) in pairwise(placed))


def _look(data: bytes, entry: zipfile.ZipInfo, left: int, refuse: Refuse, glance: Glance) -> int:
    """The bytes a part really unpacks to. What XML it holds may declare nothing, and is no larger than a roster."""
    if entry.flag_bits & 1:
        raise refuse("parts of it are encrypted")
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    size = 0
    tail = b""
    for chunk in _unpacked(data, entry, refuse):
        size += len(chunk)
        if size > left or size > entry.file_size:
            raise refuse("it unpacks to far more than it holds")
        if not is_xml:
            continue
        if size == len(chunk) and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refuse("a part of it is UTF-16")
        seen = tail + chunk
        if _DECLARATIONS.search(seen):
            raise refuse("it declares entities of its own")
        if entry.filename == "[Content_Types].xml" and b"macroEnabled" in seen:
            raise refuse("of the kind that holds macros")
        if _FAR_COLUMN.search(seen):
            raise refuse("it has more than 702 columns")
        glance.take(seen, len(tail))
        tail = seen[-_OVERLAP:]
    return size


def _filled(data: bytes, entry: zipfile.ZipInfo, refuse: Refuse) -> int:
    return filled_rows(_unpacked(data, entry, refuse))


def _unpacked(data: bytes, entry: zipfile.ZipInfo, refuse: Refuse) -> Iterator[bytes]:
    """A part in chunks, unpacked from its raw bytes: zipfile itself would stop where the directory says."""
    at = entry.header_offset
    if data[at : at + 4] != ZIP or at + 30 > len(data):
        raise refuse("its directory points to nothing")
    start = at + 30 + sum(struct.unpack("<HH", data[at + 26 : at + 30]))
    raw = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == _STORED:
        for place in range(0, len(raw), CHUNK):
            yield bytes(raw[place : place + CHUNK])
        return
    if entry.compress_type != _DEFLATED:
        raise refuse("packed in a way that xlsx does not know")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        pending: bytes | memoryview = raw
        while pending and not unpacker.eof:
            chunk = unpacker.decompress(pending, CHUNK)
            pending = unpacker.unconsumed_tail
            if chunk:
                yield chunk
            elif not pending:
                break
    except zlib.error:
        raise refuse("damaged") from None
