"""What people may ask about themselves: to be left alone (withdraw), to be forgotten (erase), to be told (access)."""

from talentpool.rights.journal import pending
from talentpool.rights.requests import Answered, access, erase, withdraw
from talentpool.rights.subject import Subject, find

__all__ = ["Answered", "Subject", "access", "erase", "find", "pending", "withdraw"]
