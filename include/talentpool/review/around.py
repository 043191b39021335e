"""Read the judgements that can matter to given records, and which judgements a guard overrules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.match.facts.ids import pack
from talentpool.match.facts.wire import keep_records
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.model import edge, record_person

QUERY = sa.text(Path(__file__).with_name("read_judgements.sql").read_text(encoding="utf-8"))
Pair = tuple[UUID, UUID]


def judgements_around(conn: sa.Connection, records: Iterable[UUID]) -> dict[Pair, str]:
    """Pair -> same, different or unsure: every judgement that one on these records could
    contradict or be contradicted by.

    Uses a temporary table, so in a transaction.
    """
    keep_records(conn, "match_wanted", pack(set(records)))
    return {(row.left_record, row.right_record): row.verdict for row in conn.execute(QUERY)}


def overruled_pairs(conn: sa.Connection, among: Collection[Pair] | None = None) -> set[Pair]:
    """Pairs (of some, or of all) that somebody judged the same and that are two people, because a guard stands above
    the judgement.

    Pairs judged the same are united before any score, so only judgements around a record can overrule one on it.
    """
    left, right = record_person.alias(), record_person.alias()
    query = (
        sa.select(edge.c.left_record, edge.c.right_record)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(edge.c.rule == HUMAN_RULE, edge.c.verdict == "same", left.c.person_id != right.c.person_id)
    )
    if among is not None:
        query = query.where(
            edge.c.left_record == sa.any_(sa.literal(sorted({left for left, _ in among}), ARRAY(sa.Uuid)))
        )
    pairs = {(row.left_record, row.right_record) for row in conn.execute(query)}
    return pairs if among is None else pairs & set(among)
