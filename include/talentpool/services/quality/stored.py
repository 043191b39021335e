"""Give the stored results of one delivery as plain data, for the command line: counts and line numbers, no value."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.model import delivery, dimension_score, rule_result


def stored(engine: sa.Engine, delivery_id: int, side: str = "") -> dict[str, Any]:
    """`rules`: every stored result, those that failed first; `scores`: by dimension, `exact` false for an estimate. `side`: ''
    or a county's code. UsageError for a delivery that is not there."""
    with engine.connect() as conn:
        facts = conn.execute(
            sa.select(delivery.c.delivery_id, delivery.c.partner, delivery.c.as_of, delivery.c.state).where(
                delivery.c.delivery_id == delivery_id
            )
        ).one_or_none()
        if facts is None:
            raise UsageError(f"没有交付 {delivery_id}；用 talentpool delivery list 查看有哪些")
        rules = conn.execute(
            sa.select(*(column for column in rule_result.c if column.name not in ("delivery_id", "side")))
            .where(rule_result.c.delivery_id == delivery_id, rule_result.c.side == side)
            .order_by(rule_result.c.failed.desc(), rule_result.c.rule)
        ).mappings()
        scores = conn.execute(
            sa.select(dimension_score)
            .where(dimension_score.c.delivery_id == delivery_id, dimension_score.c.side == side)
            .order_by(dimension_score.c.dimension)
        )
        return {
            **facts._mapping,
            "county": side or None,
            "rules": [dict(row) for row in rules],
            "scores": {
                row.dimension: {
                    "rows": row.rows, "faulty": row.faulty, "exact": row.exact,
                    "score": round(1 - row.faulty / row.rows, 6) if row.rows else None,
                } for row in scores
            },
        }  # fmt: skip
