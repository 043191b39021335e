"""Rosters as CSV text with damage done to them, and what reading them alone comes to."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rosters import person
from talentpool.acquire import load_partner
from talentpool.conform.files.read import read_csv
from talentpool.declare import FIELDS, TEMPLATE_V1
from talentpool.settings import Settings

HEADER = ",".join(TEMPLATE_V1)
STATION = list(TEMPLATE_V1).index("站点")
CASES = Path(__file__).resolve().parents[1] / "cases"


@cache
def _plain(number: int) -> str:
    return row(number)


def row(number: int, **changes: object) -> str:
    return ",".join(person(number, **changes).get(field, "") for field in FIELDS)


def lines(count: int = 30) -> list[str]:
    """A header and rows; line n holds person n, and is row n + 1 of the file."""
    return [HEADER, *(_plain(number) for number in range(1, count + 1))]


def with_cell(some: list[str], at: int, column: int, text: str) -> list[str]:
    """The same lines with one cell replaced; `{}` in the text is what stood there."""
    cells = some[at].split(",")
    cells[column] = text.replace("{}", cells[column])
    return [*some[:at], ",".join(cells), *some[at + 1 :]]


def stray(some: list[str], opened: int, closed: int, column: int) -> list[str]:
    """Two quotes without partners, in one column of two rows."""
    return with_cell(with_cell(some, opened, column, '"{}'), closed, column, '{}"')


def text(some: Iterable[str], end: str = "\r\n") -> bytes:
    return "".join(line + end for line in some).encode()


@dataclass(frozen=True)
class Read:
    staff: list[str]
    stations: list[str]
    notes: Counter[str]


def read(data: bytes, partner: str = "didi") -> Read:
    """Every row of a CSV; RejectedError as `ingest` would meet it."""
    source = read_csv(lambda: io.BytesIO(data), load_partner(Settings().partner_dirs, partner), "roster.csv")
    blocks = list(source.blocks)
    columns = {
        field: [value for block in blocks for value in block[field].to_pylist()] for field in ("staff_no", "station")
    }
    return Read(columns["staff_no"], columns["station"], source.notes)
