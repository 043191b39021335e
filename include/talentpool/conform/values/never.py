"""Recognise what other systems write where there is no date: words, the ends of calendars, dates decades ahead.

Such a cell is no date and no fault. It is read as empty with the note `date_never`; in 离职日期 it says that the
person is still there.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np

WORDS = frozenset(
    ("无", "暂无", "没有", "空", "未知", "不详", "未填", "未填写", "-", "--", "---", "—", "——", "/", "\\", "0", "null",
     "(null)", "none", "nil", "nan", "nat", "n/a", "na", "\\n")
)  # fmt: skip
"""No date, in any column; compared in lower case and half width."""
STILL_THERE = frozenset(
    ("长期", "长期有效", "至今", "现在", "今", "在职", "在岗", "在站", "在册", "在职中", "在岗中", "在职人员", "仍在职",
     "仍在岗", "目前在职", "正常在职", "正常在岗", "至今在职", "至今在岗", "在职至今", "正常", "未离职", "未离", "未离岗",
     "未离站", "未离队", "未离开", "未辞职", "未解约", "尚未", "尚未离职", "尚未离岗", "尚在职", "暂未", "暂未离职",
     "暂无离职", "无离职", "没有离职", "未", "永久", "无固定期限", "无期限", "无限期", "不限", "∞", "present", "now",
     "current", "active", "否", "n", "no", "false")
)  # fmt: skip
"""No end, in 离职日期 only."""
_BEGINNINGS = ("1601-01-01", "1753-01-01", "1858-11-17", "1899-11-30", "1899-12-30", "1899-12-31", "1900-01-00",
               "1900-01-01", "1904-01-01", "1970-01-01")  # fmt: skip
ENDS = ("2099-12-31", "2100-01-01", "2199-12-31", "2299-12-31", "2999-12-31", "9999-12-31")
_CUSTOMARY = frozenset((*_BEGINNINGS, *ENDS))
"""Day 0 and the last day of one system or another. Nobody on a roster was born, hired or asked on one of them, but
for the birthday of 1970, which a document number can prove."""
_END_YEARS = frozenset(day[:4] for day in ENDS)
_YEAR = re.compile(r"(\d{4})\s*年?|(\d{4})[年./\-]\s*(?:1|01|12)\s*月?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
_SERIAL = re.compile(r"(\d{5,7})(?:\.0+)?", re.ASCII)
_SERIALS = frozenset((date.fromisoformat(day) - date(1899, 12, 30)).days for day in ENDS)
"""The same days as Excel counts them, which a CSV keeps as numbers."""
LAST_YEAR = 3000
FIRST_YEAR = 3
"""Zero dates become years 0 to 2 when a program reads them; from year 3000 on no date of a person lies."""
OPEN_AFTER_YEARS = 10
"""Nobody knows ten years ahead when somebody leaves."""


def is_never(year: int, month: int, day: int) -> bool:
    """Whether a date, real or not, is one that stands for no date."""
    return year < FIRST_YEAR or year >= LAST_YEAR or f"{year:04d}-{month:02d}-{day:02d}" in _CUSTOMARY


def never_word(text: str, field: str) -> bool:
    """Whether a cell in half width says that there is no date."""
    word = text.lower()
    return word in WORDS or (field == "left_on" and word in STILL_THERE)


def never_ends(text: str) -> bool:
    """Whether a cell of 离职日期 in half width stands for no end in a notation that is no date elsewhere: a year alone
    or with its month, the day first, a number of days."""
    if year := _YEAR.fullmatch(text):
        said = year[1] or year[2]
        return said in _END_YEARS or int(said) >= LAST_YEAR
    if turned := _YEAR_LAST.fullmatch(text):
        one, other, last = turned[1].zfill(2), turned[2].zfill(2), turned[3]
        return int(last) >= LAST_YEAR or not {f"{last}-{one}-{other}", f"{last}-{other}-{one}"}.isdisjoint(ENDS)
    serial = _SERIAL.fullmatch(text)
    return serial is not None and int(serial[1]) in _SERIALS


_REAL = np.array(sorted(day for day in _CUSTOMARY if day[:4] >= "1900" and not day.endswith("00")), "datetime64[D]")
_LAST = np.datetime64(f"{LAST_YEAR}-01-01", "D")
_EARLY, _MIDDLE, _LATE = (np.datetime64(day, "D") for day in ("1904-01-01", "1970-01-01", "2099-12-31"))


def are_never(days: np.ndarray) -> np.ndarray:
    """The same of real dates; NaT is none of them."""
    suspect: np.ndarray = (days <= _EARLY) | (days == _MIDDLE) | (days >= _LATE)
    if suspect.any():
        suspect &= np.isin(days, _REAL) | (days >= _LAST)
    return suspect


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
