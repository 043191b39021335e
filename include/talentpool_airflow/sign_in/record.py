"""Write sign-ins, sign-outs, refusals and locks into the audit log; alert somebody when it looks like an attack.

A name that nobody has is not written down: people type passwords into the wrong field.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

from talentpool.errors import TalentpoolError
from talentpool.guard import audit
from talentpool_airflow.console import state
from talentpool_airflow.sign_in.visit import here

log = logging.getLogger(__name__)
NOBODY = "not_signed_in"
"""Who acts where nobody has shown yet who they are."""


def on_record(action: str, name: str, *, actor: str = "", reason: str = "", **details: Any) -> None:
    """One row about user `name` ('' = one that nobody has); never raises: a refusal that cannot be written is one still."""
    facts = details | ({"address": here().address} if here().address else {})
    try:
        with state.pipeline().begin() as conn:
            audit(conn, action, f"user:{name or 'unknown'}", actor=actor or NOBODY, reason=reason,
                  scope=state.settings().area, details=facts)  # fmt: skip
    except (TalentpoolError, sa.exc.SQLAlchemyError) as error:
        log.error("%s could not be written to the audit log (%s)", action, type(error).__name__)


def alarm(message: str, **facts: Any) -> None:
    """A line for whoever is on duty, in the file of alerts."""
    from talentpool_airflow.alerts import say_alert

    try:
        say_alert({"what": "sign_in", "message": message, **facts})
    except OSError as error:
        log.error("an alert of signing in could not be written (%s)", type(error).__name__)
