"""Order the queue of pairs that wait for a person by what a judgement of them changes.

    worth = chance x records of the one person x records of the other

The two are apart now, so a judgement changes something if they are one person: by the score, that is the chance. Of a pair
that is there for its document number alone, borrowed far more often than not, it is BORROWED_CHANCE; of two numbers under
one name and mobile TWO_NUMBERS_CHANCE. Records known from history alone do not count: the product is how many pairs of
records one judgement settles.

Two persons are one question, however many of their records may be one person's: the pair of records of the greatest worth
stands for them, of those in use when the run came by. A judgement on it settles the others: whom it unites or tells apart
they are, and whom it puts off nobody asks about again. Before all others stand those without which no list is locked.

The queue is a table that every matching run, and so every judgement, makes anew around what it touched: a page and a run
read it at any size of the pool. Pairs of which a side is out of use stay in it, and are passed over by whoever reads it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from talentpool.match.scoring.edges import BORROWED, TWO_NUMBERS
from talentpool.match.waiting import LEFT_OWNER, PAIR_ID, RIGHT_OWNER, in_use, persons, waiting
from talentpool.model import edge, record_person, review_pair, source_record

BORROWED_CHANCE = 0.1
"""That one document number under two names, with two mobiles, is one person's: about as often on drawn populations."""
TWO_NUMBERS_CHANCE = 0.5
"""That two numbers under one name and mobile, and one station or hire date, are one person's: nobody knows."""
TOUCHED = sa.table("match_touched", sa.column("record_id"))
FOUND = ("left_record", "right_record", "pair_id", "left_person", "right_person", "score", "why", "chance")


def fill_queue(conn: sa.Connection, *, full: bool) -> None:
    """Make the queue anew: all of it, or the pairs of the records in the temporary table match_touched."""
    ours: sa.ColumnElement[bool] = sa.true()
    pairs = _found()
    if not full:
        touched = sa.select(TOUCHED.c.record_id)
        ours = sa.or_(review_pair.c.left_record.in_(touched), review_pair.c.right_record.in_(touched))
        pairs = pairs.where(sa.tuple_(edge.c.left_record, edge.c.right_record).in_(_of_touched()))
    conn.execute(review_pair.delete().where(ours))
    pair = _one_each(pairs).cte("question")
    member = _members(pair)
    size = (
        sa.select(member.c.person_id, sa.func.count().label("records"))
        .where(member.c.live)
        .group_by(member.c.person_id)
        .cte("size")
    )
    source: Any = pair
    values: list[Any] = []
    for side in ("left", "right"):
        own, sized = member.alias(f"{side}_own"), size.alias(f"{side}_size")
        source = source.outerjoin(own, own.c.record_id == pair.c[f"{side}_record"])
        source = source.outerjoin(sized, sized.c.person_id == pair.c[f"{side}_person"])
        values += [sa.func.coalesce(sized.c.records, 0), own.c.county]
    made = sa.select(*(pair.c[name] for name in FOUND), *values)
    columns = [*FOUND, "left_size", "left_county", "right_size", "right_county"]
    conn.execute(review_pair.insert().from_select(columns, made.select_from(source)))


def review_pending(conn: sa.Connection) -> int:
    """How many pairs of persons wait for somebody: as of the newest matching run, without those that are out of use since."""
    return conn.scalar(sa.select(sa.func.count()).select_from(review_pair).where(in_use(review_pair.c))) or 0


def _found() -> sa.Select[Any]:
    """One row a pair, however many rules found it."""
    owners = (LEFT_OWNER.c.person_id.label("left_person"), RIGHT_OWNER.c.person_id.label("right_person"))
    return waiting(
        edge.c.left_record, edge.c.right_record, PAIR_ID.label("pair_id"), *owners,
        sa.func.max(edge.c.score).label("score"), sa.func.array_agg(sa.distinct(edge.c.rule)).label("why"),
    ).group_by(edge.c.left_record, edge.c.right_record, *owners)  # fmt: skip


def _one_each(pairs: sa.Select[Any]) -> sa.Select[Any]:
    """FOUND, one row a pair of persons: worth differs by the chance alone, because the persons are the same."""
    found = pairs.cte("found")
    chance, people = _chance(found), persons(found.c.left_person, found.c.right_person)
    urgent = sa.literal(TWO_NUMBERS) == sa.any_(found.c.why)
    best = (in_use(found.c).desc(), urgent.desc(), chance.desc(), found.c.score.desc(), found.c.pair_id)
    return sa.select(found, chance.label("chance")).ext(distinct_on(*people)).order_by(*people, *best)


def _of_touched() -> sa.CompoundSelect[Any]:
    """Both records of every pair under review that a touched one stands in, each side by its index."""
    near = edge.alias("near")
    both = sa.select(near.c.left_record, near.c.right_record).where(near.c.verdict == "review")
    return sa.union(
        *(both.join(TOUCHED, TOUCHED.c.record_id == side) for side in (near.c.left_record, near.c.right_record))
    )


def _members(pair: sa.CTE) -> sa.CTE:
    """Records of the people of the pairs: person_id, record_id, live, county (of those on a roster)."""
    both = sa.union(sa.select(pair.c.left_person.label("person_id")), sa.select(pair.c.right_person)).cte("side")
    of, live = record_person, source_record
    return (
        sa.select(both.c.person_id, of.c.record_id, of.c.live, live.c.county)
        .join(of, of.c.person_id == both.c.person_id)
        .join(live, sa.and_(live.c.partner == of.c.partner, live.c.record_id == of.c.record_id), isouter=True)
        .cte("member")
    )


def _chance(pair: sa.CTE) -> sa.ColumnElement[Any]:
    """That the two are one person."""
    bits = sa.func.least(sa.func.greatest(pair.c.score, -40), 40)
    alone = {BORROWED: BORROWED_CHANCE, TWO_NUMBERS: TWO_NUMBERS_CHANCE}
    known = [(pair.c.why == sa.cast([rule], ARRAY(sa.Text)), chance) for rule, chance in alone.items()]
    return sa.case(*known, else_=1 / (1 + sa.func.power(2.0, -bits)))
