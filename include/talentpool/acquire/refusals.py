"""Keep, of a delivery that was refused before its rows were judged, the one rule that refused it."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import dimension_score, rule_result
from talentpool.texts.dimensions import placed
from talentpool.texts.reasons import reasons


def keep_rejection(conn: sa.Connection, delivery_id: int, code: str) -> None:
    """In the transaction that rejects it: this result in the place of any other. A code that the table of reasons lacks has no
    place among results; the refusal itself must not fail for it."""
    for table in (rule_result, dimension_score):
        conn.execute(table.delete().where(table.c.delivery_id == delivery_id))
    if code not in reasons() or code not in placed():
        return
    conn.execute(
        rule_result.insert().values(
            delivery_id=delivery_id, side="", rule=code, code=code, dimension=placed()[code].dimension.value,
            level=reasons()[code].level, rows=0, failed=1, outcome=reasons()[code].outcome, engine="recount",
        )
    )  # fmt: skip
