"""Read the queue of pairs that wait for a person, one a pair of persons: first those without which no list is locked, then
those whose judgement changes most (match/queue.py fills it)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.load import brought_seq
from talentpool.match.waiting import LEFT_OWNER, RIGHT_OWNER, in_use, put_off_pairs
from talentpool.model import record_person, review_pair, source_record

ORDER = (review_pair.c.urgent.desc(), review_pair.c.worth.desc(), review_pair.c.score.desc(), review_pair.c.pair_id)
SHOWN = tuple(
    review_pair.c[name] for name in ("pair_id", "left_record", "right_record", "score", "why", "worth", "urgent")
)
"""What a county's login reads of a pair: not how many records its people have, who may work elsewhere too.

`worth`, in which they are, it reads too: there is no order without.
"""


@dataclass(frozen=True)
class Place:
    """Where a pair stands in ORDER."""

    urgent: bool
    worth: float
    score: float
    pair_id: str


def by_worth(conn: sa.Connection, *, limit: int, after: Place | None = None) -> Sequence[sa.Row[Any]]:
    """Pairs that the connection sees (columns SHOWN), in ORDER; `after`: from there on."""
    pair = review_pair.c
    query = sa.select(*SHOWN).where(in_use(pair)).order_by(*ORDER).limit(limit)
    if after is not None:
        lower = sa.or_(pair.score < after.score, sa.and_(pair.score == after.score, pair.pair_id > after.pair_id))
        lower = sa.or_(pair.worth < after.worth, sa.and_(pair.worth == after.worth, lower))
        query = query.where(sa.or_(~pair.urgent, lower) if after.urgent else sa.and_(~pair.urgent, lower))
    return conn.execute(query).all()


def place(conn: sa.Connection, left: UUID, right: UUID) -> Place | None:
    """Where a pair stands; None when it does not wait, or the connection does not see it."""
    pair = review_pair.c
    query = sa.select(pair.urgent, pair.worth, pair.score, pair.pair_id).where(
        pair.left_record == left, pair.right_record == right
    )
    row = conn.execute(query.where(in_use(pair))).one_or_none()
    return Place(*row) if row is not None else None


def across(conn: sa.Connection, counties: Collection[str]) -> list[UUID]:
    """Records of some counties whose pair waits, its other side working elsewhere: the city judges those.

    For a connection that sees every county. Nothing of the other side comes with them; nor does a record that the county
    itself uploaded: that its pair waits would answer whether a guessed number is somebody's elsewhere.
    """
    here = [side.in_(counties) for side in (review_pair.c.left_county, review_pair.c.right_county)]
    own = sa.case((here[0], review_pair.c.left_record), else_=review_pair.c.right_record)
    live = source_record
    query = sa.select(own).join(live, live.c.record_id == own).where(here[0] != here[1], brought_seq(live.c).is_(None))
    return sorted(set(conn.scalars(query.where(in_use(review_pair.c)))))


def waiting_records() -> sa.Select:
    """Every record of the people of whom one stands in a pair that waits, for a judgement or for an answer from outside."""
    off = [put_off_pairs(owner.c.person_id) for owner in (LEFT_OWNER, RIGHT_OWNER)]
    pair = review_pair.c
    waits = [sa.select(owner).where(in_use(pair)) for owner in (pair.left_person, pair.right_person)]
    people = sa.union(*waits, *off)
    return sa.select(record_person.c.record_id).where(record_person.c.person_id.in_(people))
