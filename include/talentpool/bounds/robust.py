"""Learn a bound from a history of figures: median and MAD, which a single odd delivery hardly moves.

The median absolute deviation times 1.4826 is the standard deviation of a normal sample (Rousseeuw and Croux, JASA 1993). What
others measured is kept out of it by half: as long as fewer than half of the deliveries are odd, both stay within the range
of the rest. docs/adr/0106 says why, and why a cap is needed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from talentpool.declare.partner import Learned

SIGMA = 1.4826


@dataclass(frozen=True)
class Spread:
    """A history of a measure: how many figures, their median, and the median of their distances from it."""

    deliveries: int
    median: float
    mad: float


def spread_of(figures: Sequence[float]) -> Spread:
    """ValueError for no figure at all."""
    if not figures:
        raise ValueError("there is no median of nothing")
    middle = median(figures)
    return Spread(len(figures), middle, median(abs(figure - middle) for figure in figures))


def room(spread: Spread, declared: float, rule: Learned) -> float:
    """How far from the median a figure may be: `k` robust standard deviations, and never less than `floor` of the declared
    bound, so that a history without any change does not hold the first change."""
    return max(rule.k * SIGMA * spread.mad, rule.floor * declared)


def cap(declared: float, rule: Learned) -> float:
    """The laxest that a learned bound may be: `cap` times the declared one; of a share never more than halfway from the
    declared bound to everything, for twice a half would be no bound."""
    widest = rule.cap * declared
    return widest if declared > 1 else min(widest, max(declared, (1 + declared) / 2))


def upper_share(spread: Spread, declared: float, rule: Learned) -> float:
    """The upper bound of a share."""
    return min(spread.median + room(spread, declared, rule), cap(declared, rule))


def upper_level(spread: Spread, anchor: float, jump: float, rule: Learned) -> float:
    """The upper bound of a share whose declared bound is a jump from its own level (values that are missing). What it may reach
    hangs on `anchor`, the level of the first deliveries, which no later one moves."""
    return min(spread.median + room(spread, jump, rule), anchor + cap(jump, rule), 1.0)


def around_count(spread: Spread, jump: float, rule: Learned) -> tuple[float, float]:
    """Lower and upper bound of a count whose declared bound is a share of it, more or fewer."""
    most = cap(jump, rule) * spread.median
    beside = min(room(spread, jump * spread.median, rule), most)
    return max(spread.median - beside, 0.0), spread.median + beside
