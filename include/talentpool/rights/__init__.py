"""What people may ask about themselves: to be left alone (withdraw), to be forgotten (erase), to be told (access)."""

from talentpool.rights.forget import forget
from talentpool.rights.journal import pending
from talentpool.rights.requests import Answered, access, erase, finish_pending, withdraw
from talentpool.rights.subject import Subject, find
from talentpool.rights.suspended import resume, suspended
from talentpool.rights.withdrawn import doubtful_rows, restore_consent, say_of_row, stop_list, told_to_stop

__all__ = [
    "Answered",
    "Subject",
    "access",
    "doubtful_rows",
    "erase",
    "find",
    "finish_pending",
    "forget",
    "pending",
    "restore_consent",
    "resume",
    "say_of_row",
    "stop_list",
    "suspended",
    "told_to_stop",
    "withdraw",
]
