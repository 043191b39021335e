"""Do what people may ask about themselves: stop use (withdraw), be forgotten (erase), be told (access)."""

from talentpool.services.rights.forget import forget, forget_all
from talentpool.services.rights.journal import IDENTITY, REVOKED, Entry, entries, entry, pending
from talentpool.services.rights.registering import register, revoke, verify
from talentpool.services.rights.requests import Answered, Copy, confirm, finish_pending, hand_over
from talentpool.services.rights.stopping import hand_out, stop_counts, stop_letter, stop_list, told_to_stop
from talentpool.services.rights.subject import Subject, find
from talentpool.services.rights.suspended import Suspension, resume, suspended, suspensions
from talentpool.services.rights.withdrawn import doubtful_rows, restore_consent, say_of_row

__all__ = [
    "IDENTITY",
    "REVOKED",
    "Answered",
    "Copy",
    "Entry",
    "Subject",
    "Suspension",
    "confirm",
    "doubtful_rows",
    "entries",
    "entry",
    "find",
    "finish_pending",
    "forget",
    "forget_all",
    "hand_out",
    "hand_over",
    "pending",
    "register",
    "restore_consent",
    "resume",
    "revoke",
    "say_of_row",
    "stop_counts",
    "stop_letter",
    "stop_list",
    "suspended",
    "suspensions",
    "told_to_stop",
    "verify",
]
