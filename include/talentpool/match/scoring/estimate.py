"""Learn weights by EM (Fellegi-Sunter): how often each level occurs within one person, and between strangers.

All the evidence of a pair says how likely it is one person (E). What agrees between records of one person is then
counted among the pairs that would have met without it: a key that fixes a comparison says nothing of how often it agrees
(M). Strangers are counted among pairs taken from all records at random; those who share a mobile among all who do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from talentpool.match.scoring.compare import code
from talentpool.match.scoring.levelled import Pairs
from talentpool.match.scoring.weights import LEVELS, Level, Weights

LEARNED = {
    "document": ("masked_fits", "tail_same", "tail_differs", "head_differs"),
    "mobile": ("same", "differs"),
    "birth": ("same", "near", "differs"),
    "name": ("same", "pinyin", "lost", "one", "differs"),
    "sex": ("men", "women", "differs"),
    "county": ("same", "differs"),
    "partner": ("same", "other"),
}
"""Levels whose shares add up to one where both sides are known. The others keep their weights: guards, no evidence."""
GUARDS = {("document", "same"), ("document", "conflict"), ("mobile", "shared")}
OTHER_PARTNER = code("partner", "other")
SAME_MOBILE = code("mobile", "same")
FEWEST = 10
"""A level that fewer pairs of one person, or of strangers, stand behind keeps its weight."""
CHANGE, HEAVIEST = 8.0, 22.0
"""No fit moves a weight by more bits than CHANGE; none learned weighs more than HEAVIEST, a full document number."""
STEPS, SETTLED, STILL = 60, 6, 0.01
"""Steps at most; from SETTLED on a level once found too thin stays out; what moves no weight by STILL bits is the last."""
Basis = Literal["fitted", "clipped", "few pairs", "unsteady", "guard", "reference", "no evidence"]
"""`unsteady`: enough pairs by the old weight, too few by the new one; it keeps the old."""


@dataclass(frozen=True)
class Learned:
    """A level's weight before and after, the pairs of one person and of strangers behind it, and what it rests on."""

    comparison: str
    level: str
    old: float
    new: float
    matches: int
    others: int
    basis: Basis


@dataclass(frozen=True)
class Estimate:
    """New weights (the version is still the old one's), each level's; pairs of one person; steps, whether they settled."""

    weights: Weights
    levels: list[Learned]
    matches: float
    steps: int
    settled: bool


@dataclass(frozen=True)
class _Counts:
    """By level: pairs of one person; of strangers, as counted (`others`) and in the measure that makes shares."""

    matches: np.ndarray
    others: np.ndarray
    strangers: np.ndarray


def estimate(near: Pairs, far: Pairs, reached: dict[str, np.ndarray], records: int, start: Weights) -> Estimate:
    """Weights of so many records, of which `near` are the candidate pairs and `far` pairs taken at random.

    Args:
        reached: comparison -> (rows of `near`,) bool: the pair shares a key that does not fix the comparison.
        start: weights to begin with; what cannot be learned stays as it is there.
    """
    first = _table(start)
    table, prior = first, start.prior.w
    thin = set[tuple[str, str]]()
    drawn = records * (records - 1) / 2 / max(far.count.sum(), 1.0)
    step, moved = 0, np.inf
    while step < STEPS and moved >= STILL:
        step += 1
        here = near.posterior(table, prior - np.log2(records)) * near.count
        there = (1 - far.posterior(table, prior - np.log2(records))) * far.count
        counts = {name: _count(name, near, here, far, there, reached[name], drawn) for name in LEVELS}
        now, few = _weights(counts, start, thin)
        if step >= SETTLED:
            thin |= few
        raised = _reference(now, first, few)
        prior = float(np.clip(np.log2(2 * max(here.sum(), 1.0) / records) + raised, *_bounds(start.prior.w)))
        moved = max(float(np.abs(now[name] - table[name]).max()) for name in LEVELS)
        table = now
    levels = [_learned(name, i, start, table, counts[name], few) for name in LEVELS for i in range(len(LEVELS[name]))]
    return Estimate(_as_weights(start, levels, prior), levels, float(here.sum()), step, moved < STILL)


def _table(weights: Weights) -> dict[str, np.ndarray]:
    return {name: np.array([weights.comparisons[name][level].w for level in levels]) for name, levels in LEVELS.items()}


def _bounds(start: float) -> tuple[float, float]:
    return max(start - CHANGE, -HEAVIEST), min(start + CHANGE, HEAVIEST)


def _count(
    name: str, near: Pairs, here: np.ndarray, far: Pairs, there: np.ndarray, reached: np.ndarray, drawn: float
) -> _Counts:
    size = len(LEVELS[name])
    matches = np.bincount(near.levels[name][reached], here[reached], size)
    others = np.bincount(far.levels[name], there, size)
    strangers = others * drawn
    if name == "mobile":  # hardly ever shared by two at random; whoever shares one is a candidate
        shared = near.levels[name] == SAME_MOBILE
        against = near.count[shared] - here[shared]
        others[SAME_MOBILE] = against.sum()
        strangers[SAME_MOBILE] = (against / np.maximum(near.bearers[shared] - 1, 1)).sum()
    return _Counts(matches, others, strangers)


def _weights(
    counts: dict[str, _Counts], start: Weights, thin: set[tuple[str, str]]
) -> tuple[dict[str, np.ndarray], set[tuple[str, str]]]:
    """Bits by level, and the levels that too few pairs stand behind."""
    table, few = _table(start), set[tuple[str, str]]()
    for name, levels in LEARNED.items():
        at = [code(name, level) for level in levels]
        count = counts[name]
        matches, strangers = count.matches[at].sum(), count.strangers[at].sum()
        for level, i in zip(levels, at, strict=True):
            rule = start.comparisons[name][level]
            if (name, level) in thin or _is_thin(rule, count, i):
                few.add((name, level))
                continue
            # how common what agrees is, is said of each pair where frequencies are known
            among = 1.0 if rule.rarity else count.strangers[i] / strangers
            table[name][i] = np.clip(np.log2(count.matches[i] / matches / among), *_bounds(rule.w))
    return table, few


def _is_thin(rule: Level, found: _Counts, i: int) -> bool:
    return bool(found.matches[i] < FEWEST or (not rule.rarity and found.others[i] < FEWEST))


def _reference(now: dict[str, np.ndarray], first: dict[str, np.ndarray], few: set[tuple[str, str]]) -> float:
    """Records of two partners weigh nothing, and the prior is theirs: how many bits that moves it."""
    raised = float(now["partner"][OTHER_PARTNER])
    both = few.isdisjoint({("partner", "same"), ("partner", "other")})
    now["partner"] = now["partner"] - raised if both else first["partner"].copy()
    return raised


def _learned(
    name: str, i: int, start: Weights, table: dict[str, np.ndarray], found: _Counts, few: set[tuple[str, str]]
) -> Learned:
    level = LEVELS[name][i]
    rule = start.comparisons[name][level]
    new = round(float(table[name][i]), 1)
    basis: Basis = "fitted"
    if (name, level) in GUARDS:
        basis = "guard"
    elif (name, level) == ("partner", "other"):
        basis = "reference"
    elif level not in LEARNED[name]:
        basis = "no evidence"
    elif (name, level) in few:
        basis = "few pairs" if _is_thin(rule, found, i) else "unsteady"
    elif table[name][i] in _bounds(rule.w):
        basis = "clipped"
    if basis not in ("fitted", "clipped"):
        new = rule.w
    return Learned(name, level, rule.w, new, round(found.matches[i]), round(found.others[i]), basis)


def _as_weights(start: Weights, levels: list[Learned], prior: float) -> Weights:
    comparisons: dict[str, dict[str, Level]] = {name: {} for name in LEVELS}
    for one in levels:
        rule = start.comparisons[one.comparison][one.level]
        comparisons[one.comparison][one.level] = rule.model_copy(update={"w": one.new})
    before = start.prior.model_copy(update={"w": round(prior, 1)})
    return start.model_copy(update={"comparisons": comparisons, "prior": before})
