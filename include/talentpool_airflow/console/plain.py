"""Values in plain, as the pages ask for them: in the user's own scope, with a reason, out of the user's day, on record."""

from __future__ import annotations

from uuid import UUID

from talentpool.errors import RefusedError, UsageError
from talentpool.guard import Personal, scoped
from talentpool.rights.reveal import LEAST_NOTE, REFUSALS, reveal
from talentpool_airflow.console import state
from talentpool_airflow.console.user import User

COUNTED_AS = "reveal"
"""Every page that shows values in plain counts into one limit (console/limits.py)."""


def show_plain(user: User, person: UUID, *, reason: str, note: str, record: UUID | None = None) -> Personal | str:
    """The values of a person, or of one record of theirs, when that is committed to the log; else why not, in words."""
    try:
        with scoped(state.console(), user.scope) as conn:
            return reveal(
                conn, state.keys(), state.settings(), str(person), actor=user.name, roles=user.scope.roles,
                reason=reason, note=note, record=record,
            )  # fmt: skip
    except RefusedError as refused:
        return REFUSALS[refused.code]
    except UsageError:
        return f"请选择理由，并写明用途（至少 {LEAST_NOTE} 个字）。"
