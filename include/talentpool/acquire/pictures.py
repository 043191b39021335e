"""Remove pictures from a workbook before it lands: nobody reads them, and photos of people are not ours to keep.

What is counted and held against the manifest are the bytes as delivered; what lands has every picture emptied. The
other parts are copied as they are packed. An archive that is not a plain one stays as it is: it will be refused.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise

MAX_BYTES = 64 * 1024**2
"""Of a workbook; a larger one is refused by whoever reads it, and passes here unread."""
MAX_RATIO = 200
"""A picture is packed as it is; what unpacks to far more is none."""
PICTURE = re.compile(
    r"(?:^|/)media/[^/]|\.(?:png|jpe?g|jfif|gif|bmp|dib|tiff?|webp|hei[cf]|avif|em[fz]|wm[fz]|svg|ico)$", re.IGNORECASE
)
"""Parts that are a picture, by where they stand or how they end; docProps/thumbnail.jpeg is one of the roster itself."""
_ZIP = b"PK\x03\x04"
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_DESCRIBED, _ENCRYPTED = 8, 1


def without_pictures(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A file as it is to land: the same bytes, unless it is a workbook with pictures."""
    held = bytearray()
    passing = False
    for chunk in chunks:
        if passing:
            yield chunk
            continue
        held += chunk
        if len(held) > MAX_BYTES or not held.startswith(_ZIP[: len(held)]):
            passing = True
            yield bytes(held)
            held.clear()
    if not passing:
        yield emptied(bytes(held))


def emptied(data: bytes) -> bytes:
    """A workbook with its pictures emptied; `data` itself when it has none, or is no archive to take apart."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, struct.error):
        return data
    entries = archive.infolist()
    if not any(_is_picture(entry) and entry.file_size for entry in entries) or not _is_plain(data, entries):
        return data
    body, directory = bytearray(), bytearray()
    for entry in entries:
        packed = b"" if _is_picture(entry) else _packed(data, entry)
        body_at = len(body)
        facts = _facts(entry, packed)
        name = entry.filename.encode()
        body += _LOCAL.pack(_ZIP, 20, *facts, len(name), 0) + name + packed
        directory += _CENTRAL.pack(b"PK\x01\x02", 20, 20, *facts, len(name), 0, 0, 0, 0, 0, body_at) + name
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return bytes(body + directory + end)


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    return PICTURE.search(entry.filename) is not None


def _is_plain(data: bytes, entries: list[zipfile.ZipInfo]) -> bool:
    """Whether the parts stand one behind the other, each where the directory says."""
    placed = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    if len(entries) >= 0xFFFF or any(at + 30 + size > after for (at, size), (after, _) in pairwise(placed)):
        return False
    return all(
        data[entry.header_offset : entry.header_offset + 4] == _ZIP
        and entry.header_offset + 30 + entry.compress_size <= len(data)
        and not entry.flag_bits & _ENCRYPTED
        and (not _is_picture(entry) or _is_as_said(data, entry))
        for entry in entries
    )


def _is_as_said(data: bytes, entry: zipfile.ZipInfo) -> bool:
    """Whether a picture unpacks to what the directory says. A bomb is not disarmed here, so that it is refused."""
    packed, size = _packed(data, entry), entry.file_size
    if entry.compress_type == zipfile.ZIP_STORED:
        return len(packed) == size
    if entry.compress_type != zipfile.ZIP_DEFLATED or size > min(MAX_BYTES, MAX_RATIO * max(len(packed), 4096)):
        return False
    try:
        return len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)) == size
    except zlib.error:
        return False


def _packed(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    start = entry.header_offset + 30 + sum(struct.unpack_from("<HH", data, entry.header_offset + 26))
    return data[start : start + entry.compress_size]


def _facts(entry: zipfile.ZipInfo, packed: bytes) -> tuple[int, ...]:
    """Flags, method, time, date, checksum, packed size, size: of a local header and of the directory alike."""
    utf8 = 0x800
    year, month, day, hour, minute, second = entry.date_time
    when = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
    if _is_picture(entry):
        return (utf8, zipfile.ZIP_STORED, *when, 0, 0, 0)
    flags = (entry.flag_bits | utf8) & ~_DESCRIBED
    return (flags, entry.compress_type, *when, entry.CRC, len(packed), entry.file_size)
