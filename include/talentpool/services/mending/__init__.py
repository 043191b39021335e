"""Work off rows that were set aside: see them, correct, take as they are, return, and let them expire."""

from talentpool.services.mending.act import Act, Done, WorseError
from talentpool.services.mending.acting import correct, correct_record, give_back, release
from talentpool.services.mending.requested import answer
from talentpool.services.mending.rows import Place, Waiting, waiting
from talentpool.services.mending.standing import Held, ReplacesError, end_value, holding
from talentpool.services.retention import expire_quarantine

__all__ = [
    "Act",
    "Done",
    "Held",
    "Place",
    "ReplacesError",
    "Waiting",
    "WorseError",
    "answer",
    "correct",
    "correct_record",
    "end_value",
    "expire_quarantine",
    "give_back",
    "holding",
    "release",
    "waiting",
]
