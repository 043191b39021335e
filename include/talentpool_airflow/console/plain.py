"""Show values in plain on pages: in the user's own scope, with a reason, within the day's limit, on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import RefusedError, UsageError
from talentpool.guard import Personal, scoped
from talentpool.services.mending import Place
from talentpool.services.rights.reveal import LEAST_NOTE, REFUSALS, reveal, reveal_set_aside
from talentpool_airflow.console import state
from talentpool_airflow.console.record import refused
from talentpool_airflow.console.user import User

COUNTED_AS = "reveal"
"""Every page that shows values in plain counts into one limit (console/limits.py)."""

NEEDS_FACTOR = "查看明文需要动态口令。请在“动态口令”页面绑定后退出，再用密码和动态口令登录。"


def by_password_alone(user: User, subject: str) -> bool:
    """Whether the user must not see this in plain, for want of a second factor; then that is on record."""
    if user.second_factor or not state.settings().second_factor_to_reveal:
        return False
    refused(user, subject, "second_factor")
    return True


def show_plain(user: User, person: UUID, *, reason: str, note: str, record: UUID | None = None) -> Personal | str:
    """The values of a person, or of one record of theirs, when that is committed to the log; else why not, in words."""
    if by_password_alone(user, f"person:{person}"):
        return NEEDS_FACTOR
    by: dict[str, Any] = {"actor": user.name, "roles": user.scope.roles, "reason": reason, "note": note}
    return _shown(user, lambda conn: reveal(conn, state.keys(), state.settings(), str(person), record=record, **by))


def show_plain_row(user: User, place: Place, *, reason: str, note: str) -> Personal | str:
    """The same of a row that was set aside."""
    if by_password_alone(user, f"delivery:{place.delivery_id}"):
        return NEEDS_FACTOR
    at = (place.delivery_id, place.row_no)
    by: dict[str, Any] = {"actor": user.name, "roles": user.scope.roles, "reason": reason, "note": note}
    return _shown(user, lambda conn: reveal_set_aside(conn, state.keys(), state.settings(), at, **by))


def _shown(user: User, look: Callable[[sa.Connection], Personal]) -> Personal | str:
    try:
        with scoped(state.console(), user.scope) as conn:
            return look(conn)
    except RefusedError as refusal:
        return REFUSALS[refusal.code]
    except UsageError:
        return f"请选择理由，并写明用途（至少 {LEAST_NOTE} 个字）。"
