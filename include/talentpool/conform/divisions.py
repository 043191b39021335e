"""Work counties: a 6-digit code or a name, today's or an abolished one, inside the deployment's area or not.

The county comes from the work station as the partner writes it, never from an ID prefix. Names alone can be ambiguous
(城区 is in two prefectures), so a name is looked for inside the area first and taken only when one county fits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.area import contains
from talentpool.model import division

_SUFFIX = re.compile(r"(区|县|市)$")


@dataclass(frozen=True)
class Placed:
    """`county` is a current code, or None. status: ok, mapped (an abolished division), unknown, outside, missing."""

    status: str
    county: str | None = None


@dataclass(frozen=True)
class _Row:
    code: str
    name: str
    level: str
    parent: str | None
    current: bool
    successor: str | None


class Divisions:
    """The division table, read once, and one deployment's area."""

    def __init__(self, conn: sa.Connection, area: str) -> None:
        self._rows = [
            _Row(r.code, r.name, r.level, r.parent_code, r.status == "current", r.successor_code)
            for r in conn.execute(sa.select(division))
        ]
        self._current = {r.code for r in self._rows if r.current and r.level == "county"}
        self._area = area
        self._seen: dict[str, Placed] = {}

    def place(self, cell: str) -> Placed:
        """Where a cell's county is."""
        if cell not in self._seen:
            self._seen[cell] = self._place(cell)
        return self._seen[cell]

    def inside(self, county: str) -> bool:
        """Whether a county code lies in the deployment's area."""
        return contains(self._area, county)

    def _place(self, cell: str) -> Placed:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))
        if not text:
            return Placed("missing")
        if re.fullmatch(r"\d{6}(\d{3}|\d{6})?", text):
            return self._resolve([r for r in self._rows if r.code == text[:6] and r.level == "county"])
        found = self._by_name(text)
        return self._resolve(found)

    def _by_name(self, text: str) -> list[_Row]:
        """Counties of a name; the whole text first, because a county may begin with its prefecture's name."""
        whole = [r for r in self._rows if r.level == "county" and r.name == text]
        if whole:
            return whole
        prefecture = None
        for level in ("province", "prefecture"):
            for row in self._rows:
                short = _SUFFIX.sub("", row.name).removesuffix("省").removesuffix("地区")
                for prefix in (row.name, short):
                    if row.level == level and row.current and text.startswith(prefix) and len(text) > len(prefix):
                        if level == "prefecture":
                            prefecture = row.code
                        text = text.removeprefix(prefix)
                        break
        exact = [r for r in self._rows if r.level == "county" and r.name == text]
        if not exact and not _SUFFIX.search(text):
            exact = [r for r in self._rows if r.level == "county" and _SUFFIX.sub("", r.name) == text]
        if prefecture:
            exact = [r for r in exact if r.code[:4] == prefecture[:4]]
        return exact

    def _resolve(self, found: list[_Row]) -> Placed:
        """One county, or none: those inside the area win, current ones before abolished ones."""
        candidates: dict[str, str] = {}
        for row in found:
            code = row.code if row.current else row.successor
            if code in self._current:  # a successor that is abolished itself leads nowhere
                status = "ok" if row.current else "mapped"
                if candidates.get(code) != "ok":
                    candidates[code] = status
        inside = {code: status for code, status in candidates.items() if self.inside(code)}
        current = {code: status for code, status in inside.items() if status == "ok"}
        for choice in (current, inside):
            if len(choice) == 1:
                ((code, status),) = choice.items()
                return Placed(status, code)
        if inside or not candidates:
            return Placed("unknown")
        return Placed("outside")
