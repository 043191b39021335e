"""Bring characters that look alike to one form: compatibility forms, radicals from PDFs, variants, simplified.

For comparing only; what is stored keeps the characters that were delivered. The table is
include/reference/look_alike_characters.csv, the simplified forms come from OpenCC (conform/characters/build_tables.py).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np

from talentpool.settings import INCLUDE

STAND_INS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
"""Radicals and compatibility ideographs: code points that stand for a character without being it."""


def folded(text: str) -> str:
    """The form in which two texts are compared."""
    return unicodedata.normalize("NFKC", text).translate(_table())


@cache
def simplify() -> dict[int, str]:
    """Traditional -> simplified, character by character (conform/characters/tables/simplify.npz, made by build_tables.py)."""
    with np.load(Path(__file__).with_name("tables") / "simplify.npz") as table:
        return {int(a): chr(int(b)) for a, b in zip(table["traditional"], table["simplified"], strict=True)}


@cache
def _table() -> dict[int, str]:
    with (INCLUDE / "reference" / "look_alike_characters.csv").open(encoding="utf-8", newline="") as lines:
        alike = {ord(row["character"]): row["stands_for"] for row in csv.DictReader(lines)}
    table = simplify() | alike
    for code, form in alike.items():  # a radical may stand for a variant, and that for a traditional character
        while table.get(ord(form), form) != form:
            form = table[ord(form)]
        table[code] = form
    return table


@cache
def folds_of_plane() -> np.ndarray:
    """The folded form by code point of the basic plane; 0 where it lies beyond, so that it is looked at by itself."""
    folds = np.arange(0x10000, dtype=np.uint32)
    for old, new in _table().items():
        if old < 0x10000:
            folds[old] = ord(new) if ord(new) < 0x10000 else 0
    return folds
