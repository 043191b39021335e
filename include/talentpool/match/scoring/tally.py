"""Count what a run saw, naming nobody: the scores, mobiles of too many, records without evidence."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from talentpool.match.facts.features import NO_DATE, Facts
from talentpool.match.scoring.compare import SHARED_MOBILE_MAX

log = logging.getLogger(__name__)

LOWEST, HIGHEST = -40, 50
"""Whole bits between which scores are told apart; what lies further out is counted at the end."""

DEFAULT = 6
"""Bits less from which a birth date is no evidence: as many as half of what one in common weighs (births.py)."""


@dataclass(frozen=True)
class Tally:
    """Of a full run. `shared_mobiles`: in more than SHARED_MOBILE_MAX records each; `bare`:
    records without usable evidence."""

    shared_mobiles: int
    bare: int


def tally(facts: Facts, mobiles: np.ndarray, bearers: np.ndarray) -> Tally:
    """Count, and say so in the log where something is wrong with what the partners send.

    Args:
        mobiles: (n, 3) keys of a record's mobiles, 0 for none.
        bearers: (n, 3) records that bear each.
    """
    counted = Tally(len(np.unique(mobiles[bearers > SHARED_MOBILE_MAX])), int(bare(facts).sum()))
    if counted.shared_mobiles:
        log.warning(
            "%d mobiles stand in more than %d records each and are no evidence; the quality report says at which partners",
            counted.shared_mobiles,
            SHARED_MOBILE_MAX,
        )
    return counted


def bare(facts: Facts) -> np.ndarray:
    """Which records have no usable evidence: no document number nor its end, no mobile, no birth date but one that a form
    seems to have filled in."""
    document = (facts.document != 0) | (facts.tail != 0)
    born = (facts.birth != NO_DATE) & (facts.common < DEFAULT)
    return ~document & (facts.mobile == 0) & (facts.mobile2 == 0) & ~born


def spread(score: np.ndarray) -> dict[str, int]:
    """Whole bits (rounded down) -> pairs."""
    bits, counts = np.unique(np.clip(np.floor(score), LOWEST, HIGHEST).astype(np.int64), return_counts=True)
    return {str(bit): count for bit, count in zip(bits.tolist(), counts.tolist(), strict=True)}
