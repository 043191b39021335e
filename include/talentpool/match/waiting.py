"""Which pairs wait for a person, by what stands in the edges: what queue.py keeps ready."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from talentpool.match.edges import HUMAN_RULE
from talentpool.model import edge, record_person

PAIR_ID: sa.ColumnElement[Any] = sa.func.encode(
    sa.func.substr(
        sa.func.sha256(sa.func.uuid_send(edge.c.left_record).op("||")(sa.func.uuid_send(edge.c.right_record))), 1, 8
    ),
    "hex",
)
"""What a pair is called: 16 hex digits made from both record ids, the same in every run."""
LEFT_OWNER, RIGHT_OWNER = record_person.alias("left_owner"), record_person.alias("right_owner")
"""Whose record each side is, in what waiting() selects from."""


def waiting(*columns: Any) -> sa.Select:
    """Pairs that wait for a person: not one meanwhile, not judged, their people not told apart by a word on others."""
    left, right = LEFT_OWNER, RIGHT_OWNER
    said, apart = edge.alias("said"), _told_apart()
    same_pair = sa.and_(said.c.left_record == edge.c.left_record, said.c.right_record == edge.c.right_record)
    return (
        sa.select(*columns)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(edge.c.verdict == "review", left.c.person_id != right.c.person_id)
        .where(~sa.exists().where(same_pair, said.c.rule == HUMAN_RULE))
        .where(
            ~sa.exists().where(
                apart.c.one == sa.func.least(left.c.person_id, right.c.person_id),
                apart.c.other == sa.func.greatest(left.c.person_id, right.c.person_id),
            )
        )
    )


def _told_apart() -> sa.CTE:
    """Persons whom a word on any of their records holds apart, the smaller id first: a set, so that it is hashed once."""
    told, one, other = edge.alias("told"), record_person.alias("one"), record_person.alias("other")
    pair = (one.c.person_id, other.c.person_id)
    return (
        sa.select(sa.func.least(*pair).label("one"), sa.func.greatest(*pair).label("other"))
        .select_from(told)
        .join(one, one.c.record_id == told.c.left_record)
        .join(other, other.c.record_id == told.c.right_record)
        .where(told.c.rule == HUMAN_RULE, told.c.verdict == "different")
        .cte("told_apart")
    )
