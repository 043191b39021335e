"""Check document numbers by GB 11643-1999 and by its 15-digit forerunner of 1989.

What has the shape of a resident number is checked as one, whatever its type is called (document_types.py).

Format validity only: no authority was asked. A digit is never repaired. The address prefix says where a number was
first issued; it never sets a county, and a prefix of no province is a note, never a refusal.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.document_types import OTHER, UNKNOWN, document_kind

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
CHECK = "10X98765432"
_CHECK_BYTES = np.frombuffer(CHECK.encode(), dtype=np.uint8)
PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
USABLE = frozenset({"valid", "legacy_15", "other_document"})
FOR_LIFE = frozenset({"valid", "legacy_15"})
"""Statuses of numbers that nobody gets anew: two that differ are two people's. A passport has another with each renewal."""
TAIWAN, HONG_KONG = 3, 4
TAIWAN_TYPE, HONG_KONG_TYPE = "台|^511", "港|澳|回乡|^516"
"""What the type of a permit is recognised by, as a regular expression here and in SQL."""
_RESIDENCE = re.compile(r"^([A-Z]{3}\d{12})$")  # a residence permit's older form: nothing of it changes
_PERMIT_TAIWAN = re.compile(r"^(\d{8})(\d{2}(\([A-Z0-9]\)|[A-Z])?)?$")  # then the number of issues, the issuer's sign
_PERMIT_HONG_KONG = re.compile(r"^([HM]\d{8})(\d{2})?$")  # then the number of issues
_LIFELONG = {TAIWAN: (_PERMIT_TAIWAN, _PERMIT_HONG_KONG), HONG_KONG: (_PERMIT_HONG_KONG,)}
"""Kind -> what its numbers look like, the part that is kept for life as a group."""
_MASKED = re.compile(r"^(\d{4}\*{7,10}[\dX]{4}|\d{3,6}\*{4,12}[\dX]{2,4}|\*{11,14}[\dX]{4})$")
_NUMERIC = re.compile(r"^\d(\.\d+)?E\+?1[4-7]$|^\d{15,18}\.0$")
_OTHER = re.compile(r"^[A-Z0-9()]{5,25}$")
_IN_A_ROW = "01234567890123456789012345"
_LIKE_RESIDENT = re.compile(r"^\d{15,20}X?$")
"""Long numbers of digits are resident numbers with or without a fault, whatever an unknown word calls them."""


def kind_of(document_type: str) -> int:
    """What kind of document that is no resident number: TAIWAN, HONG_KONG, or 0 for any other."""
    if re.search(TAIWAN_TYPE, document_type):
        return TAIWAN
    return HONG_KONG if re.search(HONG_KONG_TYPE, document_type) else 0


def lifelong(number: str, kind: int) -> str:
    """What the holder keeps for life of such a number: a digit more with each renewal is no other document. '' for a
    document that has nothing of the kind, such as a passport."""
    fits = (shape.match(number) for shape in _LIFELONG.get(kind, (_RESIDENCE,)))
    return next((one[1] for one in fits if one), "")


def comparable(number: str, document_type: str) -> str:
    """The number as it is compared and indexed: a permit's lifelong part, of other documents all of it."""
    return lifelong(number, kind_of(document_type)) or number


@dataclass(frozen=True)
class Document:
    """`number` is '' unless it may be kept. `status` is a value of id_number_status; sex 0 and birth None unknown."""

    status: str
    number: str = ""
    birth_date: date | None = None
    sex: int = 0


def check_digit(first_17: str) -> str:
    """The 18th character (ISO 7064 MOD 11-2)."""
    return CHECK[sum(int(d) * int(w) for d, w in zip(first_17, WEIGHTS, strict=True)) % 11]


def read_document(cell: str, document_type: str = "") -> Document:
    """One cell, whatever is in it."""
    text = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", cell)).upper().replace("＊", "*")
    if not text:  # a hyphen is a word for nothing, and clears no more than another one
        return Document("malformed" if cell.strip() else "missing")
    if _NUMERIC.match(text):
        return Document("precision_lost")
    if "*" in text:
        return Document("masked", text) if _MASKED.match(text) else Document("malformed")
    if re.fullmatch(r"\d{17}[\dX]", text):
        return _resident(text)
    kind = document_kind(document_type)
    if kind == OTHER or (kind == UNKNOWN and not _LIKE_RESIDENT.match(text)):
        fits = _OTHER.match(text) and not _is_filler(text, kind_of(document_type))
        return Document("other_document", text) if fits else Document("malformed")
    if re.fullmatch(r"\d{15}", text):
        born = _date(f"19{text[6:12]}")
        upgraded = text[:6] + "19" + text[6:]
        if born is None:
            return Document("malformed")
        return Document("legacy_15", upgraded + check_digit(upgraded), born, 1 if int(text[14]) % 2 else 2)
    if re.fullmatch(r"[A-Z]{3}\d{12}", text):  # permanent residence, older form: no check digit, exact match only
        return Document("other_document", text)
    return Document("malformed")


def _is_filler(text: str, kind: int) -> bool:
    """Whether somebody typed it to fill a cell: no digit, one or two signs over and over, or digits in a row (which a
    permit of eight digits may have)."""
    in_a_row = kind == 0 and (text in _IN_A_ROW or text in _IN_A_ROW[::-1])
    return in_a_row or not re.search(r"\d", text) or len(set(text)) < 3


def _resident(text: str) -> Document:
    if check_digit(text[:17]) != text[17]:
        return Document("precision_lost" if text.endswith("000") else "bad_checksum")
    born = _date(text[6:14])
    if born is None:
        return Document("bad_checksum")
    return Document("valid", text, born, 1 if int(text[16]) % 2 else 2)


def _date(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if born.year >= 1900 else None


@dataclass(frozen=True)
class Documents:
    """A column of them. `birth` is datetime64[D] (NaT unknown), `sex` int8, `foreign` = prefix of no province."""

    status: pa.Array
    number: pa.Array
    birth: np.ndarray
    sex: np.ndarray
    foreign: np.ndarray


def read_documents(cells: pa.Array, types: pa.Array) -> Documents:
    """A column at once: well-formed 18-character cells as a byte matrix, the odd ones one by one."""
    n = len(cells)
    status = np.full(n, "missing", dtype=object)
    number = np.full(n, "", dtype=object)
    birth = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    sex = np.zeros(n, dtype=np.int8)
    foreign = np.zeros(n, dtype=bool)
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(lengths == 18)
    done = lengths == 0
    if len(at):
        _well_formed(cells.take(pa.array(at)), at, status, number, birth, sex, foreign, done)
    for i in np.flatnonzero(~done):
        found = read_document(cells[int(i)].as_py(), types[int(i)].as_py())
        status[i], number[i], sex[i] = found.status, found.number, found.sex
        if found.birth_date is not None:
            birth[i] = np.datetime64(found.birth_date, "D")
            foreign[i] = int(found.number[:2]) not in PROVINCES and found.number[0] != "9"
    return Documents(pa.array(status, pa.string()), pa.array(number, pa.string()), birth, sex, foreign)


def _well_formed(
    cells: pa.Array,
    at: np.ndarray,
    status: np.ndarray,
    number: np.ndarray,
    birth: np.ndarray,
    sex: np.ndarray,
    foreign: np.ndarray,
    done: np.ndarray,
) -> None:
    """Rows `at` whose cells are 18 bytes: mark the valid ones and the plainly masked ones done."""
    data = np.frombuffer(b"".join(cells.cast(pa.binary()).to_pylist()), dtype=np.uint8).reshape(-1, 18)
    digits = data.astype(np.int32) - 48
    is_digit = (digits >= 0) & (digits <= 9)
    whole = is_digit[:, :17].all(axis=1) & (is_digit[:, 17] | (data[:, 17] == 88))
    good = whole & (_CHECK_BYTES[(digits[:, :17] * WEIGHTS).sum(axis=1) % 11] == data[:, 17])
    year = digits[:, 6] * 1000 + digits[:, 7] * 100 + digits[:, 8] * 10 + digits[:, 9]
    month = digits[:, 10] * 10 + digits[:, 11]
    day = digits[:, 12] * 10 + digits[:, 13]
    days, real = calendar(year, month, day)
    good &= real & (year >= 1900)
    rows = at[good]
    texts = cells.filter(pa.array(good)).to_numpy(zero_copy_only=False)
    status[rows], number[rows] = "valid", texts
    birth[rows] = days[good]
    sex[rows] = np.where(digits[good, 16] % 2 == 1, 1, 2)
    prefix = digits[good, 0] * 10 + digits[good, 1]
    foreign[rows] = ~np.isin(prefix, list(PROVINCES)) & (digits[good, 0] != 9)
    stars = data == 42
    masked = stars[:, 4:14].all(axis=1) & is_digit[:, 14:17].all(axis=1) & (is_digit[:, 17] | (data[:, 17] == 88))
    masked &= is_digit[:, :4].all(axis=1) | stars[:, :4].all(axis=1)
    status[at[masked]] = "masked"
    number[at[masked]] = cells.filter(pa.array(masked)).to_numpy(zero_copy_only=False)
    done[rows] = True
    done[at[masked]] = True


def calendar(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(datetime64[D], whether the date exists) for integer arrays; a date that does not exist is NaT."""
    plain = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1) & (year <= 9999)
    months = np.where(plain, (year - 1970) * 12 + (month - 1), 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (np.where(plain, day, 1) - 1).astype("timedelta64[D]")
    real = plain & (days.astype("datetime64[M]") == months)
    days[~real] = np.datetime64("NaT")
    return days, real
