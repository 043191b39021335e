"""Read the reason codes: the one table behind code, documents, reports and letters (reference/reason_codes.csv)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from talentpool.settings import INCLUDE


@dataclass(frozen=True)
class Reason:
    """One code. `level`: row, value, delivery. `outcome`: quarantined, refused, set_aside, noted, held, rejected."""

    code: str
    level: str
    outcome: str
    kept: str
    text_zh: str
    fix_zh: str


@cache
def reasons() -> dict[str, Reason]:
    """All codes by name, in the table's order: of several codes on one row the first is shown first."""
    with (INCLUDE / "reference" / "reason_codes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Reason(**row) for row in csv.DictReader(lines)}
