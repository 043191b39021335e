"""Score comparisons: the bits of each level for and against one person. `edges.py` sums them and decides."""

from __future__ import annotations

import numpy as np

from talentpool.match.facts.frequencies import SMALLEST
from talentpool.match.scoring.compare import Compared, code
from talentpool.match.scoring.weights import LEVELS, Weights

TWO_NAMES = [code("name", level) for level in ("one", "pinyin", "lost")]
"""Levels at which two names may be those of brothers and sisters."""
PAPERS_AGREE = [code("document", level) for level in ("same", "masked_fits", "tail_same")]
PAPERS_DIFFER = [code("document", level) for level in ("tail_differs", "head_differs")]


def prior_bits(weights: Weights, records: int) -> float:
    """Bits of a random pair among so many records. Steps of half a bit, so that a month's growth changes nothing."""
    return weights.prior.w - float(round(2 * np.log2(max(records, SMALLEST)))) / 2


def bits(weights: Weights, compared: Compared) -> dict[str, np.ndarray]:
    """Comparison -> bits by pair."""
    by_comparison = {}
    for comparison, levels in compared.levels.items():
        rules = [weights.comparisons[comparison][name] for name in LEVELS[comparison]]
        value = np.array([rule.w for rule in rules])[levels]
        rare = np.array([rule.rarity is not None for rule in rules])[levels]
        if rare.any():
            most = np.array([rule.most for rule in rules])[levels]
            value = np.where(rare, value + np.minimum(-np.log2(compared.rest), most), value)
        if comparison == "mobile":
            same = levels == code("mobile", "same")
            value = value - np.where(same, np.log2(np.maximum(compared.bearers - 1, 1)), 0.0)
        if comparison == "birth":
            value = value - np.where(levels == code("birth", "same"), compared.common, 0.0)
        by_comparison[comparison] = value
    return by_comparison


def unnamed(compared: Compared) -> np.ndarray:
    """Another name, and no document number to say otherwise: a mobile alone never unites."""
    levels = compared.levels
    return (levels["name"] == code("name", "differs")) & (levels["document"] != code("document", "same"))


def nameless(compared: Compared) -> np.ndarray:
    """No name to compare on one side: whatever else agrees, nothing but the same document number unites."""
    levels = compared.levels
    return (levels["name"] == code("name", "unknown")) & (levels["document"] != code("document", "same"))


def relatives(compared: Compared) -> np.ndarray:
    """What speaks for two people of one family: a mobile, a surname and a birth date are what twins, siblings and
    couples share, so two names, two sexes, two birth dates or two ends of a document number are never united by
    themselves, unless the numbers say that they are one person's."""
    levels = compared.levels
    birth = levels["birth"]
    other = np.isin(levels["name"], TWO_NAMES)
    other |= (levels["sex"] == code("sex", "differs")) | (birth == code("birth", "differs"))
    return np.isin(levels["document"], PAPERS_DIFFER) | (other & ~np.isin(levels["document"], PAPERS_AGREE))


def twins(compared: Compared) -> np.ndarray:
    """Of those, names of one family that differ in one character, one birth date, and not one mobile: as likely one
    person as two, so that they teach nothing (levelled.py)."""
    levels = compared.levels
    return (
        (levels["name"] == code("name", "one"))
        & (levels["birth"] == code("birth", "same"))
        & (levels["mobile"] != code("mobile", "same"))
        & ~np.isin(levels["document"], PAPERS_AGREE)
    )


def borrowed(compared: Compared) -> np.ndarray:
    """One document number under another name and without a shared mobile: never united by itself."""
    levels = compared.levels
    return (
        (levels["document"] == code("document", "same"))
        & (levels["name"] == code("name", "differs"))
        & (levels["mobile"] != code("mobile", "same"))
    )
