"""Find personal numbers in the columns that are stored in plain.

A mobile or an ID number as staff number, or beside a station's name, would stand readable in tables, lists and
messages. Plain columns are looked through by distinct value; staff numbers, of which none is like another, only where
one is long enough to hold such a number.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.documents import PROVINCES
from talentpool.conform.values.mobiles import GIVEN_OUT

SHORTEST = 11
_BEFORE, _AFTER = "(?:^|[^0-9])", "(?:$|[^0-9])"
_GAP = r"[ \-\.\x{2010}-\x{2015}]?"
_BREAK = r"[ .\-\u2010-\u2015]?"
_MAYBE = (
    rf"[0-9][ ._/()\x{{2010}}-\x{{2015}}-]{{1,2}}[0-9]"
    rf"|{_BEFORE}(?:(?:(?:\+?86|0086){_GAP})1[3-9][0-9]|(?:0{_GAP})?{GIVEN_OUT}){_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_AFTER}"
    rf"|{_BEFORE}[1-8][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[01][0-9][0-3][0-9]{_GAP}[0-9]{{3}}[0-9Xx]{_AFTER}"
    rf"|{_BEFORE}[1-8][0-9]{{7}}[01][0-9][0-3][0-9][0-9]{{3}}{_AFTER}"
)
"""Of Arrow, which knows no looking around: what may be one."""
_BETWEEN = re.compile(r"(?<=\d)[ ._/()\-\u2010-\u2015]{1,2}(?=\d)|^[(](?=\d)")
"""What may stand between the digits of one number, wherever it is divided."""
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+?86|0086){_BREAK}1[3-9]\d|(?:0{_BREAK})?{GIVEN_OUT}){_BREAK}\d{{4}}{_BREAK}\d{{4}}(?!\d)"
)
"""Behind the country's code every range is one."""
_DOCUMENT = re.compile(rf"(?<!\d)(\d{{6}}){_BREAK}(\d{{4}}){_BREAK}(\d{{2}})(\d{{2}}){_BREAK}(\d{{3}}[\dXx])(?!\d)")
_LEGACY = re.compile(r"(?<!\d)(\d{6})(\d{2})(\d{2})(\d{2})\d{3}(?!\d)")
_BORN = range(1900, 2016)
"""Years of birth of those who may work; later ones make a number that a partner composed of county, day and order."""


def personal_kind(text: str) -> str:
    """'mobile', 'id_number' or '': what personal number stands somewhere in a text."""
    half = unicodedata.normalize("NFKC", text)
    joined = _BETWEEN.sub("", half)
    return _kind(half) or (_kind(joined) if joined != half else "")


def _kind(half: str) -> str:
    if any(_is_document(found[1], int(found[2]), int(found[3]), int(found[4])) for found in _DOCUMENT.finditer(half)):
        return "id_number"
    if any(
        _is_document(found[1], 1900 + int(found[2]), int(found[3]), int(found[4])) for found in _LEGACY.finditer(half)
    ):
        return "id_number"
    return "mobile" if _MOBILE.search(half) else ""


def _is_document(place: str, year: int, month: int, day: int) -> bool:
    """The check digit is not asked for: a number typed wrongly is a person's all the same."""
    if int(place[:2]) not in PROVINCES or year not in _BORN:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def kinds_by_row(column: pa.Array) -> np.ndarray | None:
    """The kind of personal number in each cell of a column in which values repeat; None = nowhere."""
    if not len(column) or (pc.max(pc.binary_length(column)).as_py() or 0) < SHORTEST:
        return None
    coded = column.dictionary_encode()
    kinds = np.array([personal_kind(cell) if len(cell) >= SHORTEST else "" for cell in coded.dictionary.to_pylist()])
    if not len(kinds) or not (kinds != "").any():
        return None
    return np.asarray(kinds[coded.indices.to_numpy(zero_copy_only=False)])


def kinds_of_staff(column: pa.Array) -> np.ndarray | None:
    """The same of staff numbers in half width, which do not repeat."""
    if not len(column) or (pc.max(pc.binary_length(column)).as_py() or 0) < SHORTEST:
        return None
    maybe = np.flatnonzero(pc.match_substring_regex(column, _MAYBE).to_numpy(zero_copy_only=False))
    if not len(maybe):
        return None
    kinds = np.full(len(column), "", dtype="U9")
    kinds[maybe] = [
        personal_kind(cell) if len(cell) >= SHORTEST else "" for cell in column.take(pa.array(maybe)).to_pylist()
    ]
    return kinds if (kinds != "").any() else None
