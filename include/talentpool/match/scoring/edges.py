"""Turn pairs into edges: who is one person, and what a person should look at. Scores are bits; nothing personal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from talentpool.match.candidates.pairs import Candidates
from talentpool.match.facts.features import Features
from talentpool.match.scoring.compare import Compared, compare
from talentpool.match.scoring.score import bits, borrowed, by_name_alone, nameless, relatives, two_numbers, unnamed
from talentpool.match.scoring.tally import bare, spread
from talentpool.match.scoring.weights import Bands, Weights

SCORED = "scored"
BORROWED = "borrowed_account"
"""Review: one document number under another name without a shared mobile."""
RELATIVES = "relatives"
"""Review: what agrees may be a family's, and names, sexes, birth dates or what is seen of document numbers do not."""
TWO_NUMBERS = "two_numbers"
"""Review: two full document numbers under one name and mobile, and one station or hire date."""
HELD_APART = (BORROWED, RELATIVES, TWO_NUMBERS)
"""Rules whose pairs no third record brings together either; only a person's judgement does."""
AMBIGUOUS = "ambiguous"
"""Review: a pair that is one person by its score, and was left apart by a guard."""
HUMAN_RULE = "human"
FEW = 2_000
"""Pairs without doubt that every pool is taken to have beside its own."""
RULES = (SCORED, *HELD_APART)


@dataclass(frozen=True)
class Scored:
    """By pair (positions): posterior bits; `rule` a place in RULES. Only pairs worth keeping.

    `scores`: whole bits -> pairs, of all that were compared; `same_from`: bits from which two records are one person.
    """

    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    rule: np.ndarray
    same: np.ndarray
    scores: dict[str, int]
    same_from: float


def score_pairs(
    features: Features, candidates: Candidates, weights: Weights, prior: float, same_from: float | None = None
) -> Scored:
    """Compare and score; pairs below the review band are dropped. `same_from` of the last full run; without one it is found
    anew."""
    compared = compare(features, candidates.bearers, candidates.left, candidates.right)
    return score_compared(features, candidates, compared, weights, prior, same_from)


def score_compared(
    features: Features,
    candidates: Candidates,
    compared: Compared,
    weights: Weights,
    prior: float,
    same_from: float | None = None,
) -> Scored:
    """The same of pairs that are compared already."""
    total = np.round(np.sum(list(bits(weights, compared).values()), axis=0) + prior, 3)
    lent, family, mistyped = borrowed(compared), relatives(compared), two_numbers(compared)
    alone = unsafe(features, candidates, compared)
    bound = safe_from(total[~alone], weights.bands) if same_from is None else same_from
    kept = np.flatnonzero((total >= weights.bands.review) | lent | mistyped)
    likely = total[kept] >= bound
    found = {BORROWED: lent[kept], TWO_NUMBERS: mistyped[kept], RELATIVES: likely & family[kept]}
    rule = np.select(list(found.values()), [RULES.index(name) for name in found], RULES.index(SCORED))
    left, right = candidates.left[kept], candidates.right[kept]
    return Scored(left, right, total[kept], rule, likely & ~alone[kept], spread(total), bound)


def unsafe(features: Features, candidates: Candidates, compared: Compared) -> np.ndarray:
    """Pairs that are never united by themselves, whatever the score."""
    nothing = bare(features.facts)
    guarded = borrowed(compared) | unnamed(compared) | nameless(compared) | relatives(compared)
    guarded |= by_name_alone(compared) | two_numbers(compared)
    return np.asarray(guarded | nothing[candidates.left] | nothing[candidates.right])


def safe_from(total: np.ndarray, bands: Bands) -> float:
    """Bits from which pairs are united, so that by their own scores no more of them than `bands.wrong` are two people.

    A pool whose rosters say much of everybody may unite on less than one whose rosters say little: there the doubtful
    pairs are few beside the sure ones. Steps of a quarter of a bit, within the bands. FEW sure pairs are added, without
    which a small pool would unite nothing.
    """
    sure = np.sort(total[total >= bands.same])[::-1]
    wrong = np.cumsum(1 / (1 + np.exp2(sure)))
    safe = np.flatnonzero(wrong <= bands.wrong * (np.arange(1, len(sure) + 1) + FEW))
    if not len(sure) or len(safe) == len(sure):
        return bands.same
    bound = np.ceil(4 * sure[safe[-1]]) / 4 if len(safe) else bands.surely
    return float(np.clip(bound, bands.same, bands.surely))
