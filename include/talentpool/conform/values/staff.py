"""Clean staff numbers: undo what a spreadsheet or program did to them where only one reading is possible.

A number that lost digits is damaged: its row is set aside, because a wrong number makes a second record of a person,
or one of two. Letters keep their case, and zeros stay: whether those of a whole roster changed is seen beside the
records (expect/shifted.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.damage import is_error

_PLAIN = np.zeros(256, dtype=bool)
_PLAIN[[*b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"]] = True
_QUOTES = "'\"`\u2018\u2019\u201c\u201d\u00b4"
_FORMULA = re.compile(r'^=\s*(?:T\()?"?([^"()]*)"?\)?$')
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+(\.0+)?$")
_WHOLE = re.compile(r"^(\d+)\.0*$")
_NUMBER = re.compile(r"^(\d+) ?号$", re.ASCII)
_SCIENTIFIC = re.compile(r"^(\d)(?:\.(\d+))?E(\+?)(\d{1,2})$", re.IGNORECASE)
_NOTHING = frozenset(("nan", "null", "(null)", "none", "n/a", "na", "无", "暂无", "-", "--", "/", "\\n", "undefined"))
_NOTHINGS = pa.array(sorted({form for word in _NOTHING for form in (word, word.upper(), word.title(), "NaN")}))
EXACT = 15
"""Digits that a spreadsheet keeps of a number; those behind become zeros."""
_TWO = re.compile(r"\S\s*[\r\n]+\s*\S")
"""Two numbers in one cell: without the break between them they would be a third one."""
FEW = 5


@dataclass(frozen=True)
class StaffNos:
    """`number`: '' where it is missing or damaged. `undone`: cells of which another notation was undone."""

    number: pa.Array
    damaged: np.ndarray
    undone: np.ndarray


def read_staff_no(cell: str) -> str | None:
    """One cell: the staff number, '' when empty, None when it is damaged."""
    if _TWO.search(cell.strip()):
        return None
    seen = (sign for sign in unicodedata.normalize("NFKC", cell) if unicodedata.category(sign) not in ("Cf", "Cc"))
    text = "".join(seen).strip()
    formula = _FORMULA.match(text)
    text = (formula[1] if formula else text).strip(_QUOTES + " \t")
    if (text.startswith("#") and is_error(text)) or text.lower() in _NOTHING:
        return None
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    numbered = _NUMBER.match(text)
    text = numbered[1] if numbered else text
    whole = _WHOLE.match(text)
    if whole:
        return whole[1] if len(whole[1]) <= EXACT else None
    scientific = _SCIENTIFIC.match(text)
    # 2E11 may be a number of its own; with a point or a plus only a spreadsheet writes it
    if scientific and (scientific[2] or scientific[3]):
        digits, places = scientific[1] + (scientific[2] or ""), int(scientific[4]) + 1
        return digits if len(digits) == places and places <= EXACT else None
    return text


def read_staff_nos(cells: pa.Array) -> StaffNos:
    """A column at once: what is of letters and digits stands as it is, the odd ones by distinct cell."""
    n = len(cells)
    none = np.zeros(n, dtype=bool)
    odd = pc.is_in(cells, value_set=_NOTHINGS).to_numpy(zero_copy_only=False)
    if not _all_plain(cells):
        plain = pc.match_substring_regex(cells, "^[0-9A-Za-z_-]*$").to_numpy(zero_copy_only=False)
        odd = odd | ~plain
    if not odd.any():
        damaged = _rounded(cells)
        return StaffNos(_emptied(cells, damaged), damaged, none)
    coded = cells.filter(pa.array(odd)).dictionary_encode()
    read = [read_staff_no(cell) for cell in coded.dictionary.to_pylist()]
    place = coded.indices
    number = pc.replace_with_mask(
        cells, pa.array(odd), pa.array([text or "" for text in read], pa.string()).take(place)
    )
    damaged = none.copy()
    damaged[odd] = np.array([text is None for text in read])[place.to_numpy(zero_copy_only=False)]
    undone = pc.not_equal(number, cells).to_numpy(zero_copy_only=False) & ~damaged
    damaged |= _rounded(number)
    return StaffNos(_emptied(number, damaged), damaged, undone & ~damaged)


def _all_plain(cells: pa.Array) -> bool:
    if not len(cells):
        return True
    offsets = np.frombuffer(cells.buffers()[1], dtype=np.int32)[cells.offset : cells.offset + len(cells) + 1]
    data = cells.buffers()[2]
    return data is None or bool(_PLAIN[np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]].all())


def _rounded(number: pa.Array) -> np.ndarray:
    """Long numbers that end in zeros after the fifteenth digit, where most long ones do: a spreadsheet rounded them."""
    rounded = np.zeros(len(number), dtype=bool)
    if not len(number) or (pc.max(pc.binary_length(number)).as_py() or 0) <= EXACT:
        return rounded
    long = pc.match_substring_regex(number, f"^[0-9]{{{EXACT + 1},}}$").to_numpy(zero_copy_only=False)
    zeros = pc.match_substring_regex(number, f"^[0-9]{{{EXACT}}}0+$").to_numpy(zero_copy_only=False)
    sure = pc.greater_equal(pc.binary_length(number), EXACT + 3).to_numpy(zero_copy_only=False)
    if zeros.sum() * 2 > long.sum() and (zeros.sum() >= FEW or (zeros & sure).any()):
        rounded = zeros
    return rounded


def _emptied(number: pa.Array, where: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(where), "", number) if where.any() else number
