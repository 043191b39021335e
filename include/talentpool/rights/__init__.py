"""What people may ask about themselves: to be left alone (withdraw), to be forgotten (erase), to be told (access)."""

from talentpool.rights.forget import forget
from talentpool.rights.journal import pending
from talentpool.rights.requests import Answered, access, erase, finish_pending, withdraw
from talentpool.rights.subject import Subject, find
from talentpool.rights.suspended import resume, suspended

__all__ = [
    "Answered", "Subject", "access", "erase", "find", "finish_pending", "forget", "pending", "resume", "suspended",
    "withdraw",
]  # fmt: skip
