"""Turn pairs into edges: who is one person, and what a person should look at. Scores are bits; nothing personal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from talentpool.match.candidates.pairs import Candidates
from talentpool.match.facts.features import Features
from talentpool.match.scoring.compare import Compared, compare
from talentpool.match.scoring.score import bits, borrowed, nameless, relatives, unnamed
from talentpool.match.scoring.tally import bare, spread
from talentpool.match.scoring.weights import Weights

SCORED = "scored"
BORROWED = "borrowed_account"
"""Review: one document number under another name without a shared mobile."""
RELATIVES = "relatives"
"""Review: what agrees may be a family's, and names, sexes, birth dates or what is seen of document numbers do not."""
HELD_APART = (BORROWED, RELATIVES)
"""Rules whose pairs no third record brings together either; only a person's judgement does."""
AMBIGUOUS = "ambiguous"
"""Review: a pair that is one person by its score, and was left apart by a guard."""
HUMAN_RULE = "human"
RULES = (SCORED, *HELD_APART)


@dataclass(frozen=True)
class Scored:
    """By pair (positions): posterior bits; `rule` a place in RULES. Only pairs worth keeping.

    `scores`: whole bits -> pairs, of all that were compared.
    """

    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    rule: np.ndarray
    same: np.ndarray
    scores: dict[str, int]


def score_pairs(features: Features, candidates: Candidates, weights: Weights, prior: float) -> Scored:
    """Compare and score; pairs below the review band are dropped."""
    compared: Compared = compare(features, candidates.bearers, candidates.left, candidates.right)
    total = np.round(np.sum(list(bits(weights, compared).values()), axis=0) + prior, 3)
    lent = borrowed(compared)
    kept = np.flatnonzero((total >= weights.bands.review) | lent)
    score = total[kept]
    nothing = bare(features.facts)
    nothing = nothing[candidates.left] | nothing[candidates.right]
    family = relatives(compared)
    # never by themselves, whatever the score
    alone = (lent | unnamed(compared) | nameless(compared) | family | nothing)[kept]
    likely = score >= weights.bands.same
    family = likely & family[kept]
    rule = np.select([lent[kept], family], [RULES.index(BORROWED), RULES.index(RELATIVES)], RULES.index(SCORED))
    return Scored(candidates.left[kept], candidates.right[kept], score, rule, likely & ~alone, spread(total))
