"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.matching import MatchResult, links, match, review_pending

__all__ = ["MatchResult", "links", "match", "review_pending"]
