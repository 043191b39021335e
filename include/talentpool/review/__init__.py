"""Judge pairs: one person, two, or unsure; split who was made one. Judgements outlive every run.

A judgement is an edge that no matching run touches; it is carried out at once by a run around its records.
"""

from talentpool.review.entries import Entry, entries, who_judged
from talentpool.review.evidence import Evidence, explain_pair, explain_person, pending, sides, weigh
from talentpool.review.fields import agreement, compared, settled_by
from talentpool.review.judge import Judged, Judgement, judge, judgement_on, pair_name, pair_of, undo
from talentpool.review.judgements import (
    TakenOver,
    count_judgements,
    export_judgements,
    import_judgements,
    judgements,
    overruled,
)
from talentpool.review.queue import Place, across, by_worth, place, waiting_records
from talentpool.review.splits import judgements_of_split, split, split_of, undo_split

__all__ = [
    "Entry", "Evidence", "Judged", "Judgement", "Place", "TakenOver", "across", "agreement", "by_worth", "compared",
    "count_judgements", "entries", "explain_pair", "explain_person", "export_judgements", "import_judgements", "judge",
    "judgement_on", "judgements", "judgements_of_split", "overruled", "pair_name", "pair_of", "pending", "place",
    "settled_by", "sides", "split", "split_of", "undo", "undo_split", "waiting_records", "weigh", "who_judged",
]  # fmt: skip
