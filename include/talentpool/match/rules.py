"""Who is who: the rules, strongest first, and the bounds of the guards. One list, in the open.

A rule names the key on which two records agree. Rules make edges; persons are made from edges under the guards of
cluster.py. A mobile alone never merges, and no person ever holds two different valid document numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

SHARED_MOBILE_MAX = 5
"""A mobile that more records bear than this is a station's or a family's: it carries nothing."""
BLOCK_MAX = 50
"""A key that more records share than this makes no candidates; it is counted and reported."""
VALID_ID = ("valid", "legacy_15")


@dataclass(frozen=True)
class MatchRule:
    """`score` orders edges: a stronger one is united first."""

    name: str
    score: float
    says: str


SAME_ID = MatchRule("same_id", 1.0, "same valid document number, and the name or a mobile agrees")
NAME_MOBILE = MatchRule("name_mobile", 0.8, "same name and same mobile, of not too many people")
NAME_BIRTH_COUNTY = MatchRule("name_birth_county", 0.6, "same rare name, birth date and county")
RULES = (SAME_ID, NAME_MOBILE, NAME_BIRTH_COUNTY)

BORROWED = "borrowed_account"
"""Review: one document number under another name with another mobile."""
AMBIGUOUS = "ambiguous"
"""Review: a record that fits two people of different documents equally well."""
