"""Read the office's holiday table as working days."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.declare.occasion import WorkingDays
from talentpool.model import holiday

WORKED = "adjusted workday"


def working_days(conn: sa.Connection) -> WorkingDays:
    """The table as it is now."""
    rows = conn.execute(sa.select(holiday.c.date, holiday.c.kind)).all()
    return WorkingDays(
        frozenset(row.date for row in rows if row.kind != WORKED),
        frozenset(row.date for row in rows if row.kind == WORKED),
    )
