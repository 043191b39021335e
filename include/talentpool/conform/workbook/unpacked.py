"""Search a workbook's parts while they are unpacked, by bytes, so that a clean roster costs nothing.

A sheet is `odd` when its XML says more than values (something hidden, struck out, in error, a formula without value)
or is written in a way these searches do not know; the limited process then streams that sheet. `tall`: its last row
lies beyond what a roster may have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from talentpool.acquire.pictures import PICTURE

Merge = tuple[int, int, int, int]
MAX_ODDITIES = 200_000
_ODD = (b't="e"', b"hidden", b"/></c>", b"</f></c>", b"<v></v>", b"strike")
_UNUSUAL = re.compile(rb":sheetData|=\s*'|\s=|=\s")
"""Prefixes, single quotes, blanks around =: a writer has one way, so the first bytes of a sheet tell."""
_MERGE = re.compile(rb"mergeCell\s[^>]*?ref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']")
_ANCHOR = re.compile(rb"from>.{0,300}?row>(\d{1,7})<", re.DOTALL)
_LAST = re.compile(rb"(?:[^>]{0,200}?\s)?r\s*=\s*[\"'](\d{1,7})[\"']")
CELL = b"<c"
ROW = b"row "
"""How a row begins, behind whatever prefix."""


@dataclass
class Seen:
    """What of a whole workbook was seen; parts by their place in the archive, merges by the part's name."""

    odd: set[int] = field(default_factory=set)
    tall: set[int] = field(default_factory=set)
    merges: dict[str, list[Merge]] = field(default_factory=dict)
    anchors: list[int] = field(default_factory=list)
    pictures: int = 0
    in_cells: bool = False

    def name(self, name: str) -> None:
        """Take note of a part by its name."""
        lower = name.lower()
        self.pictures += PICTURE.search(name) is not None
        self.in_cells |= lower.endswith("cellimages.xml") or "/richdata/" in lower

    @property
    def photos(self) -> bool:
        """Whether pictures lie in cells: such are of people, not of a company."""
        return self.pictures > 0 and self.in_cells


class Glance:
    """One XML part, chunk by chunk. `rows`: how many rows it has, were they all to hold something; `cells`: how many
    cells, filled or not."""

    def __init__(self, place: int, name: str, seen: Seen, cap: int) -> None:
        self._place, self._name, self._seen, self._cap = place, name, seen, cap
        lower = name.lower()
        self._is_strings = lower.endswith("sharedstrings.xml")
        self._is_drawing = "/drawings/" in lower
        self._is_sheet: bool | None = None
        self.rows = self.cells = 0

    def take(self, chunk: bytes, overlap: int) -> None:
        """`chunk` begins with `overlap` bytes of the one before, for what a border may cut."""
        seen = self._seen
        if self._is_strings:
            if b"strike" in chunk:
                seen.odd.add(self._place)
        elif self._is_drawing:
            seen.anchors += [int(row) for row in _ANCHOR.findall(chunk)][: MAX_ODDITIES - len(seen.anchors)]
        elif self._is_sheet is None:
            at = chunk.find(b"sheetData")
            self._is_sheet = at >= 0
            if at >= 0 and _UNUSUAL.search(chunk, at - 1, at + 2000):
                seen.odd.add(self._place)
        if self._is_sheet:
            self._sheet(chunk, overlap)

    def _sheet(self, chunk: bytes, overlap: int) -> None:
        seen = self._seen
        if self._place not in seen.odd and any(mark in chunk for mark in _ODD):
            seen.odd.add(self._place)
        self.rows += chunk.count(ROW) - chunk.count(ROW, 0, overlap)
        self.cells += chunk.count(CELL, overlap)
        last = _LAST.match(chunk, chunk.rfind(ROW) + len(ROW))
        if last and int(last[1]) > self._cap:
            seen.tall.add(self._place)
        if b"mergeCell" in chunk:
            merges = seen.merges.setdefault(self._name, [])
            found = [_merge(match) for match in _MERGE.finditer(chunk) if match.end() > overlap]
            merges += found[: MAX_ODDITIES - len(merges)]


def filled_rows(chunks: Iterable[bytes]) -> int:
    """How many rows of a part hold something: slower than to count them all."""
    rows, filled, tail = 0, False, b""
    for chunk in chunks:
        for at, piece in enumerate((tail + chunk).split(ROW)):
            if at:
                rows += filled
                filled = False
            filled = filled or b"v>" in piece or b"is>" in piece
        tail = chunk[1 - len(ROW) :]
    return rows + filled


def _merge(found: re.Match[bytes]) -> Merge:
    """First row, first column, last row, last column; rows from 1, columns from 0."""
    return int(found[2]), _column(found[1]), int(found[4]), _column(found[3])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
