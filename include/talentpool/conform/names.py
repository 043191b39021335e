"""Names: kept as delivered, folded for matching, and how rare they are.

Stored: decoded characters, full width made half, the separator of a minority name as U+00B7, no stray spaces. The match
form goes further: simplified, no separator, no title. Rarity comes from reference frequencies, never from the roster.
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

from talentpool.settings import INCLUDE

RARE_NAME_BOUND = 2e-5
"""A name that fewer than two people in 100,000 bear is rare enough to carry a match with birth date and county."""
UNKNOWN_CHARACTER = 2e-5
_DOTS = re.compile(
    r"(?<=[㐀-鿿\U00020000-\U000323af])[\u2022\u2027\u30fb\uff65\u22c5.\uff0e\u00b7](?=[㐀-鿿\U00020000-\U000323af])"
)
_SPACES = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_TITLE = re.compile(r"(师傅|先生|女士|小姐|同志)$")
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
    """A column: status, kept name, match form, and (by row) whether the name is rare."""

    status: pa.Array
    name: pa.Array
    form: pa.Array
    rare: np.ndarray


def read_names(cells: pa.Array) -> Names:
    """A column at once: distinct cells of plain characters by tables, the odd ones one by one."""
    encoded = cells.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    read = _read_distinct(distinct)
    index = encoded.indices.to_numpy(zero_copy_only=False)
    status = pa.array([r[0] for r in read], pa.string()).take(encoded.indices)
    name = pa.array([r[1] for r in read], pa.string()).take(encoded.indices)
    forms = [r[2] for r in read]
    rare = rarity(forms) < RARE_NAME_BOUND
    return Names(status, name, pa.array(forms, pa.string()).take(encoded.indices), rare[index])


def _read_distinct(distinct: list[str]) -> list[tuple[str, str, str]]:
    """(status, name, form) of distinct cells. Plain = 2 to 4 characters of the basic block that no rule touches."""
    if not distinct:
        return []
    out: list[tuple[str, str, str]] = [("empty", "", "")] * len(distinct)
    codes = np.frombuffer("".join(distinct).encode("utf-32-le"), dtype=np.uint32)
    lengths = np.array([len(cell) for cell in distinct])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    odd_character = (codes < 0x4E00) | (codes > 0x9FA5)
    odd = np.add.reduceat(np.append(odd_character, False), starts) > 0
    plain = (lengths >= 2) & (lengths <= 4) & ~odd
    at = np.flatnonzero(plain)
    forms = "\n".join(distinct[i] for i in at).translate(simplify()).split("\n") if len(at) else []
    for i, form in zip(at, forms, strict=True):
        cell = distinct[i]
        if cell in PLACEHOLDERS or _TITLE.search(cell):
            plain[i] = False
        else:
            out[i] = ("ok", cell, form)
    for i in np.flatnonzero(~plain):
        found = read_name(distinct[i])
        out[i] = (found.status, found.name, found.form)
    return out


@cache
def _frequencies() -> tuple[dict[str, float], dict[str, float]]:
    """Log shares of surnames and of characters of given names (reference/surnames.csv, given_characters.csv)."""
    with (INCLUDE / "reference" / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        surnames = {r["surname"]: float(r["share"]) for r in csv.DictReader(lines)}
    given: dict[str, float] = {}
    with (INCLUDE / "reference" / "given_characters.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            given[row["character"]] = max(given.get(row["character"], 0.0), float(row["share"]))
    return surnames, given


def rarity(forms: list[str]) -> np.ndarray:
    """Probability of each name: share of the surname times the shares of the given name's characters."""
    surnames, given = _frequencies()
    out = np.empty(len(forms))
    for i, form in enumerate(forms):
        size = 2 if form[:2] in surnames and len(form) > 2 else 1
        share = surnames.get(form[:size], UNKNOWN_CHARACTER)
        for ch in form[size:]:
            share *= given.get(ch, UNKNOWN_CHARACTER)
        out[i] = share
    return out
