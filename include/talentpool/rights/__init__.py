"""What people may ask about themselves: to be left alone (withdraw), to be forgotten (erase), to be told (access)."""

from talentpool.rights.forget import forget
from talentpool.rights.journal import pending
from talentpool.rights.requests import Answered, access, erase, finish_pending, withdraw
from talentpool.rights.stopping import hand_out, stop_counts, stop_letter, stop_list, told_to_stop
from talentpool.rights.subject import Subject, find
from talentpool.rights.suspended import Suspension, resume, suspended, suspensions
from talentpool.rights.withdrawn import doubtful_rows, restore_consent, say_of_row

__all__ = [
    "Answered",
    "Subject",
    "Suspension",
    "access",
    "doubtful_rows",
    "erase",
    "find",
    "finish_pending",
    "forget",
    "hand_out",
    "pending",
    "restore_consent",
    "resume",
    "say_of_row",
    "stop_counts",
    "stop_letter",
    "stop_list",
    "suspended",
    "suspensions",
    "told_to_stop",
    "withdraw",
]
