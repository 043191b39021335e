"""Define what a row of each reference table may hold: a wrong value is refused with the valid ones.

A row travels as a plain dict of JSON values (dates as YYYY-MM-DD), whole, in the order of the table's columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, cast, get_origin

import sqlalchemy as sa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from talentpool import model
from talentpool.errors import UsageError

Row = dict[str, Any]
Key = tuple[str, ...]
State = dict[Key, Row]

LIST_SEPARATOR = "|"


def _words(value: Any) -> Any:
    """`a|b` or a list, each word in the form in which conform looks cells up; no word twice."""
    words = value.split(LIST_SEPARATOR) if isinstance(value, str) else value or []
    return list(dict.fromkeys(word for word in (_plain(word) for word in words) if word))


def _plain(value: Any) -> Any:
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


def _iso(value: Any) -> Any:
    """YYYY-MM-DD; also the YYYY/M/D and YYYYMMDD that spreadsheets make of it."""
    found = re.fullmatch(r"(\d{4})([-/]?)(\d{1,2})\2(\d{1,2})", value.strip()) if isinstance(value, str) else None
    if found and (found[2] or len(value.strip()) == 8):
        return f"{found[1]}-{int(found[3]):02d}-{int(found[4]):02d}"
    return value


DivisionCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Code = Annotated[str, BeforeValidator(_plain), Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Word = Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f|]+$")]
Year = Annotated[int, Field(ge=1949, le=2199)]
PublicKey = Annotated[str, Field(pattern=r"^[\x21-\x7e]+( [\x21-\x7e]+)*$", max_length=2000)]


class _Cells(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class Division(_Cells):
    """A division of GB/T 2260 that is or was."""

    code: DivisionCode
    name: Word
    level: Literal["province", "prefecture", "county"]
    parent_code: DivisionCode | None = None
    status: Literal["current", "abolished"]
    from_year: Year | None = None
    to_year: Year | None = None
    successor_code: DivisionCode | None = None


class Station(_Cells):
    """A partner's work station. `head` and `recipient_key` are contact data: in no log and no message."""

    partner: Code
    county: DivisionCode
    name: Text
    head: Text | None = None
    recipient_key: PublicKey | None = None


class Occupation(_Cells):
    """An occupation with the words that partners use for it."""

    code: Code
    name: Word
    aliases: Annotated[list[Word], BeforeValidator(_words)] = []


HOLIDAY_WORDS = {"放假": "holiday", "上班": "adjusted workday"}
"""How the notice says it -> the kind."""


class Holiday(_Cells):
    """A day off, or a weekend day that is worked, by the State Council's yearly notice."""

    date: Annotated[date, BeforeValidator(_iso)]
    kind: Annotated[Literal["holiday", "adjusted workday"], BeforeValidator(lambda word: HOLIDAY_WORDS.get(word, word))]
    name: Text


class Notice(_Cells):
    """A purpose that a version of the privacy notice names. Nobody could agree to a version before `published_on`."""

    version: Text
    purpose: Code
    published_on: Annotated[date | None, BeforeValidator(_iso)] = None


class Contact(_Cells):
    """The office that people of a division turn to, and how it is reached: printed on what leaves."""

    area: DivisionCode
    office: Text
    reach: Text


class Recipient(_Cells):
    """Whom files may be encrypted to, and whose people are in them."""

    code: Code
    name: Text
    kind: Literal["age", "openpgp", "zip"]
    public_key: Annotated[str, Field(pattern=r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]+$", max_length=20_000)] | None = None
    password_by: Text | None = None
    division: DivisionCode
    valid_until: Annotated[date, BeforeValidator(_iso)]


@dataclass(frozen=True)
class Table:
    """One reference table: where it is stored and what its rows are."""

    stored: sa.Table
    model: type[_Cells]

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.model.model_fields)

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.stored.primary_key)

    @property
    def lists(self) -> tuple[str, ...]:
        """Columns that hold several words."""
        return tuple(name for name, field in self.model.model_fields.items() if get_origin(field.annotation) is list)

    def key_of(self, row: Mapping[str, Any]) -> Key:
        return tuple(str(row[name]) for name in self.key)

    def row(self, cells: Mapping[str, Any], where: str = "") -> Row:
        """A checked row; an empty cell takes the column's default. UsageError names the column and what is valid."""
        self.known(cells, where)
        filled = {name: value for name, value in cells.items() if value not in ("", None)}
        try:
            return self.model.model_validate(filled).model_dump(mode="json")
        except ValidationError as error:
            raise UsageError(where + "; ".join(_explain(e) for e in error.errors(include_input=False))) from None

    def known(self, columns: Mapping[str, Any] | list[str], where: str = "") -> None:
        """UsageError when a column is not one of the table's."""
        unknown = sorted(set(columns) - set(self.columns))
        if unknown:
            raise UsageError(
                f"{where}{self.name} has no column {', '.join(unknown)}; valid columns: {', '.join(self.columns)}"
            )

    def whole_key(self, words: tuple[str, ...]) -> Key:
        """The key as the table writes it; UsageError names the key columns when there are too few or too many."""
        if len(words) != len(self.key):
            raise UsageError(f"a row of {self.name} is identified by {' '.join(self.key)} ({len(self.key)} words)")
        return self.begun_key(words)

    def begun_key(self, words: tuple[str, ...]) -> Key:
        """The first columns of a key as the table writes them; UsageError when there are more words than columns."""
        if len(words) > len(self.key):
            raise UsageError(f"a row of {self.name} is identified by {' '.join(self.key)}; that is {len(words)} words")
        return tuple(self._written(name, word) for name, word in zip(self.key, words, strict=False))

    def _written(self, name: str, word: str) -> str:
        """A cell in the form in which it is stored, so that a known row is found however its key is typed."""
        for step in self.model.model_fields[name].metadata:
            if isinstance(step, BeforeValidator):
                word = cast("Callable[[Any], Any]", step.func)(word)
        return word.strip()

    def values(self, row: Row) -> dict[str, Any]:
        """A row as the database takes it."""
        return self.model.model_validate(row).model_dump()


_PATTERNS = {
    "code": "lower case letters, digits and _",
    "parent_code": "six digits",
    "successor_code": "six digits",
    "public_key": "an age public key (age1...), or an armoured OpenPGP key",
    "county": "six digits, the code of a current county",
    "area": "six digits, the code of a current division",
    "recipient_key": "one line of printable ASCII, a public key",
}


def _explain(error: Any) -> str:
    """One pydantic error without the value that caused it."""
    column = str(error["loc"][0])
    if error["type"] == "missing":
        return f"column {column} is required"
    if error["type"] == "string_pattern_mismatch":
        digits = "six digits" if "{6}" in error["ctx"]["pattern"] else None
        return f"column {column}: valid is {digits or _PATTERNS.get(column, 'text without control characters')}"
    if error["type"].startswith("date"):
        return f"column {column}: a date is written YYYY-MM-DD"
    return f"column {column}: {error['msg']}"


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(model.division, Division),
        Table(model.station, Station),
        Table(model.occupation, Occupation),
        Table(model.holiday, Holiday),
        Table(model.notice, Notice),
        Table(model.contact, Contact),
        Table(model.recipient, Recipient),
    )
}


def table_named(name: str) -> Table:
    """UsageError lists the tables there are."""
    if name not in TABLES:
        raise UsageError(f"there is no reference table {name}; valid: {', '.join(TABLES)}")
    return TABLES[name]
