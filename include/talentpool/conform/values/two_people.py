"""Recognise a row that holds two people: a sign divides their names, and another cell is divided as well.

Read as one it would make a person of two, with a name that nobody has and the number of the first. One of the two signs
alone says little: one person may have two mobiles, or a second name behind a stroke.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.no_names import is_full_name

BESIDE = (
    "staff_no", "document_no", "mobile", "sex", "birth_date", "county", "station", "hired_on", "consented_on"
)  # fmt: skip
"""Cells that are divided too where two people stand. A date or a number is divided by nothing that divides people."""
_MAYBE = r"\S[/\x{FF0F}\x{3001},\x{FF0C};\x{FF1B}|&+\\\s]+\S"
_DIVIDED = re.compile(r"[/、,;|&+\\\n]")
_DATED = frozenset({"birth_date", "hired_on", "consented_on"})
_WHOLE = 11
_DAY = re.compile(r"\d{4}\D?\d{1,2}\D?\d{1,2}")


def rows_of_two(columns: Mapping[str, pa.Array]) -> np.ndarray | None:
    """Which rows of a block are of more people than one; None when none is."""
    maybe = np.flatnonzero(pc.match_substring_regex(columns["name"], _MAYBE).to_numpy(zero_copy_only=False))
    if not len(maybe):
        return None
    at = pa.array(maybe)
    lines = pa.table({field: columns[field].take(at) for field in ("name", *BESIDE)}).to_pylist()
    two = [place for place, line in zip(maybe, lines, strict=True) if is_of_two(line)]
    rows = np.zeros(len(columns["name"]), dtype=bool)
    rows[two] = True
    return rows if two else None


def is_of_two(cells: Mapping[str, str]) -> bool:
    """Whether a row, its cells by field, names more people than one."""
    text = unicodedata.normalize("NFKC", cells.get("name", ""))
    for names in (_DIVIDED.split(text), text.split()):
        parts = ["".join(part.split()) for part in names]
        if len(parts) > 1 and len(set(parts)) == len(parts) and all(map(is_full_name, parts)):
            return any(_is_divided(cells.get(field, ""), field, len(parts)) for field in BESIDE)
    return False


def _is_divided(cell: str, field: str, people: int) -> bool:
    text = unicodedata.normalize("NFKC", cell).strip()
    if field in _DATED:
        return len(_DAY.findall(text)) >= people
    shortest = _WHOLE if field == "mobile" else 1  # spaces group the digits of one
    return any(
        len(parts) == people and all(len(part.strip()) >= shortest for part in parts)
        for parts in (_DIVIDED.split(text), text.split())
    )
