"""End what officers remembered for a partner's rows where the partner says something else by now, or has put it right."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.deliveries.remembered_marks import CHANGED, MENDED, PUT_IN
from talentpool.load.staged import Publication
from talentpool.model import remembered_value

CAUSES = {CHANGED: "changed", MENDED: "mended"}


def end_remembered(conn: sa.Connection, publication: Publication) -> int:
    """End them; how many. One that still fits another row of the same number goes on."""
    staged = publication.staged
    mark = sa.func.unnest(sa.func.string_to_array(staged.c.remembered, " "))
    found = set(conn.scalars(sa.select(mark).where(staged.c.remembered.is_not(None)).distinct()))
    ended = 0
    for kind, cause in CAUSES.items():
        numbers = [
            int(one[1:]) for one in found if one[0] == kind and one[1:].isdigit() and PUT_IN + one[1:] not in found
        ]
        value = remembered_value
        ended += conn.execute(
            value.update()
            .where(value.c.value_id.in_(numbers), value.c.ended_at.is_(None))
            .values(ended_at=sa.func.now(), end_cause=cause, ended_by=f"delivery:{publication.delivery_id}")
        ).rowcount
    return ended
