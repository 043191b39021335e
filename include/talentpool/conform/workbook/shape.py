"""Judge by its bytes whether a workbook may be opened, before anything parses it, in bounded memory.

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

from talentpool.conform.files.limits import MAX_CELLS, MAX_SHEETS, many_cells, many_sheets
from talentpool.conform.workbook.unpacked import Glance, Seen, filled_rows
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
    "vbaproject": "工作簿含宏",
    "xl/macrosheets/": "工作簿含宏",
    "xl/externallinks/": "工作簿含指向其他文件的外部链接",
    "xl/connections.xml": "工作簿连接了外部数据源",
    "xl/embeddings/": "工作簿嵌有其他文件或对象",
    "xl/activex/": "工作簿含 ActiveX 控件",
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


def inspect(data: bytes, name: str, rows: int = MAX_ROWS, remedy: str = "") -> Seen:
    """What was seen on the way. `rows`: as many a sheet may have that hold something; `remedy`: what to do with a workbook that
    is refused, where it is no roster.

    RejectedError workbook_refused or file_too_large when the bytes are not a plain xlsx within the caps.
    """

    def refuse(why: str) -> RejectedError:
        return RejectedError("workbook_refused", f"{name}：{why}；{remedy or '请另存为普通 xlsx 工作簿后重新交付'}")

    if len(data) > MAX_BYTES:
        raise RejectedError(
            "file_too_large",
            f"{name}：工作簿大于 {MAX_BYTES // 1024**2} MB；{remedy or '请删去与名册无关的内容，或改用 CSV 重新交付'}",
        )
    if data[:4] == COMPOUND:
        raise refuse("文件已加密，或是旧版 xls 格式")
    if data[:4] == PDF:
        raise refuse("文件是改了扩展名的 PDF")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        EOFError,
        struct.error,
    ):  # the directory may be any bytes
        raise refuse("文件不是工作簿，可能已损坏或没有传完") from None
    names = [entry.filename.lower() for entry in entries]
    if "xl/workbook.xml" not in names:
        raise refuse("文件不是 xlsx 工作簿")
    for part, why in _FORBIDDEN.items():
        if any(part in entry for entry in names):
            raise refuse(why)
    if len(entries) > MAX_ENTRIES or len(set(names)) < len(names):
        raise refuse("工作簿的内部部件过多或重复")
    if _overlap(entries):
        raise refuse("工作簿的内部部件互相重叠")
    sheets = sum(entry.startswith("xl/worksheets/") and entry.endswith(".xml") for entry in names)
    if sheets > MAX_SHEETS:
        raise many_sheets(sheets, name, remedy)
    total, cells, seen = 0, 0, Seen()
    for place, entry in enumerate(entries):
        seen.name(entry.filename)
        glance = Glance(place, entry.filename, seen, rows + MAX_TITLES)
        total += _look(data, entry, MAX_UNPACKED - total, refuse, glance)
        cells += glance.cells
        if cells > MAX_CELLS:
            raise many_cells(name, remedy)
        if glance.rows > rows + MAX_TITLES and _filled(data, entry, refuse) > rows + MAX_TITLES:
            fewer = remedy or "请删去名册以外的行，或改用 CSV 重新交付"
            raise RejectedError("file_too_large", f"{name}：有工作表超过 {rows} 行；{fewer}")
    if total > MAX_RATIO * max(len(data), 4096):
        raise refuse("工作簿解压后远大于其所称的大小")
    return seen


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    placed = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    return any(at + 30 + size > following for (at, size), (following, _) in pairwise(placed))


def _look(data: bytes, entry: zipfile.ZipInfo, left: int, refuse: Refuse, glance: Glance) -> int:
    """The bytes a part really unpacks to. What XML it holds may declare nothing, and is no larger than a roster."""
    if entry.flag_bits & 1:
        raise refuse("工作簿有部分内容已加密")
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    size = 0
    tail = b""
    for chunk in _unpacked(data, entry, refuse):
        size += len(chunk)
        if size > left or size > entry.file_size:
            raise refuse("工作簿解压后远大于其所称的大小")
        if not is_xml:
            continue
        if size == len(chunk) and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refuse("工作簿有内部部件是 UTF-16 编码")
        seen = tail + chunk
        if _DECLARATIONS.search(seen):
            raise refuse("工作簿的内部部件自行声明了实体")
        if entry.filename == "[Content_Types].xml" and b"macroEnabled" in seen:
            raise refuse("文件是启用宏的工作簿")
        if _FAR_COLUMN.search(seen):
            raise refuse("有工作表超过 702 列")
        glance.take(seen, len(tail))
        tail = seen[-_OVERLAP:]
    return size


def _filled(data: bytes, entry: zipfile.ZipInfo, refuse: Refuse) -> int:
    return filled_rows(_unpacked(data, entry, refuse))


def _unpacked(data: bytes, entry: zipfile.ZipInfo, refuse: Refuse) -> Iterator[bytes]:
    """A part in chunks, unpacked from its raw bytes: zipfile itself would stop where the directory says."""
    at = entry.header_offset
    if data[at : at + 4] != ZIP or at + 30 > len(data):
        raise refuse("工作簿的内部目录有误，文件可能已损坏")
    start = at + 30 + sum(struct.unpack("<HH", data[at + 26 : at + 30]))
    raw = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == _STORED:
        for place in range(0, len(raw), CHUNK):
            yield bytes(raw[place : place + CHUNK])
        return
    if entry.compress_type != _DEFLATED:
        raise refuse("工作簿的压缩方式不是 xlsx 所用的")
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
        raise refuse("工作簿已损坏，可能没有传完") from None
