"""Rosters under headers of all kinds, read without a database: what a header is found to be."""

from __future__ import annotations

from collections.abc import Sequence

from rosters import person
from talentpool.conform.answers import asked
from talentpool.conform.files.header import Header, find_header
from talentpool.declare import FIELDS, TEMPLATE_V1, Partner

HEADER = list(TEMPLATE_V1)
LABELS = {to: header for header, to in TEMPLATE_V1.items()}
FULL = {"document_type": "", "birth_date": "", "mobile2": "", "occupation": "网约车司机", "left_on": ""}
PEOPLE = [FULL | person(n) for n in range(1, 13)]
GONE = [row | {"left_on": "2026-09-30"} if n < 4 else row for n, row in enumerate(PEOPLE)]


def lines(header: Sequence[str], rows: Sequence[dict[str, str]], fields: Sequence[str] = FIELDS) -> list[list[str]]:
    return [list(header), *([row.get(field, "") for field in fields] for row in rows)]


def renamed(**names: str) -> list[str]:
    """The template's header with the columns of some fields called otherwise."""
    return [names.get(to, header) for header, to in TEMPLATE_V1.items()]


def without(field: str, extra: str, values: Sequence[str]) -> list[list[str]]:
    """A roster that lacks a field's column and has another one."""
    kept = [to for to in FIELDS if to != field]
    table = lines([*(LABELS[to] for to in kept), extra], PEOPLE, kept)
    return [table[0], *([*row[:-1], row[-1], value] for row, value in zip(table[1:], values, strict=False))]


def read(table: Sequence[Sequence[str]], partner: Partner, answers: dict[str, str | None] | None = None) -> Header:
    found = find_header(iter([(n, list(row)) for n, row in enumerate(table, 1)]), partner, "roster.csv", answers)
    assert found is not None
    return found[0]


def questions(header: Header) -> dict[str, list[str]]:
    return asked([finding.as_json() for finding in header.findings])
