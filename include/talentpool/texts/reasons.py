"""Read the reason codes: the one table behind code, documents, reports and letters (reference/reason_codes.csv)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from talentpool.settings import INCLUDE

OFFICE_ALONE = "（仅团市委可见）"
"""Of what a partner is never told: who withdrew looks accepted to everybody outside."""
NOTHING_TO_DO = "无需处理"


@dataclass(frozen=True)
class Reason:
    """One code. `level`: row, value, delivery. `outcome`: quarantined, refused, set_aside, noted, held, rejected."""

    code: str
    level: str
    outcome: str
    kept: str
    text_zh: str
    fix_zh: str

    @property
    def is_told(self) -> bool:
        """Whether the partner that sent the roster may be told."""
        return OFFICE_ALONE not in self.text_zh


@cache
def reasons() -> dict[str, Reason]:
    """All codes by name, in the table's order: of several codes on one row the first is shown first."""
    with (INCLUDE / "reference" / "reason_codes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Reason(**row) for row in csv.DictReader(lines)}
