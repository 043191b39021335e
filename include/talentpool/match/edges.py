"""Pairs to edges: what is one person, what somebody should look at. Scores are bits; nothing personal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from talentpool.match.compare import Compared, compare
from talentpool.match.features import Features
from talentpool.match.pairs import Candidates
from talentpool.match.score import bits, borrowed, twins, unnamed
from talentpool.match.tally import bare, spread
from talentpool.match.weights import Weights

SCORED = "scored"
BORROWED = "borrowed_account"
"""Review: one document number under another name without a shared mobile."""
AMBIGUOUS = "ambiguous"
"""Review: a pair that is one person by its score, and was left apart by a guard."""
HUMAN_RULE = "human"


@dataclass(frozen=True)
class Scored:
    """By pair (positions): posterior bits, whether it is a borrowed account. Only pairs worth keeping.

    `scores`: whole bits -> pairs, of all that were compared.
    """

    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    borrowed: np.ndarray
    same: np.ndarray
    scores: dict[str, int]


def score_pairs(features: Features, candidates: Candidates, weights: Weights, prior: float) -> Scored:
    """Compare and score; pairs below the review band are dropped."""
    compared: Compared = compare(features, candidates.bearers, candidates.left, candidates.right)
    total = np.round(np.sum(list(bits(weights, compared).values()), axis=0) + prior, 3)
    lent = borrowed(compared)
    at = np.flatnonzero((total >= weights.bands.review) | lent)
    score = total[at]
    nothing = bare(features.facts)
    nothing = nothing[candidates.left] | nothing[candidates.right]
    alone = (lent | unnamed(compared) | twins(compared) | nothing)[at]  # never by themselves, whatever the score
    same = (score >= weights.bands.same) & ~alone
    return Scored(candidates.left[at], candidates.right[at], score, lent[at], same, spread(total))
