"""Which export a leaked sheet came from: every export prints row numbers of its own.

A row number on a sheet looks like any other. On a marked sheet it is a keyed hash of the list's own row number and of
the export, so that one number is enough to say whose sheet it was on: after sorting, cutting, copying, typing off. It
leads back to the list's row under the same key, so that a receipt can still be read; without the key to nothing.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from talentpool.conform.workbook import workbook_text
from talentpool.errors import UsageError
from talentpool.guard import Blinder, KeyRing
from talentpool.target.rows import ROW_ALPHABET, check_sign, row_number

MAX_BYTES = 50_000_000
_NUMBER = re.compile(
    rf"(?<![0-9A-Z])([{ROW_ALPHABET}]{{4}})[-‐–—]?([{ROW_ALPHABET}]{{4}})([{ROW_ALPHABET}])(?![0-9A-Z])"
)


@dataclass(frozen=True)
class Traced:
    """An export whose row numbers stand on a sheet: how many of them, of how many numbers that were read."""

    mark: str
    found: int
    read: int


def marked(keys: KeyRing, mark: str, row_ids: Sequence[str]) -> dict[str, str]:
    """Row number of the list -> what the export `mark` prints instead; no two of an export are alike.

    `row_ids`: all that the export holds, and in the list's order, so that the same export prints the same again.
    """
    hashed = Blinder(keys.key("list_row"), b"mark|" + mark.encode() + b"|")
    used: set[str] = set()
    return {row_id: row_number(hashed, row_id.encode(), used) for row_id in row_ids}


def trace(keys: KeyRing, read: Iterable[str], exports: Mapping[str, Sequence[str]]) -> list[Traced]:
    """The exports, most likely first, that printed any of the row numbers `read`. `exports`: mark -> its row ids."""
    numbers = set(read)
    found = []
    for mark, row_ids in exports.items():
        count = len(numbers & set(marked(keys, mark, row_ids).values()))
        if count:
            found.append(Traced(mark, count, len(numbers)))
    return sorted(found, key=lambda traced: (-traced.found, traced.mark))


def row_numbers_in(path: Path) -> list[str]:
    """Row numbers on a sheet that somebody found: xlsx, or any text (CSV, typed off, read from a picture).

    What was misread does not fit its last sign and is left out. UsageError when none is there, RejectedError when a
    workbook is not one to open.
    """
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB")
    words = workbook_text(data, path.name) if data.startswith(b"PK\x03\x04") else io.StringIO(_text(data))
    found: dict[str, None] = {}
    for word in words:
        for first, second, last in _NUMBER.findall(unicodedata.normalize("NFKC", word).upper()):
            if check_sign(first + second) == last:
                found[f"{first}-{second}{last}"] = None
    if not found:
        raise UsageError(
            f"{path.name}: no row number (like 7KQM-2XPAB) is on it; is 行号 cut off? the footer names the list"
        )
    return list(found)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("ascii", errors="ignore")
