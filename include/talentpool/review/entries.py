"""Read the judgements on record a page at a time; an entry is a judgement on one pair, or all judgements of one split."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.guard import redact
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.model import edge, source_record
from talentpool.review.judge import pair_name


@dataclass(frozen=True)
class Entry:
    """What somebody judged at one moment. `live`: those of its `pairs` of which both records are on a roster's list now;
    `split_id` None = one judgement on one pair."""

    pairs: tuple[str, ...]
    live: frozenset[str]
    verdict: str
    by: str
    note: str
    at: datetime
    split_id: UUID | None

    @property
    def moment(self) -> str:
        """As Judgement.moment."""
        return self.at.astimezone(UTC).isoformat()


def entries(
    conn: sa.Connection, limit: int, offset: int = 0, *, by: str = "", record: UUID | None = None
) -> tuple[list[Entry], int]:
    """So many entries, the newest first, and how many there are; of one officer, or about one record."""
    which = [edge.c.rule == HUMAN_RULE]
    if by:
        which.append(edge.c.decided_by.in_([name for name in _names(conn) if redact(name) == by]))
    if record is not None:
        which.append(sa.or_(edge.c.left_record == record, edge.c.right_record == record))
    alone = edge.c.split_id.is_(None)
    sides = tuple(sa.case((alone, side)).label(side.name) for side in (edge.c.left_record, edge.c.right_record))
    total = conn.scalar(
        sa.select(sa.func.count().filter(alone) + sa.func.count(edge.c.split_id.distinct())).where(*which)
    )
    rows = conn.execute(
        sa.select(edge.c.split_id, *sides, sa.func.max(edge.c.made_at).label("at"))
        .where(*which)
        .group_by(edge.c.split_id, *sides)
        .order_by(sa.desc("at"), edge.c.split_id, *sides)
        .limit(limit)
        .offset(offset)
    ).all()
    splits = [row.split_id for row in rows if row.split_id]
    pairs = [(row.left_record, row.right_record) for row in rows if not row.split_id]
    judged: dict[Any, list[Any]] = defaultdict(list)
    query = sa.select(edge).where(
        edge.c.rule == HUMAN_RULE,
        sa.or_(edge.c.split_id.in_(splits), sa.tuple_(edge.c.left_record, edge.c.right_record).in_(pairs)),
    )
    for row in conn.execute(query.order_by(edge.c.left_record, edge.c.right_record)):
        judged[row.split_id or (row.left_record, row.right_record)].append(row)
    records = {record for of in judged.values() for row in of for record in (row.left_record, row.right_record)}
    live = _live(conn, records)
    return [_entry(judged[row.split_id or (row.left_record, row.right_record)], live) for row in rows], total or 0


def who_judged(conn: sa.Connection) -> list[str]:
    """The names on record, in order, without numbers of people."""
    return sorted({redact(name) for name in _names(conn)})


def _names(conn: sa.Connection) -> list[str]:
    return list(conn.scalars(sa.select(edge.c.decided_by).where(edge.c.rule == HUMAN_RULE).distinct()))


def _live(conn: sa.Connection, records: set[UUID]) -> set[UUID]:
    return set(conn.scalars(sa.select(source_record.c.record_id).where(source_record.c.record_id.in_(records))))


def _entry(rows: list[Any], live: set[UUID]) -> Entry:
    first = rows[0]
    names = {pair_name(row.left_record, row.right_record): row for row in rows}
    there = frozenset(name for name, row in names.items() if {row.left_record, row.right_record} <= live)
    by, note = redact(first.decided_by), redact(first.note or "")
    return Entry(tuple(names), there, first.verdict, by, note, first.made_at, first.split_id)
