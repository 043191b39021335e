"""How many numbers are left to try for somebody who sees a mask and knows the birth year and where somebody is from."""

from __future__ import annotations

import re
from datetime import date, timedelta

from talentpool.conform.values.documents import check_digit

MASK = re.compile(r"[0-9X*]*\*{3,}[0-9X*]*")
FEW = 1000


def documents_left(mask: str, whole: str) -> int:
    """Numbers of the area and birth year of `whole` that the mask (18 characters) fits, of one sex."""
    year, fits = int(whole[6:10]), re.compile(mask.replace("*", "."))
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    left = 0
    for day in days:
        for order in range(int(whole[16]) % 2, 1000, 2):
            first = f"{whole[:6]}{day:%Y%m%d}{order:03d}"
            left += bool(fits.fullmatch(first + check_digit(first)))
    return left


def least_left(page: str, whole: str) -> int:
    """Of all masks on a page, how many numbers the most telling one leaves."""
    masks = set(MASK.findall(page))
    assert masks, "a page without a mask proves nothing"
    return min(documents_left(one, whole) if len(one) >= 15 else 10 ** one.count("*") for one in masks)
