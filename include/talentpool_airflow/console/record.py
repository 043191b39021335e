"""Write what the console records into the audit log: through the scoped connection, in the user's name."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

from talentpool.errors import TalentpoolError
from talentpool.guard import audit, scoped
from talentpool_airflow.console import state
from talentpool_airflow.console.user import User

log = logging.getLogger(__name__)


def written(
    conn: sa.Connection,
    user: User,
    action: str,
    subject: str,
    *,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """One row in the transaction of `conn`; the last thing in it."""
    audit(conn, action, subject, actor=user.name, reason=reason, scope=area_of(user), details=details)


def area_of(user: User) -> str:
    """The area code that stands on record: the county's for its officer, the deployment's for everybody else."""
    counties = user.scope.counties
    return ",".join(counties) if counties else state.settings().area


def refused(user: User, subject: str, why: str) -> None:
    """A refused access goes on record; that the log is out of reach does not turn a refusal into an answer."""
    try:
        with scoped(state.console(), user.scope) as conn:
            written(conn, user, "refused", subject, details={"why": why})
    except (TalentpoolError, sa.exc.SQLAlchemyError) as error:
        log.error("a refused access could not be written to the audit log (%s)", type(error).__name__)
