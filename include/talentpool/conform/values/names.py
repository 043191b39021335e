"""Keep names as delivered, and fold them to a form for matching.

Stored: decoded characters, full width made half, the separator of a minority name as U+00B7, no stray spaces, no title.
The match form goes further: simplified, look-alikes unified, no separator, no remark. It is empty where a name is hidden
in part (no_names.py): such a name is compared with nothing.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.characters.look_alikes import STAND_INS, folded, folds_of_plane
from talentpool.conform.values.no_names import (
    SHORT_TITLES,
    SUSPECTS,
    hidden_part,
    is_error,
    is_placeholder,
    may_end_in_title,
    placeholders,
    split_remark,
    without_title,
    without_titles_beside,
    words_of_pairs,
)
from talentpool.settings import INCLUDE

HIDDEN = frozenset({"masked", "lost_char", "rare_char"})
"""Statuses of names that are not known whole: no evidence, and nothing that replaces a whole name."""
_DOTS = re.compile(
    r"(?<=[㐀-鿿\U00020000-\U000323af])[\u2022\u2027\u30fb\uff65\u22c5.\uff0e\u00b7](?=[㐀-鿿\U00020000-\U000323af])"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_REPAIR = str.maketrans(
    {int(r["python_3_11_decodes_to"][2:], 16): chr(int(r["gb18030_2022_hanzi"][2:], 16))
     for r in csv.DictReader((INCLUDE / "reference" / "gb18030_2022_hanzi_map.csv").open(encoding="utf-8"))}
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Name:
    """`name` is '' unless it may be kept; `form` is the match form; `notes` are codes, separated by spaces."""

    status: str
    name: str = ""
    form: str = ""
    notes: str = ""


def read_name(cell: str) -> Name:
    """One cell, whatever is in it."""
    text = cell.translate(_REPAIR)
    if any(unicodedata.combining(ch) for ch in text):
        text = unicodedata.normalize("NFC", text)
    text = "".join(_half_width(ch) for ch in text)
    text = re.sub(r"\s+", " ", text).strip()
    if re.search(r"[㐀-鿿]", text):
        text = text.replace(" ", "")
    text = _DOTS.sub("·", text)
    if not text:
        return Name("empty")
    core, rest = split_remark(text)
    bare = without_titles_beside(text) if rest else text
    core = core.strip("·") or core
    if is_error(text) or is_placeholder(core) or not _says_something(core):
        return Name("placeholder")
    named, somebody = without_title(core + "师傅" if bare != text else core)
    if not somebody or (named != core and is_placeholder(named)):
        return Name("placeholder")
    titled = bare != text or named != core
    return _kept(named, bare.replace(core, named, 1), rest if bare == text else split_remark(bare)[1], titled=titled)


def _kept(named: str, text: str, remark: str, *, titled: bool) -> Name:
    """A name that speaks of somebody: what of it is hidden, what of it is noted."""
    private = bool(_PRIVATE.search(named))
    status = hidden_part(named, remark) or ("rare_char" if private else "ok")
    notes = ["name_title_removed"] if titled else ["name_title_doubtful"] if may_end_in_title(named) else []
    if private or STAND_INS.search(named):
        notes.append("name_rare_char")
    return Name(status, text, "" if status in HIDDEN else match_form(named), " ".join(notes))


def _says_something(core: str) -> bool:
    return any(ch.isalpha() for ch in core) or bool(_PRIVATE.search(core) or STAND_INS.search(core))


def _half_width(ch: str) -> str:
    """Full-width ASCII and the ideographic space; nothing else, because NFKC would change compatibility ideographs."""
    code = ord(ch)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else " " if code == 0x3000 else ch


def match_form(core: str) -> str:
    """Look-alikes and simplified, upper case, without separators."""
    return folded(core).upper().replace("·", "").replace(" ", "")


@dataclass(frozen=True, repr=False)
class Names:
    """A column: status, kept name, match form, codes of notes."""

    status: pa.Array
    name: pa.Array
    form: pa.Array
    notes: pa.Array


def read_names(cells: pa.Array) -> Names:
    """A column at once: distinct cells of plain characters by tables, the odd ones one by one."""
    encoded = cells.dictionary_encode()
    read = _read_distinct(encoded.dictionary)
    return Names(*(column.take(encoded.indices) for column in (read.status, read.name, read.form, read.notes)))


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
    matrix[~plain] = 0
    plain &= ~_suspected(matrix, lengths) & ~_suspected(tables.folds[matrix], lengths)
    plain &= ~pc.is_in(cells, value_set=tables.placeholders).to_numpy(zero_copy_only=False)
    matrix = np.where(inside, tables.folds[matrix], 0)
    plain &= (~inside | (matrix > 0)).all(axis=1)
    matrix[~plain] = 0
    mask, odd = pa.array(~plain), [read_name(cells[int(i)].as_py()) for i in np.flatnonzero(~plain)]

    def column(of_plain: pa.Array, of_odd: list[str]) -> pa.Array:
        return pc.replace_with_mask(of_plain, mask, pa.array(of_odd, pa.string()))

    return Names(
        column(pa.repeat("ok", n), [name.status for name in odd]),
        column(cells, [name.name for name in odd]),
        column(_text(matrix, np.where(plain, lengths, 0)), [name.form for name in odd]),
        column(pa.repeat("", n), [name.notes for name in odd]),
    )


def _suspected(matrix: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Plain rows that may be no names, or bear a title: a word of two characters anywhere, a sign, 哥, 小王."""
    tables = _tables()
    marks = tables.marks[matrix]
    some = np.flatnonzero(np.bitwise_or.reduce(marks, axis=1))
    marks, matrix, last = marks[some], matrix[some], lengths[some] - 1
    found = (marks & SIGN).any(axis=1) | ((marks[np.arange(len(some)), last] & LAST) > 0)
    found |= ((marks[:, 0] & FIRST_OF_TWO) > 0) & (last == 1)
    row, place = np.nonzero((marks[:, :3] & BEGINS) > 0)
    pairs = matrix[row, place].astype(np.int64) << 16 | matrix[row, place + 1].astype(np.int64)
    found[row[np.isin(pairs, tables.pairs)]] = True
    suspected = np.zeros(len(lengths), dtype=bool)
    suspected[some[found]] = True
    return suspected


def _code_points(cells: pa.Array) -> np.ndarray:
    """Of all cells one after the other."""
    _, offsets, text = cells.buffers()
    if not len(cells) or text is None:
        return np.zeros(0, np.uint32)
    ends = np.frombuffer(offsets, np.int32, len(cells) + 1, cells.offset * 4)
    return np.frombuffer(text[ends[0] : ends[-1]].to_pybytes().decode().encode("utf-32-le"), np.uint32)


SIGN, LAST, FIRST_OF_TWO, BEGINS = 1, 2, 4, 8
"""What a character of the basic plane makes of a plain name: suspect anywhere, at its end, before one more, or at the
beginning of a word of `pairs`."""


@dataclass(frozen=True)
class _Tables:
    """By code point of the basic plane: folded form, marks. Words of two characters as one number, `placeholders` whole."""

    folds: np.ndarray
    marks: np.ndarray
    pairs: np.ndarray
    placeholders: pa.Array


@cache
def _tables() -> _Tables:
    marks = np.zeros(0x10000, np.uint8)
    words = sorted(words_of_pairs())
    for mark, characters in (
        (SIGN, SUSPECTS), (LAST, SHORT_TITLES), (FIRST_OF_TWO, "小老"), (BEGINS, [word[0] for word in words])
    ):  # fmt: skip
        for character in characters:
            marks[ord(character)] |= mark
    pairs = np.array([ord(word[0]) << 16 | ord(word[1]) for word in words])
    return _Tables(folds_of_plane(), marks, pairs, pa.array(sorted(placeholders())))


def _text(matrix: np.ndarray, lengths: np.ndarray) -> pa.Array:
    """Rows of code points of three bytes each as UTF-8 strings."""
    inside = np.arange(4) < lengths[:, None]
    codes = matrix[inside].astype(np.uint32)
    text = np.stack([0xE0 | codes >> 12, 0x80 | codes >> 6 & 0x3F, 0x80 | codes & 0x3F], axis=1).astype(np.uint8)
    offsets = np.concatenate([[0], np.cumsum(lengths * 3)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
