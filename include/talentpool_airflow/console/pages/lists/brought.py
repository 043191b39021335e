"""What pages say of a sheet that an officer brought, or of another act on a list: refused, done, or taken with faults."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from talentpool.campaigns.receipts.taking import Returned
from talentpool.campaigns.sessions.signing import SignedUp
from talentpool.errors import ConflictError, RefusedError, RejectedError, UsageError
from talentpool_airflow.console import record
from talentpool_airflow.console.entitled import REFUSED
from talentpool_airflow.console.forms import MOST_UPLOAD, Posted, file_of
from talentpool_airflow.console.user import User

SHOWN = 200
"""Faults that a page lists; the sheet that is given back has all."""
MEGABYTES = MOST_UPLOAD // 1024**2
NO_SHEET = f"请选择填好的表（.xlsx，{MEGABYTES} MB 以内）。"


@dataclass(frozen=True)
class Answer:
    """What the page says of the last act."""

    fault: str = ""
    status: int = 422
    done: str = ""
    returned: Returned | SignedUp | None = None
    otherwise: Sequence[tuple[str, str]] = ()
    """Rows that stand otherwise than was said, each with what to do."""
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """Of the page that says it."""
        return self.status if self.fault else 200

    def shown(self) -> dict[str, Any]:
        """What `_brought.html` reads: what came of a sheet, the very sheet with its faults, how many of them are listed."""
        sheet = self.returned.sheet if self.returned else None
        given_back = base64.b64encode(sheet).decode() if sheet else ""
        return {"answer": self, "returned": self.returned, "sheet": given_back, "shown": SHOWN, "most": MEGABYTES}


def sheet_of(form: Posted) -> tuple[str, bytes] | None:
    """Name and bytes of the sheet in a form; None where there is none, or it is too large."""
    given = file_of(form, "file")
    return given if given is not None and given[1] and len(given[1]) <= MOST_UPLOAD else None


def refused(user: User, list_id: int, error: UsageError | RejectedError) -> Answer:
    """Why it was not done; on record where somebody had no right to it."""
    if isinstance(error, RefusedError):
        record.refused(user, f"list:{list_id}", error.code)
        return Answer(REFUSED.get(error.code, REFUSED["role"]), 403)
    return Answer(f"{error}。", 409 if isinstance(error, ConflictError) else 422)
