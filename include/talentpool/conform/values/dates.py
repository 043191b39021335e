"""Read dates as rosters write them: a cell is a real day (o), missing (m), impossible (x), in the future (f), or says
that there is no end (n)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.documents import calendar
from talentpool.conform.values.moments import EPOCH, day_of, day_of_epoch
from talentpool.conform.values.never import (
    ENDS,
    OPEN_AFTER_YEARS,
    are_never,
    is_never,
    never_ends,
    never_word,
    years_after,
)

_FORMS = (
    re.compile(r"^(-?\d{4})-(\d{1,2})-(\d{1,2})(?:(?: +|T)(.+)|(?:Z|[+-]\d\d:\d\d))?$", re.IGNORECASE),
    re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})(?:(?: +|T)(.+))?$", re.IGNORECASE),
    re.compile(r"^(\d{4})\.(\d{1,2})\.(\d{1,2})(?: +(.+))?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(?: +|T)(.+))?$", re.IGNORECASE),
    re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日?(?: *(.+))?$"),
)
_COMPACT = re.compile(r"^(\d{8})(\d{2})(\d{2})(\d{2})?$")
EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST = 1900
_LAST_SERIAL = (date.max - EXCEL_EPOCH).days
_FOR_EVER = frozenset((date.fromisoformat(day) - EXCEL_EPOCH).days for day in ENDS)


@dataclass(frozen=True)
class Cell:
    """What a cell says. `note` is '', date_never or time_of_day."""

    day: date | None
    letter: str
    note: str = ""


_NO_DAY = Cell(None, "m")
_IMPOSSIBLE = Cell(None, "x")


def read_date(cell: str, field: str = "") -> Cell:
    """One cell of a column; nothing is held against the roster's date here."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return _NO_DAY
    if never_word(text, field) or (field == "left_on" and never_ends(text)):
        return _no_date(field)
    compact = _COMPACT.match(text)
    if compact and _is_real(compact[1]):
        if day_of_epoch(text, "") is not None:
            return _IMPOSSIBLE  # twelve digits may be milliseconds as well: two readings are none
        text = f"{compact[1]} {compact[2]}:{compact[3]}:{compact[4] or '00'}"
    elif EPOCH.match(text):
        return _numbered(text, field)
    for form in _FORMS:
        matched = form.match(text)
        if matched:
            year, month, day = (int(matched[place]) for place in (1, 2, 3))
            return _dated(year, month, day, matched[4] if form.groups > 3 else None, field)
    return _IMPOSSIBLE


def _dated(year: int, month: int, day: int, clock: str | None, field: str) -> Cell:
    if is_never(year, month, day):
        return _no_date(field)
    try:
        read = date(year, month, day)
    except ValueError:
        return _IMPOSSIBLE
    timed = False
    if clock:
        moved, timed = day_of(read, clock, field)
        if moved is None:
            return _IMPOSSIBLE
        if is_never(moved.year, moved.month, moved.day):
            return _no_date(field)
        read = moved
    return Cell(read, "o", "time_of_day" if timed else "") if read.year >= EARLIEST else _IMPOSSIBLE


def _numbered(text: str, field: str) -> Cell:
    read = day_of_epoch(text, field)
    if read is None:
        return _IMPOSSIBLE
    return _no_date(field) if is_never(read.year, read.month, read.day) else Cell(read, "o", "time_of_day")


def _is_real(digits: str) -> bool:
    try:
        return EARLIEST <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year < 2100
    except ValueError:
        return False


def _no_date(field: str) -> Cell:
    """An end that never comes is said, so a delta clears an older one; elsewhere the cell is as good as empty."""
    return Cell(None, "n" if field == "left_on" else "m", "date_never")


def from_excel(number: float, later: int = 0) -> str:
    """An Excel day number as YYYY-MM-DD, with THH:MM:SS where it has a time of day; the number's text when it is not a
    day of 1900 to 2100 nor for ever.

    A year, or a year and a month (2024.3), is none either: as a day it would be one of 1905. `later`: by how many days
    the book's calendar begins later.
    """
    if not isfinite(number) or 1900 <= number < 2101:
        return f"{number:g}"
    serial = number + later
    if 1 <= serial < 73_415 or int(serial) in _FOR_EVER:
        day, second = divmod(round(serial * 86_400), 86_400)
        text = (EXCEL_EPOCH + timedelta(days=day)).isoformat() if day <= _LAST_SERIAL else date.max.isoformat()
        return f"{text}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" if second else text
    return f"{number:g}"


@dataclass(frozen=True)
class Dates:
    """A column: datetime64[D] with NaT, one letter each, and which cells have a note."""

    days: np.ndarray
    letter: np.ndarray
    timed: np.ndarray
    never: np.ndarray


def read_dates(cells: pa.Array, latest: date, field: str = "") -> Dates:
    """A column at once: plain dates as a byte matrix, the odd ones by distinct cell. A date after `latest` keeps no
    value and is in the future; in `left_on` it is no end when it lies ten years ahead, and a plain date before."""
    n = len(cells)
    days = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    letter = np.full(n, "m", dtype="U1")
    timed, never = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    done = lengths == 0
    at = np.flatnonzero(lengths == 10)
    if len(at):
        plain, good = _plain(cells.take(pa.array(at)))
        days[at[good]], letter[at[good]] = plain[good], "o"
        done[at[good]] = True
        never |= are_never(days)
    odd = np.flatnonzero(~done)
    if len(odd):
        coded = cells.take(pa.array(odd)).dictionary_encode()
        read = [read_date(cell, field) for cell in coded.dictionary.to_pylist()]
        place = coded.indices.to_numpy(zero_copy_only=False)
        days[odd] = np.array([cell.day for cell in read], dtype="datetime64[D]")[place]
        letter[odd] = np.array([cell.letter for cell in read], dtype="U1")[place]
        timed[odd] = np.array([cell.note == "time_of_day" for cell in read], dtype=bool)[place]
        never[odd] = np.array([cell.note == "date_never" for cell in read], dtype=bool)[place]
    if field == "left_on":
        never |= days > np.datetime64(years_after(latest, OPEN_AFTER_YEARS), "D")
    else:
        future = (days > np.datetime64(latest, "D")) & ~never
        letter[future] = "f"
        days[future] = np.datetime64("NaT")
    if never.any():
        days[never] = np.datetime64("NaT")
        letter[never] = "n" if field == "left_on" else "m"
    return Dates(days, letter, timed & ~never, never)


def _plain(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(days, which are real) of cells of ten bytes that may be YYYY-MM-DD or YYYY/MM/DD."""
    data = np.frombuffer(b"".join(cells.cast(pa.binary()).to_pylist()), dtype=np.uint8).reshape(-1, 10)
    digits = data.astype(np.int32) - 48
    places = [0, 1, 2, 3, 5, 6, 8, 9]
    good = ((digits[:, places] >= 0) & (digits[:, places] <= 9)).all(axis=1)
    good &= ((data[:, 4] == 45) & (data[:, 7] == 45)) | ((data[:, 4] == 47) & (data[:, 7] == 47))
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    days, real = calendar(year, digits[:, 5] * 10 + digits[:, 6], digits[:, 8] * 10 + digits[:, 9])
    return days, good & real & (year >= EARLIEST)
