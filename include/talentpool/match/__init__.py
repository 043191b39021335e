"""Find which records are one person: facts, candidates, scoring, persons. Records stay untouched; a run is one transaction.

What people say about pairs stands above, in `review`; a run only makes the queue of pairs that wait for them.
"""

from talentpool.match.candidates.store import neighbours
from talentpool.match.erased import uncount
from talentpool.match.matching import MatchResult, links, match, match_within
from talentpool.match.queue import review_pending
from talentpool.match.scoring.versions import (
    activate,
    active_bands,
    active_weights,
    keep_weights,
    read_weights,
    versions,
    weights_of,
    write_weights,
)
from talentpool.match.scoring.weights import load_weights
from talentpool.match.waiting import put_off

__all__ = [
    "MatchResult", "activate", "active_bands", "active_weights", "keep_weights", "links", "load_weights",
    "match", "match_within", "neighbours", "put_off", "read_weights", "review_pending", "uncount", "versions", "weights_of",
    "write_weights",
]  # fmt: skip
