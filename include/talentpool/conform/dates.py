"""Dates as rosters write them. A cell is a real day, missing (m), impossible (x) or in the future (f)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.documents import calendar

_FORMS = (
    re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?$"),
    re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})( \d{1,2}:\d{2}(:\d{2})?)?$"),
    re.compile(r"^(\d{4})\.(\d{1,2})\.(\d{1,2})$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})$"),
    re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日?$"),
)
EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST = 1900


def read_date(cell: str) -> tuple[date | None, str]:
    """(date, 'o'), (None, 'm') or (None, 'x')."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return None, "m"
    for form in _FORMS:
        matched = form.match(text)
        if matched:
            try:
                found = date(int(matched[1]), int(matched[2]), int(matched[3]))
            except ValueError:
                return None, "x"
            return (found, "o") if found.year >= EARLIEST else (None, "x")
    return None, "x"


def from_excel(serial: float) -> str:
    """An Excel day number as YYYY-MM-DD, with THH:MM:SS where it has a time of day; the number's text when it is not a
    day of 1900 to 2100."""
    if 1 <= serial < 73_415:
        day, second = divmod(round(serial * 86_400), 86_400)
        text = (EXCEL_EPOCH + timedelta(days=day)).isoformat()
        return f"{text}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" if second else text
    return f"{serial:g}"


def read_dates(cells: pa.Array, as_of: date) -> tuple[np.ndarray, np.ndarray]:
    """A column: (datetime64[D] with NaT, one letter each: o m x f). A future date keeps no value."""
    n = len(cells)
    found = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    letter = np.full(n, "m", dtype="U1")
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    done = lengths == 0
    at = np.flatnonzero(lengths == 10)
    if len(at):
        taken = cells.take(pa.array(at))
        data = np.frombuffer(b"".join(taken.cast(pa.binary()).to_pylist()), dtype=np.uint8).reshape(-1, 10)
        digits = data.astype(np.int32) - 48
        places = [0, 1, 2, 3, 5, 6, 8, 9]
        good = ((digits[:, places] >= 0) & (digits[:, places] <= 9)).all(axis=1)
        good &= ((data[:, 4] == 45) & (data[:, 7] == 45)) | ((data[:, 4] == 47) & (data[:, 7] == 47))
        year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
        days, real = calendar(year, digits[:, 5] * 10 + digits[:, 6], digits[:, 8] * 10 + digits[:, 9])
        good &= real & (year >= EARLIEST)
        found[at[good]], letter[at[good]] = days[good], "o"
        done[at[good]] = True
    odd = np.flatnonzero(~done)
    if len(odd):
        seen: dict[str, tuple[date | None, str]] = {}
        for i, cell in zip(odd, cells.take(pa.array(odd)).to_pylist(), strict=True):
            if cell not in seen:
                seen[cell] = read_date(cell)
            value, letter[i] = seen[cell]
            if value is not None:
                found[i] = np.datetime64(value, "D")
    future = found > np.datetime64(as_of, "D")
    letter[future] = "f"
    found[future] = np.datetime64("NaT")
    return found, letter
