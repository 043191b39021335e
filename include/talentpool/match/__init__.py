"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.matching import MATCH_LOCK, MatchResult, links, match, review_pending

__all__ = ["MATCH_LOCK", "MatchResult", "links", "match", "review_pending"]
