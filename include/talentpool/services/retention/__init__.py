"""Carry out what declarations and papers promise about how long things are kept; keep what is under legal hold; report it."""

from talentpool.services.retention.aside import expire_quarantine
from talentpool.services.retention.holding import Hold, all_holds, end, place
from talentpool.services.retention.kind import Due
from talentpool.services.retention.reporting import Promise, Went, promises, went
from talentpool.services.retention.running import KINDS, OF_AIRFLOW, Carried, carry_out, carry_out_all, outlook, record
from talentpool.services.retention.terms import Term, defaults, terms_of

__all__ = [
    "KINDS",
    "OF_AIRFLOW",
    "Carried",
    "Due",
    "Hold",
    "Promise",
    "Term",
    "Went",
    "all_holds",
    "carry_out",
    "carry_out_all",
    "defaults",
    "end",
    "expire_quarantine",
    "outlook",
    "place",
    "promises",
    "record",
    "terms_of",
    "went",
]
