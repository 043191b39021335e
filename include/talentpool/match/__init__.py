"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.evidence import Evidence, explain_pair, explain_person, pending, weigh
from talentpool.match.judge import Judged, judge, split, undo
from talentpool.match.matching import MATCH_LOCK, MatchResult, links, match, review_pending

__all__ = [
    "MATCH_LOCK", "Evidence", "Judged", "MatchResult", "explain_pair", "explain_person", "judge", "links", "match",
    "pending", "review_pending", "split", "undo", "weigh",
]  # fmt: skip
