"""Which pairs wait for a person, and whose records stand in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.match.edges import HUMAN_RULE, SCORED
from talentpool.model import edge, record_person, source_record

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
    said, one, other = edge.alias("said"), record_person.alias("one"), record_person.alias("other")
    same_pair = sa.and_(said.c.left_record == edge.c.left_record, said.c.right_record == edge.c.right_record)
    told = (
        sa.exists()
        .where(said.c.rule == HUMAN_RULE, said.c.verdict == "different")
        .where(one.c.record_id == said.c.left_record, other.c.record_id == said.c.right_record)
    )
    # either way round in a condition of its own: each is a hash join, both in one would be every pair with every word
    apart = (
        told.where(one.c.person_id == left.c.person_id, other.c.person_id == right.c.person_id),
        told.where(one.c.person_id == right.c.person_id, other.c.person_id == left.c.person_id),
    )
    return (
        sa.select(*columns)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(edge.c.verdict == "review", left.c.person_id != right.c.person_id)
        .where(~sa.exists().where(same_pair, said.c.rule == HUMAN_RULE), *(~one_way for one_way in apart))
    )


@dataclass(frozen=True)
class Place:
    """Where a pair stands in the order of by_worth()."""

    worth: float
    score: float
    pair_id: str


def place(conn: sa.Connection, left: UUID, right: UUID) -> Place | None:
    """Where a pair stands among those that wait; None when it does not wait."""
    row = conn.execute(by_worth(1, pair=(left, right))).one_or_none()
    return Place(row.worth, row.score, row.pair_id) if row is not None else None


def by_worth(limit: int, *, after: Place | None = None, pair: tuple[UUID, UUID] | None = None) -> sa.Select:
    """Those first whose judgement changes most: doubt x records of the one person x records of the other.

    Doubt is 1 where the evidence says nothing either way (0 bits), less the surer the score is, and 1 where a guard
    holds back what the score would unite. Only records on a roster count: a pair of leavers changes nothing now.
    `after`: only those that come after that place; `pair`: that one only.
    """
    score = sa.func.max(edge.c.score).label("score")
    why = sa.func.array_agg(edge.c.rule.distinct()).label("why")
    query = waiting(
        edge.c.left_record, edge.c.right_record, PAIR_ID.label("pair_id"), LEFT_OWNER.c.person_id.label("one"),
        RIGHT_OWNER.c.person_id.label("other"), score, why,
    ).group_by(edge.c.left_record, edge.c.right_record, LEFT_OWNER.c.person_id, RIGHT_OWNER.c.person_id)  # fmt: skip
    if pair is not None:
        query = query.where(edge.c.left_record == pair[0], edge.c.right_record == pair[1])
    pairs = query.subquery()

    def records(person: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        mine = record_person.alias()
        return sa.select(sa.func.count()).where(mine.c.person_id == person, mine.c.live).scalar_subquery()

    chance = 1 / (1 + sa.func.power(2.0, -sa.func.least(sa.func.greatest(pairs.c.score, -40), 40)))
    doubt = sa.case((pairs.c.why != sa.cast([SCORED], ARRAY(sa.Text)), 1.0), else_=1 - sa.func.abs(2 * chance - 1))
    worth = (doubt * records(pairs.c.one) * records(pairs.c.other)).label("worth")
    columns = (pairs.c.pair_id, pairs.c.left_record, pairs.c.right_record, pairs.c.score, pairs.c.why)
    queue = sa.select(*columns, worth).subquery()
    found = sa.select(queue).order_by(queue.c.worth.desc(), queue.c.score.desc(), queue.c.pair_id).limit(limit)
    if after is None:
        return found
    less = sa.or_(queue.c.score < after.score, sa.and_(queue.c.score == after.score, queue.c.pair_id > after.pair_id))
    return found.where(sa.or_(queue.c.worth < after.worth, sa.and_(queue.c.worth == after.worth, less)))


def across(conn: sa.Connection, counties: Collection[str]) -> list[UUID]:
    """Records of some counties whose pair waits, its other side working elsewhere: the city judges those."""
    left, right = source_record.alias("left_live"), source_record.alias("right_live")
    pairs = (
        waiting(edge.c.left_record, edge.c.right_record, left.c.county.label("one"), right.c.county.label("other"))
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(left.c.county.in_(counties) != right.c.county.in_(counties))
    )
    found = {row.left_record if row.one in counties else row.right_record for row in conn.execute(pairs)}
    return sorted(found)


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
