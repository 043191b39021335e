"""Write every workbook and CSV file that leaves the house, so that nothing in a cell is ever executed.

A workbook touches no disk. A cell of it is text or a whole number, written as such (no formula, link or number is
guessed from text), in a cell format that keeps it text when somebody edits and saves it. Beyond that `inert` takes away
what would turn a value into a formula once the sheet is saved as CSV and opened again. The same sheets give the same
bytes: no clock is read.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import IO, Any, Literal

FONT = "微软雅黑"
LINE_HEIGHT = 16
TRIGGERS = "=+-@＝＋－＠﹢﹣﹦﹫−'"
"""First characters that a spreadsheet may take for a formula (or for its own mark of text), wide forms included."""

_FORBIDDEN_IN_TAB = str.maketrans("[]:*?/\\", "（）：＊？／＼")
_A4 = 9
MAX_PRINTED = 255
"""Signs of a header or footer, its codes included."""


@dataclass(frozen=True)
class Fill:
    """What the reader may write in an empty cell, and what the spreadsheet says to anything else: one of `choices`, a whole
    number up to `most`, or a day not before `first`."""

    told: str
    choices: tuple[str, ...] = ()
    most: int | None = None
    first: date | None = None

    @property
    def kind(self) -> Literal["text", "number", "day"]:
        return "day" if self.first is not None else "number" if self.most is not None else "text"

    @property
    def rule(self) -> dict[str, Any]:
        """As xlsxwriter takes it."""
        rules: dict[str, dict[str, Any]] = {
            "text": {"validate": "list", "source": list(self.choices)},
            "number": {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": self.most},
            "day": {"validate": "date", "criteria": ">=", "value": self.first},
        }
        return {**rules[self.kind], "error_title": "请按说明填写", "error_message": self.told}


@dataclass(frozen=True)
class Column:
    """Header, width in characters of the default font (a Chinese one counts two), alignment, what the reader fills in."""

    title: str
    width: float
    align: Literal["left", "center"] = "left"
    fill: Fill | None = None


@dataclass(frozen=True)
class Sheet:
    """One tab: title and sub-title lines, a header, rows of text and whole numbers.

    `landscape` is how it prints; the lines down to the header stay in view and repeat on each printed page.
    `row_height` in points leaves room to sign; a row whose text does not fit its columns is made taller.
    `header` and `footer` stand on each printed page. `marks`: cells to be looked at, by row and column from 0.
    """

    name: str
    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str | int]]
    landscape: bool = False
    row_height: float = 20
    header: str = ""
    footer: str = ""
    marks: frozenset[tuple[int, int]] = frozenset()


def inert(value: str) -> str:
    """`value` as text that no spreadsheet executes, by whatever way it travels.

    Control, format (bidi overrides, zero widths) and unpaired surrogate characters go, line breaks become spaces,
    leading blanks go, and a first character that could start a formula gets an apostrophe before it.
    """
    kept = shown(value)
    return f"'{kept}" if kept and kept[0] in TRIGGERS else kept


def shown(value: str) -> str:
    """What a reader sees of `value`, in one line."""
    return "".join(" " if c in "\t\r\n\v\f\x85\u2028\u2029" else c for c in value if _printable(c)).strip()


def write_csv(stream: IO[str], header: Sequence[str], rows: Iterable[Sequence[object]], *, ends: str = "\r\n") -> int:
    """Write a CSV of which no cell is a formula to a spreadsheet; returns how many rows. None is an empty cell."""
    writer = csv.writer(stream, lineterminator=ends)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([cell if isinstance(cell, int) else inert("" if cell is None else str(cell)) for cell in row])
        count += 1
    return count


def _printable(character: str) -> bool:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or character in "\t\r\n\v\f\x85":
        return True
    return category not in ("Cc", "Cf", "Cs") and (ord(character) & 0xFFFE) != 0xFFFE


def workbook(sheets: Sequence[Sheet], *, title: str, made_on: date) -> bytes:
    """An xlsx file in memory. `made_on` stands in its properties instead of a clock time."""
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,  # else rows wait in temporary files, readable
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": inert(title), "created": datetime.combine(made_on, time())})
    styles = _Styles(book)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name.translate(_FORBIDDEN_IN_TAB)[:31]), sheet, styles)
    book.close()
    return buffer.getvalue()


class _Styles:
    """The cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        grid = {**base, "border": 1, "border_color": "#9AA5B1"}
        self.title = book.add_format({**base, "font_size": 16, "bold": True, "num_format": "@"})
        self.plain = book.add_format({**base, "font_color": "#52606D", "num_format": "@"})
        self.header = book.add_format({**grid, "bold": True, "bg_color": "#E4ECF5", "align": "center",
                                       "text_wrap": True, "num_format": "@"})  # fmt: skip
        self._cells = {
            (kind, align): book.add_format(
                {
                    **grid,
                    "num_format": number_format,
                    "align": align,
                    "text_wrap": True,
                    "indent": 1 if align == "left" else 0,
                }
            )
            for kind, number_format in (("text", "@"), ("number", "0"), ("day", "yyyy-mm-dd"))
            for align in ("left", "center")
        }
        self.marked = book.add_format(
            {**grid, "num_format": "@", "text_wrap": True, "bg_color": "#FCE4E4", "indent": 1}
        )

    def cell(self, value: str | int, column: Column) -> Any:
        if value == "" and column.fill is not None:
            return self._cells[column.fill.kind, column.align]
        return self._cells["text" if isinstance(value, str) else "number", column.align]


def _write(tab: Any, sheet: Sheet, styles: _Styles) -> None:
    tab.set_row(0, 30)
    tab.write_string(0, 0, inert(sheet.title), styles.title)
    tab.set_row(1, 20)
    tab.write_string(1, 0, inert(sheet.subtitle), styles.plain)
    tab.set_row(2, 24)
    for position, column in enumerate(sheet.columns):
        tab.set_column(position, position, column.width)
        tab.write_string(2, position, inert(column.title), styles.header)
    for number, row in enumerate(sheet.rows, start=3):
        tab.set_row(number, max(sheet.row_height, LINE_HEIGHT * _lines(row, sheet.columns) + 4))
        for position, (value, column) in enumerate(zip(row, sheet.columns, strict=True)):
            marked = (number - 3, position) in sheet.marks
            style = styles.marked if marked else styles.cell(value, column)
            if value == "" and column.fill is not None:
                tab.write_blank(number, position, None, style)
            elif isinstance(value, str):
                tab.write_string(number, position, inert(value), style)
            else:
                tab.write_number(number, position, value, style)
    for position, column in enumerate(sheet.columns):
        if column.fill is not None and sheet.rows:
            tab.data_validation(3, position, 2 + len(sheet.rows), position, column.fill.rule)
    tab.freeze_panes(3, 0)
    _set_print(tab, sheet)


def _printed(text: str, room: int) -> str:
    """Text above or below a printed page: longer than the format allows, it would not be there at all."""
    text = inert(text)
    while len(text.replace("&", "&&")) > room:
        text = text[:-2] + "…"
    return text.replace("&", "&&")


def _lines(row: Sequence[str | int], columns: Sequence[Column]) -> int:
    """How many lines the fullest cell of a row takes: a Chinese sign is two characters wide."""
    return max(
        -(-_width(str(value)) // max(int(column.width) - 2, 1)) for value, column in zip(row, columns, strict=True)
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _set_print(tab: Any, sheet: Sheet) -> None:
    tab.set_paper(_A4)
    (tab.set_landscape if sheet.landscape else tab.set_portrait)()
    tab.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(0, 2)
    tab.center_horizontally()
    if sheet.header:
        tab.set_header("&R&9" + _printed(sheet.header, MAX_PRINTED - 5))
    footer = "\n".join(inert(line).replace("&", "&&") for line in sheet.footer.split("\n"))
    tab.set_footer(f"&L&9{footer}&R&9第 &P 页，共 &N 页")
