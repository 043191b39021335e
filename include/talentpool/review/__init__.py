"""Say of pairs what they are: one person, two, or unsure; take apart who was made one. Judgements outlive every run.

A judgement is an edge that no matching run touches; it is carried out at once by a run around its records.
"""

from talentpool.review.apart import said_in, split, split_of, undo_split
from talentpool.review.evidence import Evidence, explain_pair, explain_person, pending, sides, weigh
from talentpool.review.fields import compared, field_words, settled_by
from talentpool.review.judge import Judged, Standing, judge, pair_name, pair_of, standing, undo
from talentpool.review.judgements import (
    TakenOver,
    count_judgements,
    export_judgements,
    import_judgements,
    judgements,
    overruled,
)
from talentpool.review.on_record import Act, acts, who_decided
from talentpool.review.queue import Place, across, by_worth, place, waiting_records

__all__ = [
    "Act", "Evidence", "Judged", "Place", "Standing", "TakenOver", "across", "acts", "by_worth", "compared",
    "count_judgements", "explain_pair", "explain_person", "export_judgements", "field_words", "import_judgements", "judge",
    "judgements", "overruled", "pair_name", "pair_of", "pending", "place", "said_in", "settled_by", "sides", "split",
    "split_of", "standing", "undo", "undo_split", "waiting_records", "weigh", "who_decided",
]  # fmt: skip
