"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.matching import MatchResult, links, match

__all__ = ["MatchResult", "links", "match"]
