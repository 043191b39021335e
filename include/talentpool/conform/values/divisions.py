"""Read work counties: a six-digit code or a name, current or abolished, inside the deployment's area or not.

The county comes from the work station as the partner writes it, never from an ID prefix. Names alone can be ambiguous
(城区 is in two prefectures), so a name is looked for inside the area first and taken only when one county fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.area import contains
from talentpool.conform.characters.look_alikes import folded
from talentpool.model import division

_SUFFIX = re.compile(r"(区|县|市)$")
_CODE = re.compile(r"(?<!\d)\d{12}(?!\d)|(?<!\d)\d{9}(?!\d)|(?<!\d)\d{6}(?!\d)")
_REMARK = re.compile(r"[(\[【<].*?[)\]】>]")
_SIGNS = re.compile(r"[^\w]|_")
_GENERIC = ("城区", "郊区", "矿区")
_LISTED = re.compile(r"[、/,;|&+\\\n]")
_RANK = ("ok", "mapped").index


@dataclass(frozen=True)
class Placed:
    """`county` is a current code, or None. status: ok, mapped (an abolished division), unknown, outside, missing."""

    status: str
    county: str | None = None


def _both(agreed: set[str] | None, found: Iterable[str]) -> set[str] | None:
    """What is left of the counties that all parts may mean; a part that is no county's name says nothing."""
    here = set(found)
    return agreed if not here else here if agreed is None else agreed & here


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
        self._prefectures = {_SUFFIX.sub("", r.name) for r in self._rows if r.current and r.level == "prefecture"}
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
        """Codes and names of a cell must speak of one county; what only adds to it (a street, a remark) is passed over."""
        spaced = folded(cell)
        text = re.sub(r"\s", "", spaced)
        if not text:
            return Placed("missing")
        if self._names_several(spaced):
            return Placed("unknown")
        text = re.sub(r"(?<=\d)\.0+(?!\d)", "", text)
        codes = _CODE.findall(text)
        outer = _CODE.sub("", _REMARK.sub("", text))
        words = [outer, *(remark.strip("()[]") for remark in _REMARK.findall(_CODE.sub("", text)))]
        rows = [self._by_code(code) for code in codes] + [self._by_words(_SIGNS.sub("", word)) for word in words]
        spoken = [found for found in map(self._candidates, rows) if found]
        agreed = {code: status for found in spoken[:1] for code, status in found.items()}
        for found in spoken[1:]:
            agreed = {code: min(status, found[code], key=_RANK) for code, status in agreed.items() if code in found}
        return self._resolve(agreed)

    def _names_several(self, text: str) -> bool:
        """Whether a cell lists counties that are not one: 襄垣县、沁县. Behind a hyphen or the like only a whole name tells."""
        listed = [part for part in _LISTED.split(text) if part.strip()]
        agreed: set[str] | None = None
        for part in listed if len(listed) > 1 else ():
            agreed = _both(agreed, self._candidates(self._by_name("".join(part.split()))))
        parts = [part for part in re.split(r"[\W_]+", text) if _SUFFIX.search(part)]
        named: set[str] | None = None
        for part in parts if len(parts) > 1 else ():
            named = _both(named, self._candidates(self._by_name(part)))
        return agreed == set() or named == set()

    def _by_code(self, code: str) -> list[_Row]:
        """The county of a code; of a code of a province or prefecture all its counties, which a name narrows down."""
        exact = [row for row in self._rows if row.code == code[:6]]
        if exact and exact[0].level == "county":
            return exact
        prefix = code[:6].rstrip("0")
        return [row for row in self._rows if exact and row.level == "county" and row.code.startswith(prefix)]

    def _by_words(self, text: str) -> list[_Row]:
        """Counties of a name, or of the name with which a longer text begins; none where it names a second one."""
        for form in (text, text.removeprefix("原")):
            found = self._by_name(form)
            if found:
                return found
        inner, prefecture = self._inside_prefecture(text)
        begun = self._begun(inner, prefecture)
        if begun:
            text = inner
        else:
            begun = self._begun(text, None)
        longest = max((len(row.name) for row in begun), default=0)
        named = [row for row in begun if len(row.name) == longest]
        places = set(self._candidates(named))
        others = [
            row
            for row in self._rows
            if row.level == "county"
            and row.name not in _GENERIC
            and (row.name in text[longest:] if len(row.name) > 2 else row.name == text[longest:])
        ]
        return named if all(places & set(self._candidates([row])) for row in others) else []

    def _begun(self, text: str, prefecture: str | None) -> list[_Row]:
        """Counties with whose whole name a text begins. A 城区 means any town unless its prefecture is named."""
        return [
            row
            for row in self._rows
            if row.level == "county"
            and text.startswith(row.name)
            and (row.code[:4] == prefecture[:4] if prefecture else row.name not in _GENERIC)
        ]

    def _by_name(self, text: str) -> list[_Row]:
        """Counties of a name; the whole text first, because a county may begin with its prefecture's name."""
        whole = [r for r in self._rows if r.level == "county" and r.name == text]
        if whole:
            return whole
        text, prefecture = self._inside_prefecture(text)
        exact = [r for r in self._rows if r.level == "county" and r.name == text]
        if not exact and not _SUFFIX.search(text) and text not in self._prefectures:
            exact = [r for r in self._rows if r.level == "county" and _SUFFIX.sub("", r.name) == text]
        if prefecture:
            exact = [r for r in exact if r.code[:4] == prefecture[:4]]
        return exact

    def _inside_prefecture(self, text: str) -> tuple[str, str | None]:
        """What follows the names of province and prefecture, and the prefecture's code."""
        prefecture = None
        for level in ("province", "prefecture"):
            for row in self._rows:
                short = _SUFFIX.sub("", row.name).removesuffix("省").removesuffix("地区")
                for prefix in (row.name, short):
                    if row.level == level and row.current and text.startswith(prefix) and len(text) > len(prefix):
                        if level == "prefecture":
                            prefecture = row.code
                        text = text.removeprefix(prefix)
                        while text.startswith(row.name) and len(text) > len(row.name):
                            text = text.removeprefix(row.name)
                        break
        return text, prefecture

    def _candidates(self, rows: list[_Row]) -> dict[str, str]:
        """Current counties for the rows of the table, and how they were come to."""
        candidates: dict[str, str] = {}
        for row in rows:
            code = row.code if row.current else row.successor
            if code in self._current:  # a successor that is abolished itself leads nowhere
                status = "ok" if row.current else "mapped"
                if candidates.get(code) != "ok":
                    candidates[code] = status
        return candidates

    def _resolve(self, candidates: dict[str, str]) -> Placed:
        """One county, or none: those inside the area win, current ones before abolished ones."""
        inside = {code: status for code, status in candidates.items() if self.inside(code)}
        current = {code: status for code, status in inside.items() if status == "ok"}
        for choice in (current, inside):
            if len(choice) == 1:
                ((code, status),) = choice.items()
                return Placed(status, code)
        if inside or not candidates:
            return Placed("unknown")
        return Placed("outside")
