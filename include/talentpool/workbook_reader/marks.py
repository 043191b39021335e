"""Read the marks of a sheet: hidden or struck-out rows, and what cells show that is not their value."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .parts import TRUE, Attributes, parse, sheet_parts, string_numbers, strings_part
from .styles import Affixes, Looks, looks, shown

LOST = "#FORMULA!"
"""Stands for a formula whose value the file does not hold."""
_CONSTANT = re.compile(r'=?"([^"]*)"')
_REF = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass
class Marks:
    """Of one sheet; rows counted from 1, columns from 0. `texts`: what a cell shows, or what stands around its text."""

    height: int = 0
    width: int = 0
    filtered: bool = False
    hidden: list[int] = field(default_factory=list)
    folded: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    struck: dict[int, list[int]] = field(default_factory=dict)
    texts: dict[int, dict[int, str | Affixes]] = field(default_factory=dict)

    @property
    def places(self) -> int:
        return self.height * self.width

    def as_json(self) -> dict[str, Any]:
        return {
            "filtered": self.filtered, "hidden": self.hidden, "folded": self.folded,
            "hidden_columns": self.hidden_columns, "struck": list(self.struck.items()),
        }  # fmt: skip


class Reader:
    """The marks of sheets of one archive. `odd`: parts that say more than values."""

    def __init__(self, data: bytes, odd: list[str]) -> None:
        self._archive = archive = zipfile.ZipFile(io.BytesIO(data))
        self._odd = set(odd)
        self._parts = sheet_parts(archive)
        self._looks = looks(archive)
        self._struck_strings = _struck(archive) if strings_part(archive) in self._odd else set()

    def part(self, place: int) -> str:
        """Name of the sheet's part; empty when there is none."""
        return self._parts.get(place, "")

    def marks(self, place: int, *, full: bool) -> Marks | None:
        """Of the sheet at `place` in the workbook's order: all of them, or only how far it reaches."""
        part = self.part(place)
        if part not in self._archive.NameToInfo or (full and part not in self._odd and not self._looks.any):
            return None
        walker = _Walker(self._looks, self._struck_strings) if full else _Extent()
        parse(self._archive, part, walker.start, walker.end, walker.text)
        return walker.marks


class _Extent:
    """How far a sheet reaches."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._row = self._column = 0
        self.end: Callable[[str], object] | None = None
        self.text: Callable[[str], object] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = -1
        elif tag == "c":
            ref = _REF.fullmatch(attributes.get("r", ""))
            self._column = _column(ref[1]) if ref else self._column + 1
            if ref:
                self._row = int(ref[2])
        elif tag in ("v", "is"):
            self.marks.height = max(self.marks.height, self._row)
            self.marks.width = max(self.marks.width, self._column + 1)


class _Walker(_Extent):
    """All marks of a sheet."""

    def __init__(self, styles: Looks, struck_strings: set[int]) -> None:
        super().__init__()
        self._styles, self._struck_strings = styles, struck_strings
        self._style = self._kind = self._value = ""
        self._unseen: list[int] | None = None
        self._formula_text = ""
        self._formula = self._reads_formula = self._open = self._phonetic = self._struck_run = False
        self.end, self.text = self._end, self._text

    def start(self, tag: str, attributes: Attributes) -> None:
        super().start(tag, attributes)
        if tag == "c":
            self._style, self._kind = attributes.get("s", "0"), attributes.get("t", "n")
            self._value, self._formula, self._open, self._struck_run = "", False, False, False
        elif tag == "f":
            self._formula = self._reads_formula = True
            self._formula_text = ""
        elif tag in ("v", "t"):
            self._open = not self._phonetic
            if self._unseen is not None:  # an empty row may be hidden as it likes
                self._unseen.append(self._row)
                self._unseen = None
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "strike" and attributes.get("val", "1") in TRUE:
            self._struck_run = True
        elif tag == "row":
            self._unseen = None
            if attributes.get("hidden") in TRUE or attributes.get("ht") in ("0", "0.0"):
                folded = attributes.get("outlineLevel", "0") != "0"
                self._unseen = self.marks.folded if folded else self.marks.hidden
        elif tag == "col":
            if attributes.get("hidden") in TRUE or attributes.get("width") in ("0", "0.0"):
                span = int(attributes.get("min", "1")) - 1, min(int(attributes.get("max", "1")), 16_384) - 1
                self.marks.hidden_columns.append(span)
        elif tag in ("autoFilter", "tablePart") or (tag == "sheetPr" and attributes.get("filterMode") in TRUE):
            self.marks.filtered = True

    def _text(self, text: str) -> None:
        if self._open:
            self._value += text
        elif self._reads_formula:
            self._formula_text += text

    def _end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._open = False
        elif tag == "f":
            self._reads_formula = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "c":
            self._cell()

    def _cell(self) -> None:
        value = self._value.strip()
        if self._formula and not value and self._kind not in ("str", "s"):
            constant = _CONSTANT.fullmatch(self._formula_text.strip())
            self._say(constant[1] if constant else LOST)
        if not value:
            return
        if self._kind == "e":
            self._say(value)
        elif self._style in self._styles.numbers and self._kind == "n":
            number = float(value)
            if number.is_integer() and 0 <= number < 1e15:
                self._say(shown(self._styles.numbers[self._style], str(int(number))))
        elif self._style in self._styles.texts and self._kind != "b":
            self._say(self._styles.texts[self._style])
        string_struck = self._kind == "s" and self._struck_strings and int(value) in self._struck_strings
        if self._style in self._styles.struck or string_struck or self._struck_run:
            self.marks.struck.setdefault(self._row, []).append(self._column)

    def _say(self, text: str | Affixes) -> None:
        self.marks.texts.setdefault(self._row, {})[self._column] = text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _struck(archive: zipfile.ZipFile) -> set[int]:
    """Which of the shared strings have a part that is struck out."""
    return string_numbers(archive, lambda _, struck: struck)
