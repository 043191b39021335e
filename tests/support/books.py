"""Workbooks of several sheets in the making, and what the product reads of them."""

from __future__ import annotations

import io

import xlsxwriter

from rosters import person
from talentpool.conform.files.read import Source
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import TEMPLATE_V1, Partner

HEADER = list(TEMPLATE_V1)
PEOPLE = [[person(n).get(field, "") for field in TEMPLATE_V1.values()] for n in range(1, 8)]


class Book:
    """A workbook in the making; `sheet` writes one with the header and people."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._out, {"in_memory": True, "strings_to_formulas": False})

    def sheet(
        self, name: str, rows: list[list[str]] = PEOPLE, header: list[str] = HEADER
    ) -> xlsxwriter.worksheet.Worksheet:
        sheet = self.book.add_worksheet(name)
        for at, row in enumerate([header, *rows] if header else rows):
            sheet.write_row(at, 0, row)
        return sheet

    def bytes(self) -> bytes:
        self.book.close()
        return self._out.getvalue()


def read(data: bytes, partner: Partner) -> tuple[list[dict[str, str]], Source]:
    source = read_workbook(io.BytesIO(data), partner, "roster.xlsx")
    return [row for block in source.blocks for row in block.to_pylist()], source


def codes(source: Source) -> set[str]:
    return {finding.code for finding in source.findings}
