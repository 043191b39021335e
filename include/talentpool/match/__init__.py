"""Find which records are one person. Judgements are edges over untouched records; person ids come last."""

from talentpool.match.apart import said_in, split, split_of, undo_split
from talentpool.match.erased import uncount
from talentpool.match.evidence import Evidence, explain_pair, explain_person, pending, sides, weigh
from talentpool.match.fields import compared, field_words, settled_by
from talentpool.match.fit import Fitted, fit
from talentpool.match.judge import Judged, Standing, judge, pair_name, pair_of, standing, undo
from talentpool.match.judgements import (
    TakenOver,
    count_judgements,
    export_judgements,
    import_judgements,
    judgements,
    overruled,
)
from talentpool.match.matching import MATCH_LOCK, MatchResult, links, match, match_within
from talentpool.match.on_record import Act, acts, who_decided
from talentpool.match.queue import Place, across, by_worth, place, review_pending, waiting_records
from talentpool.match.store import neighbours
from talentpool.match.versions import (
    activate,
    active_weights,
    keep_weights,
    read_weights,
    versions,
    weights_of,
    write_weights,
)
from talentpool.match.waiting import put_off
from talentpool.match.weights import load_weights

__all__ = [
    "MATCH_LOCK", "Act", "Evidence", "Fitted", "Judged", "MatchResult", "Place", "Standing", "TakenOver", "across",
    "activate", "active_weights", "acts", "by_worth", "compared", "count_judgements",
    "explain_pair", "explain_person", "export_judgements", "field_words", "fit",
    "import_judgements", "judge", "judgements", "keep_weights", "links", "load_weights", "match",
    "match_within", "neighbours", "overruled", "pair_name", "pair_of", "pending", "place", "put_off",
    "read_weights",
    "review_pending", "said_in", "settled_by", "sides", "split", "split_of", "standing", "uncount", "undo", "undo_split",
    "versions", "waiting_records", "weigh", "weights_of", "who_decided", "write_weights",
]  # fmt: skip
