"""match: which records are one person. Judgements are edges over untouched records; ids last."""

from talentpool.match.evidence import Evidence, explain_pair, explain_person, pending, sides, weigh
from talentpool.match.judge import Judged, judge, pair_of, split, undo
from talentpool.match.judgements import TakenOver, export_judgements, import_judgements, judgements, overruled
from talentpool.match.matching import MATCH_LOCK, MatchResult, links, match, match_within
from talentpool.match.store import neighbours
from talentpool.match.waiting import review_pending, waiting_records
from talentpool.match.weights import load_weights

__all__ = [
    "MATCH_LOCK", "Evidence", "Judged", "MatchResult", "TakenOver", "explain_pair", "explain_person",
    "export_judgements", "import_judgements", "judge", "judgements", "links", "load_weights", "match", "match_within",
    "neighbours", "overruled", "pair_of", "pending", "review_pending", "sides", "split", "undo", "waiting_records", "weigh",
]  # fmt: skip
