"""Propose which missing column an unknown one may be, by its name and its values; a person answers."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from talentpool.area import shipped
from talentpool.conform.files.header_names import header_key
from talentpool.conform.values.dates import read_date
from talentpool.conform.values.documents import check_digit
from talentpool.declare import TEMPLATE_V1
from talentpool.settings import INCLUDE

CLOSE = {"han": 0.6, "latin": 0.65}
"""Share of characters two names have in common, from which one may be the other."""
PROVEN = 0.6
"""Share of a column's filled cells that are good values of a field, from which it may be that field's."""
CONTRADICTED = 0.1
ENOUGH = 3
"""Filled cells from which dates and words prove something; a good ID number or mobile proves it alone."""
CHILDHOOD_ENDS = 2010
DATES = ("left_on", "hired_on", "consented_on", "birth_date")
KINDS = {
    "document_no": "document", "mobile": "mobile", "mobile2": "mobile", "county": "county", "sex": "sex",
    **dict.fromkeys(DATES, "date"),
}  # fmt: skip
"""What values of a field look like, where they have a form."""
WORDED = {"county": "county", "sex": "sex", "occupation": "job"}
"""Fields whose values are words of a list."""
_MOBILE = re.compile(r"(?:\+?86)?(?!14[01])(1[3-9][\d*]{9})")
_DOCUMENT = re.compile(r"[\d*]{14,17}[\dXx*]|\d(?:\.\d+)?[Ee]\+?1[4-7]")
_LATIN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Unknown:
    """A column that is no field's by name: `key` as compared, `name` as shown, the first cells below the header."""

    key: str
    name: str
    cells: Sequence[str]


@dataclass(frozen=True)
class _Words:
    names: Mapping[str, frozenset[str]]
    parts: Mapping[str, tuple[str, ...]]


@cache
def _words() -> _Words:
    names, parts = defaultdict(set), defaultdict(list)
    with (INCLUDE / "reference" / "column_words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["how"] == "name":
                names[row["field"]].add(header_key(row["word"]))
            else:
                parts[row["field"]].append(header_key(row["word"]))
    return _Words({k: frozenset(v) for k, v in names.items()}, {k: tuple(v) for k, v in parts.items()})


def is_another_word(key: str) -> bool:
    """Whether a name is on the list of words that partners use for a field of the template."""
    return any(key in names for field, names in _words().names.items() if field != "-")


def candidates(
    unknown: Iterable[Unknown], missing: Mapping[str, str], undeclared: Iterable[str] = (), *, whole: bool = False
) -> list[tuple[Unknown, str]]:
    """Pairs of an unknown column and a field that the file lacks, worth asking about.

    `missing`: field -> how its column would be called here. `undeclared`: fields that the partner's own form does not
    have; only the template's own name speaks for these. `whole`: all rows were looked at, so that an empty column
    loses nothing.
    """
    found = []
    for column in unknown:
        looks = _Looks(column.cells)
        if whole and not looks.filled:
            continue
        fields = [field for field in undeclared if TEMPLATE_V1.get(column.key) == field]
        fields += _by_name(column.key, missing, looks)
        found += [(column, field) for field in fields or _by_values(column.key, missing, looks)]
    return found


def _by_name(key: str, missing: Mapping[str, str], looks: _Looks) -> list[str]:
    words = _words()
    exact = [field for field in missing if key in words.names.get(field, ()) or TEMPLATE_V1.get(key) == field]
    if exact or key in words.names["-"] or not key:
        return exact
    likely = [field for field in missing if not looks.speak_against(field)]
    named = [field for field in likely if any(part in key for part in words.parts.get(field, ()))]
    if "mobile2" in named and "mobile" in named:
        named.remove("mobile")
    return named or [field for field in likely if any(_close(key, name) for name in _names_of(field, missing[field]))]


def _names_of(field: str, label: str) -> set[str]:
    return {header_key(label), *(header_key(name) for name, known in TEMPLATE_V1.items() if known == field)}


def _close(key: str, name: str) -> bool:
    if _LATIN.fullmatch(key) and _LATIN.fullmatch(name):
        return SequenceMatcher(None, key, name, autojunk=False).ratio() >= CLOSE["latin"]
    shared = sum(min(key.count(ch), name.count(ch)) for ch in set(key))
    return 2 * shared >= CLOSE["han"] * (len(key) + len(name))


def _by_values(key: str, missing: Mapping[str, str], looks: _Looks) -> list[str]:
    if looks.proven("document") and "document_no" in missing:
        return ["document_no"]
    if looks.proven("mobile"):
        return [field for field in ("mobile", "mobile2") if field in missing][:1]
    for field, kind in WORDED.items():
        if field in missing and looks.filled >= ENOUGH and looks.proven(kind):
            return [field]
    if looks.proven("date") and looks.filled >= ENOUGH and not any(word in key for word in _words().parts["-"]):
        of_birth = looks.mean_year < CHILDHOOD_ENDS
        return [field for field in DATES if field in missing and (field == "birth_date") == of_birth]
    return []


class _Looks:
    """What the filled cells of a column look like; counted when asked for."""

    def __init__(self, cells: Sequence[str]) -> None:
        self._cells = [text for cell in cells if (text := unicodedata.normalize("NFKC", cell).strip())]
        self.filled = len(self._cells)

    def proven(self, kind: str) -> bool:
        return self.filled > 0 and sum(map(_GOOD[kind], self._cells)) >= PROVEN * self.filled

    def speak_against(self, field: str) -> bool:
        """Whether hardly a cell could be this field's, so that a likeness of names means nothing."""
        kind = KINDS.get(field)
        return bool(kind and self.filled and sum(map(_LIKE[kind], self._cells)) < CONTRADICTED * self.filled)

    @property
    def mean_year(self) -> float:
        years = [day.year for cell in self._cells if (day := read_date(cell).day)]
        return sum(years) / len(years) if years else float(CHILDHOOD_ENDS)


def _bare(cell: str) -> str:
    return re.sub(r"[\s\-]", "", cell)


def _good_document(cell: str) -> bool:
    """A whole number; or one that is hidden in part, or was saved as a number, which nothing else looks like."""
    text = _bare(cell).upper()
    if "*" in text or text.endswith("E+17"):
        return bool(_DOCUMENT.fullmatch(text))
    return bool(re.fullmatch(r"\d{17}[\dX]", text)) and check_digit(text[:17]) == text[17]


def _good_mobile(cell: str) -> bool:
    return bool(_MOBILE.fullmatch(_bare(cell)))


def _like_date(cell: str) -> bool:
    return read_date(cell).day is not None or bool(re.match(r"(?:19|20)\d{2}|\d{5}(?:\.\d+)?$|9999", cell))


@cache
def _counties() -> frozenset[str]:
    known = shipped(INCLUDE / "reference")
    return frozenset(word for county in known for word in (county.code, county.name, county.name.rstrip("市县区")))


@cache
def _jobs() -> frozenset[str]:
    with (INCLUDE / "reference" / "occupations.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["code"] != "other"]
    return frozenset(word for row in rows for word in (row["name"], *row["aliases"].split("|")))


def _is_county(cell: str) -> bool:
    return cell in _counties() or cell[-3:] in _counties()


_GOOD = {
    "document": _good_document, "mobile": _good_mobile, "county": _is_county,
    "date": lambda c: any(map(str.isdigit, c)) and read_date(c, "left_on").letter in "on",
    "sex": lambda c: c in ("男", "女"), "job": lambda c: c in _jobs(),
}  # fmt: skip
_LIKE = {
    "document": lambda c: bool(_DOCUMENT.fullmatch(_bare(c))), "mobile": lambda c: bool(_MOBILE.fullmatch(_bare(c))),
    "county": _is_county, "date": _like_date, "sex": lambda c: c in ("男", "女", "男性", "女性", "M", "F", "1", "2", "0"),
}  # fmt: skip
