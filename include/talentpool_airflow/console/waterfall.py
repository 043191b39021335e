"""Draw the score of a pair as steps: each comparison from the sum before it to the sum after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from talentpool_airflow.console.words import COMPARISONS


@dataclass(frozen=True)
class Form:
    """Where things stand. `beside`: words stand left of their bar, else above it: a phone has no room beside."""

    name: str
    width: int
    left: int
    row: int
    beside: bool


RIGHT = 44
"""Room for the name of the right bound."""
WIDE, NARROW = Form("wide", 640, 190, 34, beside=True), Form("narrow", 330, 34, 50, beside=False)


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall: from where to where the bits of the pair go. Places in px of a drawing; `said`: of
    the words' base line."""

    label: str
    reason: str
    bits: float
    x: float
    width: float
    y: int
    said: int


@dataclass(frozen=True)
class Waterfall:
    """The score as steps; `marks`: x, label and side of the label of the bounds of the bands."""

    form: Form

    bars: list[Bar]
    marks: list[tuple[float, str, str]]
    height: int


def draw(found: list[Any], review: float, same: float, shape: Form = WIDE) -> Waterfall:
    """Each comparison as a bar from the sum before it to the sum after it."""
    sums = [0.0]
    for one in found:
        sums.append(sums[-1] + one.bits)
    low, high = min(*sums, review) - 1, max(*sums, same) + 1

    def place(bits: float) -> float:
        return round(shape.left + (bits - low) / (high - low) * (shape.width - shape.left - RIGHT), 1)

    top = 30 if shape.beside else 46
    bars = [
        Bar(COMPARISONS[one.comparison], one.zh, one.bits, place(min(before, after)),
            max(round(place(max(before, after)) - place(min(before, after)), 1), 1.0),
            top + shape.row * at, top + shape.row * at + (16 if shape.beside else -6))
        for at, (one, before, after) in enumerate(zip(found, sums, sums[1:], strict=False))
    ]  # fmt: skip
    marks = [(place(review), "复核", "end"), (place(same), "同一人", "start")]
    return Waterfall(shape, bars, marks, top + 10 + shape.row * len(bars))
