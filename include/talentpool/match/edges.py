"""Pairs to edges: what is one person, what somebody should look at. Scores are bits; nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from talentpool.match.compare import Compared, compare
from talentpool.match.pairs import Candidates
from talentpool.match.records import Records
from talentpool.match.score import bits, borrowed, twins, unnamed
from talentpool.match.weights import Weights

SCORED = "scored"
BORROWED = "borrowed_account"
"""Review: one document number under another name without a shared mobile."""
AMBIGUOUS = "ambiguous"
"""Review: a pair that is one person by its score, and was left apart by a guard."""
HUMAN_RULE = "human"


@dataclass(frozen=True)
class Scored:
    """By pair (positions): posterior bits, whether it is a borrowed account. Only pairs worth keeping."""

    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    borrowed: np.ndarray
    same: np.ndarray


def score_pairs(
    records: Records, candidates: Candidates, weights: Weights, prior: float, counties: Mapping[int, float]
) -> Scored:
    """Compare and score; pairs below the review band are dropped. `counties`: code -> share of people there."""
    compared: Compared = compare(records.features, candidates.bearers, candidates.left, candidates.right, counties)
    total = np.sum(list(bits(weights, compared).values()), axis=0) + prior
    lent = borrowed(compared)
    at = np.flatnonzero((total >= weights.bands.review) | lent)
    score = np.round(total[at], 3)
    alone = (lent | unnamed(compared) | twins(compared))[at]  # never by themselves, whatever the score
    same = (score >= weights.bands.same) & ~alone
    return Scored(candidates.left[at], candidates.right[at], score, lent[at], same)
