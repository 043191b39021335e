"""Requests on record: when one came, until when it is to be answered, who decided, and the proof in counts.

What was erased is here by record id, so that a restored backup can be made to forget again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.model import person_request
from talentpool.rights.subject import Subject

ANSWER_DAYS = 15
"""The office's own promise; the law says "in good time" (PIPL 50)."""


def due_on(received_on: date) -> date:
    """The day by which a request is answered."""
    return received_on + timedelta(days=ANSWER_DAYS)


def open_request(conn: sa.Connection, kind: str, subject: Subject, *, by: str, reason: str, received_on: date) -> int:
    """Write a request down; returns its number."""
    row = {
        "kind": kind,
        "subject": subject.name,
        "records": list(subject.records),
        "received_on": received_on,
        "due_on": due_on(received_on),
        "decided_by": by,
        "reason": reason,
    }
    return int(conn.execute(person_request.insert().values(row).returning(person_request.c.request_id)).scalar_one())


def close_request(conn: sa.Connection, request_id: int, proof: dict[str, Any]) -> None:
    """It is done; `proof` adds to what is on record."""
    conn.execute(
        person_request.update()
        .where(person_request.c.request_id == request_id)
        .values(done_at=sa.func.now(), proof=person_request.c.proof.concat(sa.cast(proof, person_request.c.proof.type)))
    )


def note(conn: sa.Connection, request_id: int, proof: dict[str, Any]) -> None:
    """What has been done so far."""
    conn.execute(person_request.update().where(person_request.c.request_id == request_id).values(proof=proof))


def pending(conn: sa.Connection) -> Sequence[sa.Row]:
    """Requests of which something is still to be done (a killed run left them), oldest first."""
    query = sa.select(person_request).where(person_request.c.done_at.is_(None))
    return conn.execute(query.order_by(person_request.c.request_id)).all()
