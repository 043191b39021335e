"""The audit log: who did what to whom, when and why, written in the transaction of what it records.

Rows are numbered, timed and hashed by the database itself (a trigger), each together with the one before; nobody may
change or delete them. A superuser could still rewrite the whole chain, so its head is signed and kept in a second
place (`keep_head`), and `verify` holds the log against every head that was kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from talentpool.errors import UsageError
from talentpool.guard.keys import KeyRing
from talentpool.model import audit_log

log = logging.getLogger(__name__)

NOTHING_BEFORE = "0" * 64
ACTIONS = (
    "access", "approval", "decision", "erasure", "export", "key_use", "lock", "password_change", "refused", "reveal",
    "role_change", "search", "second_factor", "sign_in", "sign_in_failed", "sign_in_lock", "sign_out", "upload", "view",
    "withdrawal",
)  # fmt: skip
_TEXT = ("login", "actor", "action", "subject", "reason", "scope")


@dataclass(frozen=True)
class Verified:
    """What the log looks like. `broken`: one line of words for each place where it was tampered with."""

    rows: int
    heads: int
    broken: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.broken


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
    """Write one row. Last thing in a transaction: from here to its end no other transaction can write one.

    `subject` and `details` hold ids, counts and names of fields, never a value of a person. UsageError when nobody is
    named.
    """
    if action not in ACTIONS:
        raise ValueError(f"an action is one of {', '.join(ACTIONS)}")
    if not actor.strip():
        raise UsageError("an action on record says who acts")
    conn.execute(
        audit_log.insert().inline(),
        {"action": action, "subject": subject, "actor": actor.strip(), "reason": reason, "scope": scope,
         "details": details or {}},
    )  # fmt: skip


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


def entries(conn: sa.Connection, subject: str | None = None) -> list[dict[str, Any]]:
    """Rows in order, of one subject or all of them."""
    query = sa.select(audit_log).order_by(audit_log.c.seq)
    if subject is not None:
        query = query.where(audit_log.c.subject == subject)
    return [dict(row) for row in conn.execute(query).mappings()]


def keep_head(conn: sa.Connection, keys: KeyRing, path: Path) -> dict[str, Any] | None:
    """Append the chain's head, signed, to the file in the second place; None while the log is empty.

    The line holds no name and no id of a person: a number, a hash, a time and a signature.
    """
    last = conn.execute(
        sa.select(audit_log.c.seq, audit_log.c.hash).order_by(audit_log.c.seq.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return None
    head = {"seq": last.seq, "hash": last.hash, "kept_at": datetime.now(UTC).isoformat(timespec="seconds")}
    signed = {**head, "signature": _sign(keys, head)}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(signed) + "\n")
        file.flush()
        os.fsync(descriptor)
    return signed


def verify(conn: sa.Connection, keys: KeyRing, path: Path) -> Verified:
    """Recompute every hash and hold the log against the heads kept in `path`; nothing is changed."""
    broken: list[str] = []
    heads = _heads(keys, path, broken)
    expected, previous, rows = 1, NOTHING_BEFORE, 0
    for row in _stored(conn):
        rows += 1
        if row.seq != expected:
            missing = f"{expected}" if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            broken.append(f"row {missing} is missing")
        elif row.previous != previous:
            broken.append(f"row {row.seq} does not follow on row {row.seq - 1}: one of them was changed or inserted")
        if row.hash != _hash(row):
            broken.append(f"row {row.seq} was changed or inserted by hand")
        for head in heads.pop(row.seq, []):
            if head["hash"] != row.hash:
                broken.append(f"row {row.seq} is not the one whose head was kept at {head['kept_at']}")
        expected, previous = row.seq + 1, row.hash
    gone = sorted(heads)
    if gone:
        broken.append(
            f"the log ends at row {expected - 1}, but the head of row {gone[-1]} was kept: its end is missing"
        )
    return Verified(rows, sum(1 for _ in _lines(path)), broken)


def _stored(conn: sa.Connection) -> Iterator[Any]:
    query = sa.select(
        audit_log.c.seq,
        sa.func.to_char(sa.func.timezone("UTC", audit_log.c.at), 'YYYY-MM-DD"T"HH24:MI:SS.US').label("at"),
        *(audit_log.c[name] for name in _TEXT),
        audit_log.c.details.cast(sa.Text).label("details"),
        audit_log.c.previous,
        audit_log.c.hash,
    ).order_by(audit_log.c.seq)
    yield from conn.execution_options(yield_per=5_000).execute(query)


def _hash(row: Any) -> str:
    """What the database's audit_hash() computes, computed again here."""
    values = (str(row.seq), row.at, *(getattr(row, name) for name in _TEXT), row.details, row.previous)
    return hashlib.sha256("".join(f"{len(value)}:{value}" for value in values).encode()).hexdigest()


def _sign(keys: KeyRing, head: dict[str, Any]) -> str:
    """Under a key of its own, derived from one that is never rotated."""
    key = hmac.digest(keys.key("suppression"), b"talentpool audit head", "sha256")
    return hmac.digest(key, f"{head['seq']}|{head['hash']}|{head['kept_at']}".encode(), "sha256").hex()


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        yield from (line for line in path.read_text(encoding="ascii", errors="replace").splitlines() if line.strip())


def _heads(keys: KeyRing, path: Path, broken: list[str]) -> dict[int, list[dict[str, Any]]]:
    heads: dict[int, list[dict[str, Any]]] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            head = json.loads(line)
            genuine = hmac.compare_digest(head["signature"], _sign(keys, head))
        except (ValueError, KeyError, TypeError):
            genuine = False
        if genuine:
            heads.setdefault(head["seq"], []).append(head)
        else:
            broken.append(f"line {number} of the kept heads is not one that we signed")
    return heads
