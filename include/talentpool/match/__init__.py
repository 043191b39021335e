"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.evidence import Evidence, explain_pair, explain_person, pending, sides, weigh
from talentpool.match.judge import Judged, judge, pair_of, split, undo
from talentpool.match.matching import MATCH_LOCK, MatchResult, links, match, match_within
from talentpool.match.store import neighbours
from talentpool.match.waiting import review_pending
from talentpool.match.weights import load_weights

__all__ = [
    "MATCH_LOCK", "Evidence", "Judged", "MatchResult", "explain_pair", "explain_person", "judge", "links",
    "load_weights", "match", "match_within", "neighbours", "pair_of", "pending", "review_pending", "sides", "split",
    "undo", "weigh",
]  # fmt: skip
