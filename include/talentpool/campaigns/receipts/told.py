"""Tell of single rows what stands, by which way, by whom and why; and of corrections which row they are of, from what to what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.standing import received, strongest
from talentpool.model import receipt, receipt_row


@dataclass(frozen=True)
class Stand:
    """What stands of a row, and the receipt that said it. `on_day`: of the hand-out, where it was said; `reason`: of a
    correction, '' of everything else."""

    outcome: Outcome
    delivered: int
    on_day: date | None
    correction: bool
    via: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Corrected:
    """A correction: of which row, from what (None = nothing was known), to what."""

    row_id: str
    before: Outcome | None
    after: Outcome


def stands_of(
    conn: sa.Connection, rows: Collection[tuple[int, str]], *, officer: bool = True
) -> dict[tuple[int, str], Stand]:
    """(list, row id) -> what stands, of those of `rows` of which something is known.

    Args:
        officer: read through an officer's connection, which sees what is said of its own rows; else by a worker's.
    """
    of = receipt_row.c
    query = (
        sa.select(of.list_id, of.row_id, of.outcome, of.delivered, of.on_day, of.correction, of.receipt_id)
        .where(sa.tuple_(of.list_id, of.row_id).in_(list(rows)))
        .ext(distinct_on(of.list_id, of.row_id))
        .order_by(of.list_id, of.row_id, *strongest())
    )
    found = conn.execute(query).all() if rows else []
    by_list: dict[int, set[int]] = {}
    for row in found:
        by_list.setdefault(row.list_id, set()).add(row.receipt_id)
    said = {
        number: one for each, numbers in by_list.items() for number, one in _said(conn, each, numbers, officer).items()
    }
    return {
        (row.list_id, row.row_id): Stand(
            Outcome(row.outcome), row.delivered, row.on_day, row.correction,
            *(said[row.receipt_id][name] for name in ("via", "received_by", "made_at", "reason")),
        )
        for row in found
    }  # fmt: skip


def _said(conn: sa.Connection, list_id: int, numbers: Collection[int], officer: bool) -> dict[int, Mapping[str, Any]]:
    """Receipts of the list by number."""
    if officer:
        return {one["receipt_id"]: one for one in received(conn, list_id, numbers)}
    rows = conn.execute(sa.select(receipt).where(receipt.c.receipt_id.in_(numbers))).mappings()
    return {row["receipt_id"]: dict(row) for row in rows}


def corrections(conn: sa.Connection, list_id: int) -> dict[int, Corrected]:
    """Receipt -> what it corrected, of rows that the connection sees."""
    of, before = receipt_row.c, receipt_row.alias("before")
    earlier = sa.and_(before.c.list_id == of.list_id, before.c.row_id == of.row_id, before.c.entry_id < of.entry_id)
    stood = sa.select(before.c.outcome).where(earlier).order_by(*strongest(before.c)).limit(1).lateral("stood")
    query = (
        sa.select(of.receipt_id, of.row_id, stood.c.outcome.label("before"), of.outcome)
        .outerjoin(stood, sa.true())
        .where(of.list_id == list_id, of.correction)
    )
    return {
        row.receipt_id: Corrected(row.row_id, Outcome(row.before) if row.before else None, Outcome(row.outcome))
        for row in conn.execute(query)
    }
