"""Names: kept as delivered, and folded for matching.

Stored: decoded characters, full width made half, the separator of a minority name as U+00B7, no stray spaces. The match
form goes further: simplified, no separator, no title.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.settings import INCLUDE

_DOTS = re.compile(
    r"(?<=[㐀-鿿\U00020000-\U000323af])[\u2022\u2027\u30fb\uff65\u22c5.\uff0e\u00b7](?=[㐀-鿿\U00020000-\U000323af])"
)
_SPACES = re.compile(r"[\s\u200b-\u200f\ufeff]+")
TITLES = ("师傅", "先生", "女士", "小姐", "同志")
_TITLE = re.compile(f"({'|'.join(TITLES)})$")
_TAIL_MARK = re.compile(r"[(\[【].*?[)\]】]$|[*#\d]+$")
PLACEHOLDERS = frozenset((INCLUDE / "reference" / "name_placeholders.txt").read_text(encoding="utf-8").split())
_REPAIR = str.maketrans(
    {int(r["python_3_11_decodes_to"][2:], 16): chr(int(r["gb18030_2022_hanzi"][2:], 16))
     for r in csv.DictReader((INCLUDE / "reference" / "gb18030_2022_hanzi_map.csv").open(encoding="utf-8"))}
)  # fmt: skip


def is_private(code: int) -> bool:
    return 0xE000 <= code <= 0xF8FF or 0xF0000 <= code <= 0x10FFFD


@dataclass(frozen=True, repr=False)
class Name:
    """`name` is '' unless it may be kept; `form` is the match form."""

    status: str
    name: str = ""
    form: str = ""


def read_name(cell: str) -> Name:
    """One cell, whatever is in it."""
    text = cell.translate(_REPAIR)
    if any(unicodedata.combining(ch) for ch in text):
        text = unicodedata.normalize("NFC", text)
    text = "".join(_half_width(ch) for ch in text)
    text = _SPACES.sub(" ", text).strip()
    if re.search(r"[㐀-鿿]", text):
        text = text.replace(" ", "")
    text = _DOTS.sub("·", text)
    if not text:
        return Name("empty")
    core = _TAIL_MARK.sub("", _TITLE.sub("", text)).strip("·") or text
    if core in PLACEHOLDERS or not any(ch.isalpha() or is_private(ord(ch)) for ch in core):
        return Name("placeholder")
    rare = any(is_private(ord(ch)) or ch == "\ufffd" for ch in text)
    return Name("rare_char" if rare else "ok", text, match_form(core))


def _half_width(ch: str) -> str:
    """Full-width ASCII and the ideographic space; nothing else, because NFKC would change compatibility ideographs."""
    code = ord(ch)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else " " if code == 0x3000 else ch


def match_form(core: str) -> str:
    """Simplified, compatibility ideographs unified, upper case, without separators."""
    return unicodedata.normalize("NFKC", core).translate(simplify()).upper().replace("·", "").replace(" ", "")


@cache
def simplify() -> dict[int, str]:
    """Traditional -> simplified, character by character (conform/tables/simplify.npz, made by build_tables.py)."""
    with np.load(Path(__file__).with_name("tables") / "simplify.npz") as table:
        return {int(a): chr(int(b)) for a, b in zip(table["traditional"], table["simplified"], strict=True)}


@dataclass(frozen=True, repr=False)
class Names:
    """A column: status, kept name, match form."""

    status: pa.Array
    name: pa.Array
    form: pa.Array


def read_names(cells: pa.Array) -> Names:
    """A column at once: distinct cells of plain characters by tables, the odd ones one by one."""
    encoded = cells.dictionary_encode()
    read = _read_distinct(encoded.dictionary)
    return Names(*(column.take(encoded.indices) for column in (read.status, read.name, read.form)))


def _read_distinct(cells: pa.Array) -> Names:
    """Distinct cells. Plain = 2 to 4 characters of the basic block that no rule touches: a matrix of code points."""
    n = len(cells)
    codes = _code_points(cells)
    lengths = pc.utf8_length(cells).to_numpy(zero_copy_only=False)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(4)
    inside = place < lengths[:, None]
    matrix = np.where(inside, np.append(codes, 0)[np.minimum(starts[:, None] + place, len(codes))], 0)
    tables = _tables()
    plain = (lengths >= 2) & (lengths <= 4) & (~inside | ((matrix >= 0x4E00) & (matrix <= 0x9FA5))).all(axis=1)
    ends = np.take_along_axis(matrix, np.clip(lengths[:, None] - [2, 1], 0, 3), axis=1)
    plain &= ~np.isin(_pair(ends), tables.titles)
    plain &= ~pc.is_in(cells, value_set=pa.array(sorted(PLACEHOLDERS))).to_numpy(zero_copy_only=False)
    matrix = np.where(inside, tables.simplified[np.minimum(matrix, 0xFFFF)], 0)
    plain &= (~inside | (matrix > 0)).all(axis=1)
    matrix[~plain] = 0
    mask, odd = pa.array(~plain), [read_name(cells[int(i)].as_py()) for i in np.flatnonzero(~plain)]

    def column(of_plain: pa.Array, of_odd: list[str]) -> pa.Array:
        return pc.replace_with_mask(of_plain, mask, pa.array(of_odd, pa.string()))

    return Names(
        column(pa.repeat("ok", n), [name.status for name in odd]),
        column(cells, [name.name for name in odd]),
        column(_text(matrix, np.where(plain, lengths, 0)), [name.form for name in odd]),
    )


def _code_points(cells: pa.Array) -> np.ndarray:
    """Of all cells one after the other."""
    _, offsets, text = cells.buffers()
    if not len(cells) or text is None:
        return np.zeros(0, np.uint32)
    ends = np.frombuffer(offsets, np.int32, len(cells) + 1, cells.offset * 4)
    return np.frombuffer(text[ends[0] : ends[-1]].to_pybytes().decode().encode("utf-32-le"), np.uint32)


@dataclass(frozen=True)
class _Tables:
    """Simplified form by code point of the basic plane; titles of two characters as one number (`_pair`)."""

    simplified: np.ndarray
    titles: np.ndarray


@cache
def _tables() -> _Tables:
    simplified = np.arange(0x10000, dtype=np.uint32)
    for old, new in simplify().items():
        if old < 0x10000:
            simplified[old] = ord(new) if ord(new) < 0x10000 else 0  # beyond the basic plane: one by one
    return _Tables(simplified, np.array([ord(word[0]) << 16 | ord(word[1]) for word in TITLES]))


def _pair(two: np.ndarray) -> np.ndarray:
    return two[:, 0].astype(np.int64) << 16 | two[:, 1].astype(np.int64)


def _text(matrix: np.ndarray, lengths: np.ndarray) -> pa.Array:
    """Rows of code points of three bytes each as UTF-8 strings."""
    inside = np.arange(4) < lengths[:, None]
    codes = matrix[inside].astype(np.uint32)
    text = np.stack([0xE0 | codes >> 12, 0x80 | codes >> 6 & 0x3F, 0x80 | codes & 0x3F], axis=1).astype(np.uint8)
    offsets = np.concatenate([[0], np.cumsum(lengths * 3)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
