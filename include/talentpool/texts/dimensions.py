"""Name the dimensions of quality, and read which one each reason code that is no row rule's belongs to.

Row rules say their own (expect/rules.py); the table reference/rule_dimensions.csv has all other codes. `counts` says whether a
row with the code counts as faulty: a mask that was agreed, an unusual but possible value, a remark do not.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from talentpool.settings import INCLUDE


class Dimension(StrEnum):
    """What of quality a rule is about: the characteristics of GB/T 36344-2018 that rows can have, and uniqueness."""

    CONFORMITY = "规范性"
    COMPLETENESS = "完整性"
    ACCURACY = "准确性"
    CONSISTENCY = "一致性"
    TIMELINESS = "时效性"
    UNIQUENESS = "唯一性"


@dataclass(frozen=True)
class Placed:
    """Where a code belongs. `counts`: whether a row that has it is no longer without a fault of the dimension."""

    dimension: Dimension
    counts: bool


@cache
def placed() -> dict[str, Placed]:
    """Every code that is no row rule's."""
    with (INCLUDE / "reference" / "rule_dimensions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Placed(Dimension(row["dimension"]), row["counts"] == "yes") for row in csv.DictReader(lines)
        }
