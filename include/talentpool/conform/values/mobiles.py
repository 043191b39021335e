"""Check mobile numbers: 11 digits from 13 to 19 are usable; any other is set aside, never repaired."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LISTED = frozenset(
    [*range(130, 140), 145, 147, 149, *range(150, 154), *range(155, 160), 162, *range(165, 168), *range(170, 179),
     *range(180, 194), *range(195, 200)]
)  # fmt: skip
"""First three digits given out so far; another one is a note, because the plan grows."""
GIVEN_OUT = f"(?:{'|'.join(map(str, sorted(LISTED)))})"
"""The same as a regular expression. In a column that is no mobile's only these make a number one: a partner's own number
may begin with a division code, and those of Shanxi begin with 14."""
_SPLIT = re.compile(r"[,;/、|\n]|或|和|\s+(?=(?:\+?86[\s\-]?|0086[\s\-]?)?1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d))")
"""Between two numbers of a cell; a space counts only where a whole number follows, for it also groups digits."""
_NUMERIC = re.compile(r"1[3-9]\d{9}\.0+|1\.[3-9]\d{9}E\+?10", re.ASCII | re.IGNORECASE)
"""A number that a program took for a quantity and kept every digit of."""
_COUNTRY = re.compile(r"^(\+86|0086|86(?=1[3-9]\d{9}$))")
_MASKED = re.compile(r"^1[3-9]\d\*{4}\d{4}$|^\*{7}\d{4}$")
_JUNK_TAILS = ("12345678", "23456789", "87654321")


@dataclass(frozen=True)
class Mobile:
    """`number` is '' unless it may be kept; `second` is another usable number of the same cell."""

    status: str
    number: str = ""
    second: str = ""


def read_mobile(cell: str) -> Mobile:
    """One cell, whatever is in it."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return Mobile("missing")
    if _NUMERIC.fullmatch(text):
        text = str(int(float(text)))
    whole = _digits(text)
    parts = [whole] if usable_mobile(whole) else [part for part in map(_digits, _SPLIT.split(text)) if part]
    usable = [part for part in parts if usable_mobile(part)]
    if usable:
        return Mobile("ok", usable[0], usable[1] if len(usable) > 1 and usable[1] != usable[0] else "")
    if len(parts) == 1 and _MASKED.match(parts[0]):
        return Mobile("masked", parts[0])
    return Mobile("unusable")


def _digits(text: str) -> str:
    return _COUNTRY.sub("", re.sub(r"[\s\-()\u2010-\u2015]", "", text))


def usable_mobile(number: str) -> bool:
    """11 digits from 13 to 19 that are not plainly made up."""
    return bool(re.fullmatch(r"1[3-9]\d{9}", number)) and not (
        len(set(number[3:])) == 1 or number.endswith(_JUNK_TAILS) or number == "13800138000"
    )


@dataclass(frozen=True)
class Mobiles:
    """A column of them; `unlisted` = usable, but of a range not known to be given out."""

    status: pa.Array
    number: pa.Array
    second: pa.Array
    unlisted: np.ndarray


def read_mobiles(cells: pa.Array) -> Mobiles:
    """A column at once: 11-digit cells as a byte matrix, the odd ones one by one."""
    n = len(cells)
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    good, unlisted = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    at = np.flatnonzero(lengths == 11)
    if len(at):
        taken = cells.take(pa.array(at))
        data = np.frombuffer(b"".join(taken.cast(pa.binary()).to_pylist()), dtype=np.uint8).reshape(-1, 11)
        digits = data.astype(np.int32) - 48
        fine = ((digits >= 0) & (digits <= 9)).all(axis=1) & (digits[:, 0] == 1) & (digits[:, 1] >= 3)
        fine &= ~(digits[:, 3:] == digits[:, 3:4]).all(axis=1)
        eight = (digits[:, 3:] * 10 ** np.arange(7, -1, -1)).sum(axis=1)
        fine &= ~np.isin(eight, [int(tail) for tail in _JUNK_TAILS])
        fine &= ~((digits[:, 0] == 1) & (digits[:, 1] == 3) & (digits[:, 2] == 8) & (eight == 138000))
        good[at] = fine
        unlisted[at[fine]] = ~np.isin((digits[fine, :3] * [100, 10, 1]).sum(axis=1), list(LISTED))
    odd = np.flatnonzero(~good & (lengths > 0))
    found = [read_mobile(cell) for cell in cells.take(pa.array(odd, pa.int64())).to_pylist()]
    unlisted[odd] = [one.status == "ok" and int(one.number[:3]) not in LISTED for one in found]
    mask = np.zeros(n, dtype=bool)
    mask[odd] = True

    def column(of_good: pa.Array | str, of_odd: list[str], otherwise: str) -> pa.Array:
        whole = pc.if_else(pa.array(good), of_good, otherwise)
        return pc.replace_with_mask(whole, pa.array(mask), pa.array(of_odd, pa.string())) if len(odd) else whole

    return Mobiles(
        column("ok", [one.status for one in found], "missing"), column(cells, [one.number for one in found], ""),
        column("", [one.second for one in found], ""), unlisted,
    )  # fmt: skip
