"""Describe the columns of a roster: the one table behind the template's explanations and the handover sheet."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from talentpool.settings import INCLUDE


@dataclass(frozen=True)
class FieldWords:
    """One canonical field as a person who fills rosters reads it."""

    field: str
    required: bool
    meaning: str
    form: str
    example: str
    mistakes: str


@cache
def field_words() -> dict[str, FieldWords]:
    """All fields by name, in the order of the template (reference/roster_fields.csv)."""
    with (INCLUDE / "reference" / "roster_fields.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["field"]: FieldWords(**(row | {"required": row["required"] == "是"})) for row in csv.DictReader(lines)
        }
