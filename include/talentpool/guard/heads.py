"""Recompute the audit log's chain and compare it with the signed heads that were kept in two places.

A superuser of the database can rewrite the log, its end and the heads beside it. The second place is a file that the
worker may only append to (docs/operations.md): a head that stands there, and every head that should, is what such a
chain does not match.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.guard.audit import gather
from talentpool.guard.keys import KeyRing
from talentpool.model import audit_end, audit_head, audit_log
from talentpool.private_files import append

NOTHING_BEFORE = "0" * 64
HEAD_DAYS = 2
"""A row that is older must stand under a head: one is kept every night."""
_TEXT = ("login", "actor", "action", "subject", "reason", "scope")
_SIGNED = ("seq", "hash", "kept_at", "signature")


@dataclass(frozen=True)
class Verified:
    """What the log looks like.

    `broken`: one line of words for each place where it was tampered with, or where a head is missing. `trusted`: number
    of the last row that holds, with everything before it, against a head of ours; None = no head holds.
    """

    rows: int
    heads: int
    broken: list[str] = field(default_factory=list)
    trusted: int | None = None

    @property
    def whole(self) -> bool:
        return not self.broken


def first_head(conn: sa.Connection, keys: KeyRing, path: Path) -> bool:
    """Keep a head of the empty log, once, when a deployment begins: from then on a log without heads is no log of ours."""
    begun = conn.scalar(sa.select(audit_end.c.seq)) or conn.scalar(sa.select(sa.exists().select_from(audit_head)))
    if begun or any(_lines(path)):
        return False
    _keep(conn, keys, path, 0, NOTHING_BEFORE)
    return True


def keep_head(conn: sa.Connection, keys: KeyRing, path: Path) -> dict[str, Any] | None:
    """Append the chain's head, signed, to the file in the second place and to the database; None while the log is empty.

    It holds no name and no id of a person: a number, a hash, a time and a signature.
    """
    gather(conn)
    last = conn.execute(
        sa.select(audit_log.c.seq, audit_log.c.hash).order_by(audit_log.c.seq.desc()).limit(1)
    ).one_or_none()
    return None if last is None else _keep(conn, keys, path, last.seq, last.hash)


def _keep(conn: sa.Connection, keys: KeyRing, path: Path, seq: int, value: str) -> dict[str, Any]:
    """First into the second place: a head that only the database has would look like one that was removed there."""
    head = {"seq": seq, "hash": value, "kept_at": datetime.now(UTC).isoformat(timespec="seconds")}
    signed = {**head, "signature": _sign(keys, head)}
    path.parent.mkdir(parents=True, exist_ok=True)
    append(path, f"{json.dumps(signed)}\n".encode("ascii"), durable=True)
    with conn.engine.begin() as other:
        other.execute(sa.select(sa.func.audit_keep(*(signed[name] for name in _SIGNED))))
    return signed


def only_appended(path: Path) -> bool:
    """Whether this process can append to the file and not write over it (on Linux: chattr +a)."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    except OSError:
        return False
    try:
        os.close(os.open(path, os.O_WRONLY))
    except PermissionError:
        return True
    return False


def verify(conn: sa.Connection, keys: KeyRing, path: Path) -> Verified:
    """Recompute every hash and hold the log against all heads, those in `path` and those in the database.

    Nothing is changed but that rows of officers' own logins that waited are chained.
    """
    gather(conn)
    of_heads: list[str] = []
    heads, kept = _heads(keys, path, conn, of_heads)
    broken: list[str] = []  # of the chain
    expected, previous, rows = 1, NOTHING_BEFORE, 0
    trusted: int | None = None
    uncovered: Any = None  # the first row that no head that holds covers

    def meet(seq: int, value: str) -> None:
        nonlocal trusted, uncovered
        for head in heads.pop(seq, []):
            if head["hash"] != value:
                broken.append(f"row {seq} is not the one whose head was kept at {head['kept_at']}")
            elif not broken:
                trusted, uncovered = seq, None

    meet(0, NOTHING_BEFORE)
    for row in _stored(conn):
        rows += 1
        if row.seq != expected:
            missing = f"{expected}" if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            broken.append(f"row {missing} is missing")
        elif row.previous != previous:
            broken.append(f"row {row.seq} does not follow on row {row.seq - 1}: one of them was changed or inserted")
        if row.hash != _hash(row):
            broken.append(f"row {row.seq} was changed or inserted by hand")
        uncovered = uncovered or row
        meet(row.seq, row.hash)
        expected, previous = row.seq + 1, row.hash
    gone = sorted(heads)
    if gone:
        broken.append(
            f"the log ends at row {expected - 1}, but the head of row {gone[-1]} was kept: its end is missing"
        )
    end = conn.execute(sa.select(audit_end.c.seq, audit_end.c.hash)).one_or_none()
    if not gone and rows and (end is None or (end.seq, end.hash) != (expected - 1, previous)):
        broken.append(
            f"the log ends at row {expected - 1}, and the database counted another end: its end was cut off or exchanged"
        )
    return Verified(rows, kept, [*of_heads, *broken, *_not_kept(kept, rows, uncovered)], trusted)


def _not_kept(kept: int, rows: int, uncovered: Any) -> Iterator[str]:
    """Heads that should be there: one from the beginning, and one of every night."""
    if rows and not kept:
        yield (
            "no head was kept anywhere, so that nothing vouches for these rows: heads were removed, or `talentpool init`"
            " never kept the first one; if you are sure of the log, `talentpool audit head`"
        )
    elif uncovered is not None and uncovered.old:
        yield (
            f"row {uncovered.seq} is of {uncovered.at[:10]} and no head that holds covers it: heads since then are"
            " missing; if nothing ran in those nights and you are sure of the log, `talentpool audit head`"
        )


def _stored(conn: sa.Connection) -> Iterator[Any]:
    query = sa.select(
        audit_log.c.seq,
        sa.func.to_char(sa.func.timezone("UTC", audit_log.c.at), 'YYYY-MM-DD"T"HH24:MI:SS.US').label("at"),
        (audit_log.c.at < sa.func.now() - sa.cast(f"{HEAD_DAYS} days", sa.Interval)).label("old"),
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


def _heads(
    keys: KeyRing, path: Path, conn: sa.Connection, broken: list[str]
) -> tuple[dict[int, list[dict[str, Any]]], int]:
    """Heads of ours by row, those of both places once, and how many; what is wrong with them is added to `broken`."""
    found: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            head = json.loads(line)
            genuine = hmac.compare_digest(head["signature"], _sign(keys, head))
        except (ValueError, KeyError, TypeError):
            genuine = False
        if genuine:
            found[head["signature"]] = head
        else:
            broken.append(f"line {number} of the kept heads is not one that we signed")
    missing = []
    for row in conn.execute(sa.select(audit_head).order_by(audit_head.c.head_id)).mappings():
        head = {name: row[name] for name in _SIGNED}
        if not hmac.compare_digest(head["signature"], _sign(keys, head)):
            broken.append(f"head {row['head_id']} in the database is not one that we signed")
        elif head["signature"] not in found:
            missing.append(head)
            found[head["signature"]] = head
    if missing:
        broken.append(
            f"{len(missing)} heads that were kept are missing in the second place, the first of row {missing[0]['seq']}"
            f" kept at {missing[0]['kept_at']}: they were removed there, or TALENTPOOL_AUDIT_HEADS names another file"
        )
    heads: dict[int, list[dict[str, Any]]] = {}
    for head in found.values():
        heads.setdefault(head["seq"], []).append(head)
    return heads, len(found)
