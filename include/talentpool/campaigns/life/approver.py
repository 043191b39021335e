"""Know who decides about lists: by what a page knows of a signed-in user, or by the office's own table."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.errors import RefusedError
from talentpool.guard.duties import spelt
from talentpool.model import officer
from talentpool.texts.redact import redact


@dataclass(frozen=True)
class Approver:
    """Who decides: the name that goes on record, and the roles that the door knows of."""

    name: str
    roles: frozenset[str]


def known_officer(conn: sa.Connection, name: str) -> Approver:
    """The officer of that name by the office's own table; RefusedError for a name that it does not know, or who has left."""
    row = conn.execute(
        sa.select(officer.c.name, officer.c.role, officer.c.removed_at).where(officer.c.name == spelt(name))
    ).one_or_none()
    if row is None:
        raise RefusedError(
            "unknown",
            f"{redact(name.strip())} 不在职务登记表中，没有执行。请用登记的姓名，"
            "或先登记：python -m talentpool_airflow.officers add",
        )
    if row.removed_at is not None:
        raise RefusedError("role", f"{redact(name.strip())} is not an officer any more（已离任）")
    return Approver(row.name, frozenset({row.role}))
