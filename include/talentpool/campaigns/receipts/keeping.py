"""Write a receipt down, with what it says of each row; a list whose sheets were out takes receipts from then on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.life.approving import remember
from talentpool.campaigns.life.states import ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.entry import Entry
from talentpool.guard import audit
from talentpool.model import receipt, target_list


def keep(
    conn: sa.Connection, stored: Stored, by: str, entries: Sequence[Entry], *,
    via: str, facts: dict[str, Any], reason: str = "",
) -> int:  # fmt: skip
    """Write down the receipt and its entries; the list takes receipts from here on."""
    number = conn.execute(
        receipt.insert().values(made_at=sa.func.clock_timestamp()).returning(receipt.c.receipt_id),
        {"list_id": stored.list_id, "via": via, "received_by": by, "taken": len(entries), "reason": reason,
         "sha256": facts.get("sha256"), "lines": facts["lines"], "faults": facts["faults"]},
    ).scalar_one()  # fmt: skip
    if entries:
        rows = [{"row": e.row_id, "what": e.outcome.value, "n": e.delivered, "day": e.on_day} for e in entries]
        _insert(conn, stored.list_id, number, rows, correction=entries[0].correction)
    if stored.state in (ListState.LOCKED, ListState.RELEASED) and entries:
        conn.execute(
            target_list.update().where(target_list.c.list_id == stored.list_id).values(state=ListState.RECEIPTS_OPEN)
        )
        remember(conn, stored, "receipts", by, "")
    audit(
        conn, "decision" if via == "correction" else "upload", f"list:{stored.list_id}", actor=by, reason=reason,
        details={"receipt": number, "via": via, "taken": len(entries), "faults": facts["faults"]},
    )  # fmt: skip
    return int(number)


def _insert(
    conn: sa.Connection, list_id: int, number: int, rows: Collection[dict[str, Any]], *, correction: bool
) -> None:
    """Each entry with the county of its row, by which an officer sees it."""
    conn.execute(
        sa.text(
            "insert into receipt_row (receipt_id, list_id, row_id, county, outcome, delivered, on_day, correction)"
            " select :number, :list, t.row_id, t.county, e.what, e.n, e.day, :correction"
            " from unnest(cast(:ids as text[]), cast(:what as text[]), cast(:n as int[]), cast(:day as date[]))"
            " as e(row_id, what, n, day) join target_row t on t.list_id = :list and t.row_id = e.row_id and t.selected"
        ),
        {"number": number, "list": list_id, "correction": correction, "ids": [row["row"] for row in rows],
         "what": [row["what"] for row in rows], "n": [row["n"] for row in rows], "day": [row["day"] for row in rows]},
    )  # fmt: skip
