"""Which pairs wait for a person, and whose records stand in them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from talentpool.match.edges import HUMAN_RULE
from talentpool.model import edge, record_person


def waiting(*columns: Any) -> sa.Select:
    """Pairs that wait for a person: not one meanwhile, not judged, their people not told apart by a word on others."""
    left, right = record_person.alias("left_owner"), record_person.alias("right_owner")
    said, one, other = edge.alias("said"), record_person.alias("one"), record_person.alias("other")
    same_pair = sa.and_(said.c.left_record == edge.c.left_record, said.c.right_record == edge.c.right_record)
    apart = (
        sa.exists()
        .where(said.c.rule == HUMAN_RULE, said.c.verdict == "different")
        .where(one.c.record_id == said.c.left_record, other.c.record_id == said.c.right_record)
        .where(
            sa.or_(
                sa.and_(one.c.person_id == left.c.person_id, other.c.person_id == right.c.person_id),
                sa.and_(one.c.person_id == right.c.person_id, other.c.person_id == left.c.person_id),
            )
        )
    )
    return (
        sa.select(*columns)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(edge.c.verdict == "review", left.c.person_id != right.c.person_id)
        .where(~sa.exists().where(same_pair, said.c.rule == HUMAN_RULE), ~apart)
    )


def review_pending(conn: sa.Connection) -> int:
    """How many pairs wait for a person."""
    pairs = waiting(edge.c.left_record, edge.c.right_record).distinct().subquery()
    return conn.scalar(sa.select(sa.func.count()).select_from(pairs)) or 0


def waiting_records() -> sa.Select:
    """Every record of the people of whom one stands in a pair that waits."""
    pairs = waiting(edge.c.left_record, edge.c.right_record).cte("pairs")
    sides = sa.union(sa.select(pairs.c.left_record.label("record_id")), sa.select(pairs.c.right_record)).subquery()
    one, every = record_person.alias("one_record"), record_person.alias("every_record")
    return (
        sa.select(every.c.record_id)
        .join(one, one.c.person_id == every.c.person_id)
        .join(sides, sides.c.record_id == one.c.record_id)
        .distinct()
    )
