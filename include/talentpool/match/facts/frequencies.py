"""Say how common names are by reference frequencies: what is expected of a name before the pool is looked at.

The keys of a name alone go by these, so that no month's growth makes a stored key of a common name.
"""

from __future__ import annotations

import csv
from functools import cache

from talentpool.settings import INCLUDE

RARE_NAME_BOUND = 2e-5
"""A name that fewer than two people in 100,000 bear is rare enough for a stored key of the name alone."""
UNKNOWN_SURNAME, UNKNOWN_CHARACTER = 2e-5, 2e-4
"""Shares of what the tables do not list; they hold most surnames, and only the commonest characters of given names."""
SMALLEST = 1 << 14
"""A pool is never taken for smaller than this: a short roster is a part of a city, not a village."""
GIVEN_LENGTHS = {1: 0.15, 2: 0.85}
"""Share of people by the characters of their given name, rounded; only the order of magnitude matters."""
LONG_NAME = 1.5e-5
"""Share of a name whose given part is longer. Such names are mostly transliterated: their characters come in company, so
that the product of their shares says nothing."""


@cache
def name_frequencies() -> tuple[dict[str, float], dict[str, float]]:
    """Shares of surnames and of characters of given names (reference/surnames.csv, given_characters.csv)."""
    with (INCLUDE / "reference" / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        surnames = {row["surname"]: float(row["share"]) for row in csv.DictReader(lines)}
    given: dict[str, float] = {}
    with (INCLUDE / "reference" / "given_characters.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            given[row["character"]] = max(given.get(row["character"], 0.0), float(row["share"]))
    return surnames, given
