"""What stands in the log as a code, in the words that the person reads too."""

from __future__ import annotations

from talentpool.services.rights.journal import IDENTITY, REVOKED
from talentpool.services.rights.reveal import REASONS, REFUSALS

REFUSED = "reveal"
"""What the log says before the code of REFUSALS."""
EXPLAINED = {"explain": "说明是否在名单"}


def why(reason: str) -> str:
    """The reason of a line of the log: `code`, `code words` (a step of a request) or `code: words` (a reveal) in words."""
    code, colon, words = reason.partition(": ")
    if colon and code in REASONS:
        return f"{REASONS[code]}：{words}"
    if colon and code == REFUSED and words in REFUSALS:
        return REFUSALS[words]
    code, _, words = reason.partition(" ")
    said = (IDENTITY | REVOKED | EXPLAINED).get(code)
    return reason if said is None else f"{said}（{words}）" if words else said
