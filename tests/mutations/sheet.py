"""A roster as somebody's table: header, rows of text cells, lines that are no rows; and how it is written as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import xlsxwriter

from rosters import document, person
from talentpool.declare import TEMPLATE_V1

HEADERS = tuple(TEMPLATE_V1)
PEOPLE = 24
"""In the month before; few enough to be quick, enough for every rule that counts people."""


@dataclass(frozen=True, repr=False)
class Sheet:
    """`lines`: (before which row, cells) of lines that speak of nobody; `cells`: how single workbook cells are written.

    `text`: changes to the finished text of a CSV; `book`: changes to the workbook while it is written.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    titles: tuple[tuple[str, ...], ...] = ()
    lines: tuple[tuple[int, tuple[str, ...]], ...] = ()
    form: str = "csv"
    encoding: str = "utf-8-sig"
    newline: str = "\r\n"
    quoting: int = csv.QUOTE_MINIMAL
    delimiter: str = ","
    text: tuple[Any, ...] = ()
    typed: dict[tuple[int, str], tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    """(row, header) -> (value, format) of workbook cells that are not text."""
    book: tuple[Any, ...] = ()
    done: tuple[str, ...] = ()
    """What was done to it, for whoever reads a failure; names of mutations, no cells."""

    def __repr__(self) -> str:
        return f"Sheet({' + '.join(self.done)})"

    def at(self, name: str) -> int:
        return self.header.index(name)

    def column(self, name: str) -> list[str]:
        return [row[self.at(name)] for row in self.rows]

    def with_cells(self, name: str, cells: dict[int, str]) -> Sheet:
        """Other text in some rows of a column."""
        at = self.at(name)
        rows = list(self.rows)
        for row, cell in cells.items():
            rows[row] = (*rows[row][:at], cell, *rows[row][at + 1 :])
        return replace(self, rows=tuple(rows))

    def after(self, name: str, **changes: Any) -> Sheet:
        """The sheet after a mutation of that name."""
        return replace(self, **changes, done=(*self.done, name))

    def all_lines(self) -> Iterable[tuple[str, ...]]:
        yield from self.titles
        yield self.header
        for row, cells in enumerate(self.rows):
            yield from (line for before, line in self.lines if before == row)
            yield cells
        yield from (line for before, line in self.lines if before >= len(self.rows))

    def write(self) -> bytes:
        return self._workbook() if self.form == "xlsx" else self._csv()

    def _csv(self) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator=self.newline, quoting=self.quoting, delimiter=self.delimiter)  # type: ignore[arg-type]
        writer.writerows(self.all_lines())
        text = out.getvalue()
        for change in self.text:
            text = change(text)
        return text.encode(self.encoding)

    def _workbook(self) -> bytes:
        out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(out, options) as book:
            sheet = book.add_worksheet("名册")
            row = -1
            for at, cells in enumerate(self.all_lines()):
                people_row = self.rows.index(cells) if cells in self.rows else None
                for place, cell in enumerate(cells):
                    typed = None
                    if people_row is not None and len(cells) == len(self.header):
                        typed = self.typed.get((people_row, self.header[place]))
                    if typed is not None:
                        value, shown = typed
                        sheet.write(at, place, value, book.add_format(shown) if shown else None)
                    elif cell:
                        sheet.write_string(at, place, cell)
                row = at
            for change in self.book:
                change(book, sheet, row, self)
        return out.getvalue()


def base_people() -> list[dict[str, str]]:
    """The month before: everybody has every value, so that every value can be lost."""
    people = []
    for number in range(1, PEOPLE + 1):
        born = f"{1986 + number % 15}-0{1 + number % 9}-1{number % 9}"
        sex = "男" if number % 2 else "女"
        people.append(
            person(
                number,
                staff_no=f"{1000 + number}",
                document_no=document(number, born),
                birth_date=born,
                sex=sex,
                document_type="居民身份证",
                mobile2=f"135{20_000_000 + number * 13:08d}",
                county=COUNTIES[number % 3],
                station=f"站点{number % 4 + 1}",
                occupation="网约车司机",
                left_on="",
            )
        )
    return people


COUNTIES = ("140403", "140404", "140423")
NEW_MONTH = date(2026, 10, 31)


def next_month() -> list[dict[str, str]]:
    """This month: one joins, one leaves for good, one has another station."""
    people = base_people()
    people[3]["station"] = "站点9"
    people[5]["left_on"] = "2026-10-20"
    people.append(
        person(99, staff_no="1099", county=COUNTIES[0], document_no=document(99, "1990-02-03"), occupation="网约车司机")
    )
    return people


def sheet_of(people: list[dict[str, str]]) -> Sheet:
    rows = tuple(tuple(each.get(name, "") for name in TEMPLATE_V1.values()) for each in people)
    return Sheet(HEADERS, rows)
