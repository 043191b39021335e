"""Write the audit log: who did what to whom, when and why, in the transaction of what it records.

Rows are checked, numbered, timed and hashed by a function of the log's owner (`audit_write`), each together with the one
before; nobody writes, changes or deletes them by another way. A superuser could still rewrite the whole chain: what is
held against that stands in guard/heads.py.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError

from talentpool.errors import UsageError
from talentpool.model import audit_log

log = logging.getLogger(__name__)

ACTIONS = (
    "access", "approval", "decision", "erasure", "export", "key_use", "lock", "password_change", "refused", "reveal",
    "role_change", "search", "second_factor", "sign_in", "sign_in_failed", "sign_in_lock", "sign_out", "upload", "view",
    "withdrawal",
)  # fmt: skip
"""What the function takes; it has the same list."""
LONGEST = {"subject": 300, "actor": 200, "reason": 2000, "scope": 2000}
"""Characters the function takes at most."""


def audit(
    conn: sa.Connection,
    action: str,
    subject: str,
    *,
    actor: str,
    reason: str = "",
    scope: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Write one row. Last thing in a transaction: from here to its end no other transaction of ours can write one.

    What an officer's own login writes stops nobody: it waits to be chained by the next writer (`gather`). `subject` and
    `details` hold ids, counts and names of fields, never a value of a person. UsageError when nobody is named, or a
    text is longer than the log takes.
    """
    if action not in ACTIONS:
        raise ValueError(f"an action is one of {', '.join(ACTIONS)}")
    if not actor.strip():
        raise UsageError("an audited action must name who acts")
    values = {"subject": subject, "actor": actor.strip(), "reason": reason, "scope": scope}
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            raise UsageError(f"the {name} of an audited action has {most} characters at most; shorten it")
    conn.execute(
        sa.select(
            sa.func.audit_write(action, subject, values["actor"], reason, scope, sa.literal(details or {}, JSONB))
        )
    )


def audit_apart(
    conn: sa.Connection,
    action: str,
    subject: str,
    *,
    actor: str,
    reason: str = "",
    scope: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """The same in a transaction of its own, whatever becomes of the caller's: what was refused is rolled back there.

    Never raises for a log that is out of reach: a refusal that cannot be written is still a refusal.
    """
    try:
        with conn.engine.begin() as other:
            other.execute(sa.select(sa.func.set_config("talentpool.actor", actor, True)))
            # the caller's own transaction may hold the log until its end: then the line below is all there is
            other.execute(sa.text("set local lock_timeout = '2s'"))
            audit(other, action, subject, actor=actor, reason=reason, scope=scope, details=details)
    except SQLAlchemyError as error:  # no connection left included
        log.error("%s of %s could not be audited (%s): %s", action, subject, type(error).__name__, reason)


def gather(conn: sa.Connection) -> int:
    """Chain what officers' own logins wrote, in a transaction of its own; how many rows. For whoever reads the log."""
    with conn.engine.begin() as other:
        return int(other.scalar(sa.select(sa.func.audit_gather())) or 0)


def entries(conn: sa.Connection, subject: str | None = None) -> list[dict[str, Any]]:
    """Rows in order, of one subject or all of them."""
    gather(conn)
    query = sa.select(audit_log).order_by(audit_log.c.seq)
    if subject is not None:
        query = query.where(audit_log.c.subject == subject)
    return [dict(row) for row in conn.execute(query).mappings()]
