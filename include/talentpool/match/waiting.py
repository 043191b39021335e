"""Find which pairs wait for a person, from the edges: queue.py keeps the result ready."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.match.scoring.edges import HUMAN_RULE
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
    """Pairs that wait for a person: not one meanwhile, not judged, their people not told apart or put off by a judgement on
    others."""
    judgement = edge.alias("judgement")
    same_pair = sa.and_(judgement.c.left_record == edge.c.left_record, judgement.c.right_record == edge.c.right_record)
    judged = sa.exists().where(same_pair, judgement.c.rule == HUMAN_RULE)
    return _of_two(columns, "different", "unsure").where(edge.c.verdict == "review", ~judged)


def put_off(conn: sa.Connection, *, limit: int = 1000) -> list[sa.Row[Any]]:
    """Pairs of persons that somebody judged unsure, each by the newest such judgement, the newest first: pair_id, left_record,
    right_record, at, by. For a connection that sees every county."""
    columns = (PAIR_ID.label("pair_id"), edge.c.left_record, edge.c.right_record, edge.c.made_at.label("at"))
    order = (edge.c.made_at.desc(), edge.c.left_record, edge.c.right_record)
    people = persons(LEFT_OWNER.c.person_id, RIGHT_OWNER.c.person_id)
    query = put_off_pairs(*columns, edge.c.decided_by.label("by")).ext(distinct_on(*people))
    newest = query.order_by(*people, *order).subquery("newest")
    return list(conn.execute(
        sa.select(newest).order_by(newest.c.at.desc(), newest.c.left_record, newest.c.right_record).limit(limit)
    ))  # fmt: skip


def persons(left: Any, right: Any) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """A pair of persons, whichever record stands on the left."""
    return sa.func.least(left, right), sa.func.greatest(left, right)


def put_off_pairs(*columns: Any) -> sa.Select:
    """Pairs judged `unsure`: not one meanwhile, their people not told apart by a judgement on others, both in use."""
    return _of_two(columns, "different").where(edge.c.rule == HUMAN_RULE, edge.c.verdict == "unsure", in_use(edge.c))


def in_use(pair: Any) -> sa.ColumnElement[bool]:
    """Whether the connection sees both records of a pair and may use them: whose consent ended, or who asked that they are
    not used, waits for no judgement meanwhile.

    Asked whenever the queue is read, because use stops and begins again without a matching run. `pair`: columns
    left_record and right_record.
    """
    sides = []
    for side in (pair.left_record, pair.right_record):
        of, live = record_person.alias(), source_record.alias()
        join = sa.and_(live.c.partner == of.c.partner, live.c.record_id == of.c.record_id)
        usable = sa.select(sa.literal(1)).select_from(of.join(live, join))
        sides.append(usable.where(of.c.record_id == side, live.c.status != "suspended").exists())
    return sa.and_(*sides)


def _of_two(columns: Sequence[Any], *settled: str) -> sa.Select:
    """Pairs whose records are two people's still, on whom no judgement with one of the verdicts `settled` stands."""
    left, right, judged = LEFT_OWNER, RIGHT_OWNER, _judged(*settled)
    one, other = persons(left.c.person_id, right.c.person_id)
    answered = sa.exists().where(judged.c.one == one, judged.c.other == other)
    return (
        sa.select(*columns)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(left.c.person_id != right.c.person_id, ~answered)
    )


@cache
def _judged(*verdicts: str) -> sa.CTE:
    """Persons of whom any records are judged so, the smaller id first: a set, so that it is hashed once.

    Kept: two of that name in one statement must be the same.
    """
    judgement, one, other = edge.alias("judgement"), record_person.alias("one"), record_person.alias("other")
    smaller, larger = persons(one.c.person_id, other.c.person_id)
    return (
        sa.select(smaller.label("one"), larger.label("other"))
        .select_from(judgement)
        .join(one, one.c.record_id == judgement.c.left_record)
        .join(other, other.c.record_id == judgement.c.right_record)
        .where(judgement.c.rule == HUMAN_RULE, judgement.c.verdict.in_(verdicts))
        .cte("_or_".join(("judged", *verdicts)))
    )
