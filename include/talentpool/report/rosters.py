"""Show each partner's roster as it stands: its newest full roster with later deltas, and its remaining faults.

A delta says nothing of the rows that it does not repeat, so its own figures are no state of the roster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.load import records_at
from talentpool.model import delivery, source_record
from talentpool.texts.reasons import reasons as reason_table

COUNT_STANDING = sa.text((Path(__file__).parent / "count_standing.sql").read_text(encoding="utf-8"))
ON_ROSTER = ("active", "suspected")
FAULTY = {
    "id_number_status": {
        "bad_checksum": "id_bad_checksum", "malformed": "id_malformed", "precision_lost": "id_precision_lost"
    },
    "mobile_status": {"unusable": "mobile_unusable"},
    "mobile2_status": {"unusable": "mobile2_unusable"},
}  # fmt: skip
"""Column of a record -> status -> the reason code of a value that was taken away from it."""


def chains(conn: sa.Connection, as_of: date | None) -> dict[str, list[Any]]:
    """Partner -> the published deliveries that make its roster on the date, in their order: a full one, what came after."""
    of = delivery.c
    query = sa.select(delivery).where(of.state == State.PUBLISHED).order_by(of.as_of, of.publish_seq)
    made: dict[str, list[Any]] = {}
    for row in conn.execute(query if as_of is None else query.where(of.as_of <= as_of)):
        if row.kind == "full" and row.sent_counties is None:
            made[row.partner] = []
        made.setdefault(row.partner, []).append(row)
    return made


def standing(conn: sa.Connection, chain: Mapping[str, Sequence[Any]]) -> dict[str, Counter[str]]:
    """Partner -> code -> rows that stand set aside; under '' how many rows that are, whatever their codes."""
    ids = [row.delivery_id for rows in chain.values() for row in rows]
    counts: dict[str, Counter[str]] = {partner: Counter() for partner in chain}
    for row in conn.execute(COUNT_STANDING, {"chain": ids}):
        counts[row.partner][row.code] = row.n
    return counts


def refused(rows: Sequence[Any]) -> Counter[str]:
    """Code -> rows of a chain that were refused: nothing is kept of them, so nobody knows which were put right since."""
    reasons = reason_table()
    return Counter(
        {
            code: sum(row.reasons.get(code, 0) for row in rows)
            for code in {code for row in rows for code in row.reasons}
            if code in reasons and reasons[code].outcome == "refused"
        }
    )


def on_roster(conn: sa.Connection, as_of: date | None) -> dict[str, tuple[int, Counter[str]]]:
    """Partner -> (records on the roster, reason code -> those of which a value is missing because it was faulty)."""
    then: Any = source_record if as_of is None else records_at(as_of)
    there = then.c.status.in_(ON_ROSTER)
    counts = [
        sa.func.count().filter(then.c[column] == status).label(code)
        for column, faulty in FAULTY.items()
        for status, code in faulty.items()
    ]
    query = sa.select(then.c.partner, sa.func.count().label("records"), *counts).where(there).group_by(then.c.partner)
    return {
        row.partner: (row.records, Counter({count.name: n for count in counts if (n := getattr(row, count.name))}))
        for row in conn.execute(query)
    }
