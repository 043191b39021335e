"""Say of two hidden values that they are the same, one slip apart, different, or missing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Literal

Alike = Literal["same", "slip", "different", "missing"]
_NEARER: tuple[Alike, ...] = ("same", "slip", "different", "missing")


def alike(left: str, right: str) -> Alike:
    """How two values agree. `slip`: one character is another, one is too many, or two neighbours changed places;
    `missing`: one side has none, or one that came masked, of which nothing whole can be said."""
    left, right = left.strip().upper(), right.strip().upper()
    if not left or not right or "*" in left or "*" in right:
        return "missing"
    if left == right:
        return "same"
    return "slip" if _slip(left, right) else "different"


def nearest(left: Iterable[str], right: Iterable[str]) -> Alike:
    """Of several values a side, such as two mobiles: how the two that are nearest agree."""
    words = {alike(one, other) for one, other in product(left, right)}
    return next((word for word in _NEARER if word in words), "missing")


def _slip(left: str, right: str) -> bool:
    if len(left) > len(right):
        left, right = right, left
    at = next((n for n, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), len(left))
    if len(left) != len(right):
        return left[at:] == right[at + 1 :]
    swapped = left[at : at + 2][::-1] == right[at : at + 2] and left[at + 2 :] == right[at + 2 :]
    return swapped or left[at + 1 :] == right[at + 1 :]
