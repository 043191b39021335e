"""What people asked about themselves, with deadlines: the list that an officer works off."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.model import person_request, record_person

MOST = 200


def requests(conn: sa.Connection) -> list[Any]:
    """Newest first, MOST at most."""
    query = sa.select(
        *(person_request.c[name] for name in ("request_id", "kind", "subject", "received_on", "due_on", "decided_by",
                                              "reason", "proof", "done_at", "made_at"))
    )  # fmt: skip
    return list(conn.execute(query.order_by(person_request.c.request_id.desc()).limit(MOST)))


def is_late(request: Any, today: date) -> bool:
    """Still open after the day by which it was to be answered."""
    return bool(request.done_at is None and request.due_on < today)


def is_there(conn: sa.Connection, person_id: UUID) -> bool:
    """Whether the connection sees the person: asked before the pipeline's own login does anything."""
    return bool(conn.scalar(sa.select(sa.exists().where(record_person.c.person_id == person_id))))
