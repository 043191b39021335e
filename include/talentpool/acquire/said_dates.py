"""Find the day or month that a file's name states, in any form, and compare it with the roster's date.

A name may also say when the file was exported, and a roster of October may be as of the first days of November: only a name
of which nothing comes near the date is contradicted.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

NEAR = timedelta(days=10)
_DAYS = re.compile(
    r"(?<!\d)(20\d{2})(?:(0[1-9]|1[0-2])([0-3]\d)(?!\d)|[-._/ 年](\d{1,2})[-._/ 月](\d{1,2})(?![\d年]))", re.ASCII
)
_MONTHS = re.compile(
    r"(?<!\d)(20\d{2})(?:年\s?(\d{1,2})月|[-.](0[1-9]|1[0-2])(?![-._\d])|(0[1-9]|1[0-2])(?!\d))", re.ASCII
)
_MONTH = re.compile(r"(?<![\d年])(\d{1,2}|十[一二]?|[一二三四五六七八九])月", re.ASCII)
_NUMERALS = {
    word: number
    for number, word in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)
}


def contradicts(name: str, as_of: date) -> str:
    """What a file's name says instead of `as_of`; '' when it says nothing, or comes near it."""
    said = list(_said(unicodedata.normalize("NFKC", name), as_of))
    if not said or any(first - NEAR <= as_of <= last + NEAR for _, first, last in said):
        return ""
    return said[0][0]


def _said(name: str, as_of: date) -> Iterator[tuple[str, date, date]]:
    """What a name says, and the first and last day that it may mean."""
    for found in _DAYS.finditer(name):
        year, month, day = (int(part) for part in found.groups() if part)
        if _is_month(month) and 1 <= day <= monthrange(year, month)[1]:
            yield found[0], date(year, month, day), date(year, month, day)
    for found in _MONTHS.finditer(name):
        year, month = (int(part) for part in found.groups() if part)
        if _is_month(month):
            yield found[0], *_of_month(year, month)
    for found in _MONTH.finditer(name):
        month = _NUMERALS.get(found[1]) or int(found[1])
        if _is_month(month):  # of which year is not said: of the nearest
            near = (_of_month(year, month) for year in (as_of.year, as_of.year - 1, as_of.year + 1))
            yield found[0], *min(near, key=lambda days: abs(days[0] - as_of))


def _is_month(month: int) -> bool:
    return 1 <= month <= 12


def _of_month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])
