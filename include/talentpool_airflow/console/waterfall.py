"""The score of a pair as a drawing of steps: each comparison from the sum before it to the sum after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from talentpool_airflow.console.words import COMPARISONS

WIDTH, LABEL, ROW = 640, 190, 34


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall: from where to where the bits of the pair go. Places in px of a drawing WIDTH wide."""

    label: str
    reason: str
    bits: float
    x: float
    width: float
    y: int


@dataclass(frozen=True)
class Waterfall:
    """The score as steps; `marks`: x and label of the bounds of the bands."""

    bars: list[Bar]
    marks: list[tuple[float, str]]
    height: int


def draw(found: list[Any], review: float, same: float) -> Waterfall:
    """Each comparison as a bar from the sum before it to the sum after it."""
    sums = [0.0]
    for one in found:
        sums.append(sums[-1] + one.bits)
    low, high = min(*sums, review) - 1, max(*sums, same) + 1

    def place(bits: float) -> float:
        return round(LABEL + (bits - low) / (high - low) * (WIDTH - LABEL - 10), 1)

    bars = [
        Bar(COMPARISONS[one.comparison], one.zh, one.bits, place(min(before, after)),
            max(round(place(max(before, after)) - place(min(before, after)), 1), 1.0), 30 + ROW * at)
        for at, (one, before, after) in enumerate(zip(found, sums, sums[1:], strict=False))
    ]  # fmt: skip
    return Waterfall(bars, [(place(review), "复核"), (place(same), "同一人")], 40 + ROW * len(bars))
