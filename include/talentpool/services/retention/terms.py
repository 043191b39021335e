"""Read the terms: how long what is kept, who promised it, and why so long where nobody did (reference/retention.csv).

A partner's declaration has the word on its people, its raw files and its rows that were set aside.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from talentpool.acquire import load_partner
from talentpool.declare import partner_files
from talentpool.errors import DeclarationError
from talentpool.settings import INCLUDE, Settings

FILE = INCLUDE / "reference" / "retention.csv"


@dataclass(frozen=True)
class Term:
    """One kind. `days`: where no declaration says otherwise; `begins`, `promise`, `why`: in words for officers."""

    kind: str
    name: str
    days: int
    begins: str
    promise: str
    why: str


@dataclass(frozen=True)
class PartnerTerms:
    """What a declaration promises, in days; None = it cannot be read, and nothing of the partner goes meanwhile."""

    left_days: int | None
    quarantine_days: int | None
    raw_days: int | None


@dataclass(frozen=True)
class Terms:
    """`defaults` of every kind; `partners`: of the declared ones alone."""

    defaults: Mapping[str, Term]
    partners: Mapping[str, PartnerTerms]

    def days(self, kind: str) -> int:
        return self.defaults[kind].days


@cache
def defaults() -> dict[str, Term]:
    """Every kind by its code, in the table's order."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["kind"]: Term(row["kind"], row["name"], int(row["days"]), row["begins"], row["promise"], row["why"])
        for row in rows
    }


def terms_of(settings: Settings) -> Terms:
    """The terms that hold today."""
    found = {}
    for code in partner_files(settings.partner_dirs):
        try:
            said = load_partner(settings.partner_dirs, code).retention
        except DeclarationError:
            found[code] = PartnerTerms(None, None, None)
        else:
            found[code] = PartnerTerms(said.left_days, said.quarantine_days, said.raw_days)
    return Terms(defaults(), found)
