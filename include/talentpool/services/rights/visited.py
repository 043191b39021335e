"""State what an erasure does in every table that names a person or record: delete, make nameless, or keep and why.

A table that is missing here fails a test: whoever adds one decides at once what becomes of it.
"""

from __future__ import annotations

import re

from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.model import metadata
from talentpool.services.rights.forget import BY_PERSON, BY_RECORD, NAMELESS

KEPT = {
    "audit_log": "who saw and changed what stays answerable; it names ids, which lead nowhere once the records are gone",
    "audit_waiting": "what officers' own logins wrote to the log, until the next writer chains it there",
    "retention_hold": "record ids of whom a legal hold keeps, which lead nowhere once the records are gone",
    "person_request": "the proof that the request was met names the ids of before",
    "suppression": "keyed hashes that keep who withdrew from coming back",
    "suppression_word": "keyed hashes of the office's word on rows like those of who withdrew",
    "withdrawal": "keyed hashes by which who withdrew is known again",
    "stop_notice": "staff numbers of those who asked in writing that a partner be told; gone once it was told",
}
"""Table -> why its rows stay when a person is erased."""
OUTSIDE = {
    "target_row": "campaigns/forgetting.py: drafts go, a locked list keeps a nameless place",
    "upload": "services/rights/requests.py: files that wait go with the partner's",
    "second_factor": "an officer's, who goes with the office; no person's of a roster",
    "alert": "a partner, a DAG, a delivery or an officer's account, no person of a roster",
    "letter": "sealed for the partner alone: its own staff numbers and masks; the file goes after 60 days",
    "handed_on": "a file's hash and sender, no person's",
}
"""Table -> where else it is seen to."""
_IDS = re.compile(
    r"(.+_)?(record|person)(_id)?|(old|new|other|withdrawal|upload)_id|staff_no|subject|token|sealed|record_ids|person_ids"
)
"""How columns are called that name a person, a record, or a hash of either."""


def naming() -> set[str]:
    """Tables with a column that may name a person or a record."""
    return {
        table.name
        for table in metadata.sorted_tables
        for column in table.columns
        if _IDS.fullmatch(column.name) or (column.name == "records" and isinstance(column.type, ARRAY))
    }


def seen_to() -> set[str]:
    """Tables of which it is said what an erasure does."""
    return {table.name for table in (*BY_RECORD, *BY_PERSON, *NAMELESS)} | set(KEPT) | set(OUTSIDE)
