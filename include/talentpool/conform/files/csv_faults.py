"""Find where a CSV is broken and why: the slow second look at a file whose lines do not come out as rows.

A quote without its partner makes one cell of many rows. Whoever opens the file sees nothing of it, so the row, the
column and what to do are said here; never what stands in a cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from talentpool.conform.files.header import HEAD_LINES, find_header
from talentpool.conform.files.limits import MAX_COLUMNS, MAX_HEADER_LINE, MAX_LINE
from talentpool.declare import Partner
from talentpool.errors import RejectedError

SEPARATORS = {
    "\t": "制表符（Tab）",
    ";": "分号",
    "|": "竖线",
    "，": "全角逗号",
    "；": "全角分号",
    "、": "顿号",
    "^": "“^”",
}
_END = "\x1eend"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_MANY_COMMAS = re.compile(r"(?:[^,]*,){5}")
_DATA = re.compile(r"\d{11}|^\d{6}$|^\d{4}-\d\d-\d\d$")
"""What no header says, though its remark may hold an example."""
_CELL = re.compile(r'"(?:[^"]|"")*"(?=,|$)|[^,"]*(?=,|$)')
_INCHES = re.compile(r'[^"]*\d"(?=[^",])[^"]*$')
_MEASURED = ("station", "occupation")
"""Fields in which a measure in inches may stand."""
_ID = re.compile(r"\d{14,17}[\dXx]")
_SPOILT = (("gb18030", "utf-8"), ("latin-1", "gb18030"), ("cp1252", "gb18030"), ("latin-1", "utf-8"))
"""How text is spoilt: read in one encoding, though written in another."""
ALWAYS_FILLED = ("staff_no", "name", "county", "consented_on", "notice_version")
"""Fields of which no honest row leaves the cell blank."""
ROWS_THAT_TELL = 10
"""Rows at the end of a file that show what its last column is like."""
OpenText = Callable[[], io.TextIOWrapper]


@dataclass(frozen=True)
class Column:
    """A column of the file: what its header says, and which field that is."""

    title: str
    field: str | None


@dataclass(frozen=True)
class Record:
    """A row as the CSV has it: its number and first line, counted from 1, its cells, and in how many lines it stands."""

    number: int
    line: int
    cells: list[str]
    lines: int
    open: bool = False
    """The file ends within a quoted cell of it."""
    raw: str = ""
    """Its text, without the line end."""

    @property
    def place(self) -> str:
        return f"第 {self.number} 行" + (f"（文本第 {self.line} 行）" if self.line != self.number else "")


def records(text: io.TextIOWrapper) -> Iterator[Record]:
    """The rows, as Arrow reads them too: a quote opens a cell only at its beginning."""
    physical = _Lines(text)
    reader = csv.reader(physical)
    number, line = 0, 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except csv.Error:  # a cell or row larger than is taken: a quote was opened and not closed for long
            yield Record(number, line, [], 2, True)
            return
        if cells == [_END]:
            return
        is_open = physical.ended
        lines = reader.line_num - line + 1 - is_open
        yield Record(number, line, cells, lines, is_open, physical.taken())
        if is_open:
            return
        line += lines


class _Lines:
    """The lines of a text and one more, by which an open quote is seen: it swallows that one, too."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._raw: list[str] = []
        self._size = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.ended:
            raise StopIteration
        line = self._text.readline()
        if line:
            self._raw.append(line)
            self._size += len(line)
            if self._size > MAX_LINE:
                raise csv.Error("a row of more lines than a roster has")
            return line
        self.ended = True
        return _END

    def taken(self) -> str:
        """The lines since the last call."""
        raw = "".join(self._raw)
        self._raw.clear()
        self._size = 0
        return raw.rstrip("\r\n")


def swallows(cell: str, width: int) -> bool:
    """Whether a cell of more than one line holds what looks like rows: as many commas as stand between their cells."""
    return _LINE_ENDS.search(cell) is not None and cell.count(",") >= max(width - 1, 1)


def fault(
    open_text: OpenText, head: int, columns: list[Column], is_row: Callable[[list[str]], bool], name: str
) -> RejectedError | None:
    """What is wrong with the rows below the first `head`; None when every quote and line break is in its place."""
    width = len(columns)
    with open_text() as text:
        rows = records(text)
        for row in rows:
            if row.number <= head:
                continue
            if row.open and row.lines == 1 and len(row.cells) == width:
                row = replace(row, open=False)  # nothing was swallowed but the file's end
            swallowing = [at for at, cell in enumerate(row.cells) if swallows(cell, width)]
            if row.open or swallowing:
                return _open_quote(row, swallowing, columns, name)
            broken = len(row.cells) != width and bool(row.cells) and is_row(row.cells)
            if broken and row.lines > 1:
                torn = [at for at, cell in enumerate(row.cells) if _LINE_ENDS.search(cell)]
                return _open_quote(row, torn, columns, name)
            if (stray := _stray_quote(row, columns)) is not None and (broken or is_row(row.cells)):
                return _quote(row, stray, columns, name)
            if broken:
                return _unequal(row, next(rows, None), width, name)
    return None


def _stray_quote(row: Record, columns: list[Column]) -> int | None:
    """In which cell a quote neither opens, nor closes, nor is doubled, nor stands for inches."""
    if '"' not in row.raw:
        return None
    start = at = 0
    while start <= len(row.raw):
        cell = _CELL.match(row.raw, start)
        if cell is None:
            end = row.raw.find(",", start)
            text = row.raw[start : end if end >= 0 else None]
            field = columns[at].field if at < len(columns) else None
            dropped = field is None and not text.startswith('"')
            if not dropped and not (field in _MEASURED and _INCHES.match(text)):
                return at
            start += len(text) + 1
        else:
            start = cell.end() + 1
        at += 1
    return None


def _column(at: int, columns: list[Column]) -> str:
    return f"“{columns[at].title}”列（第 {at + 1} 列）" if at < len(columns) else f"第 {at + 1} 列"


def _open_quote(row: Record, swallowing: list[int], columns: list[Column], name: str) -> RejectedError:
    where = _column(swallowing[0] if swallowing else len(row.cells) - 1, columns) if row.cells else ""
    until = "直到文件结尾" if row.open else f"共 {row.lines} 行文本"
    return RejectedError(
        "csv_malformed",
        f'{name}：{row.place}{where}起的引号（"）没有配对，其后的行被并入同一单元格（{until}）；'
        "请在该处补上或删去多余的英文引号，或由原系统重新导出",
    )


def _quote(row: Record, at: int, columns: list[Column], name: str) -> RejectedError:
    return RejectedError(
        "csv_malformed",
        f'{name}：{row.place}{_column(at, columns)}的引号（"）没有配对，或引号之后还有内容；'
        "请补上或删去多余的英文引号（单元格内的引号应写两个），或由原系统重新导出",
    )


def _unequal(row: Record, following: Record | None, width: int, name: str) -> RejectedError:
    count = len(row.cells)
    other = next(
        (what for mark, what in SEPARATORS.items() if count < width and _split(row.cells, mark) == width), None
    )
    if other:
        why = f"该行似以{other}分隔，分隔符应为逗号；请以英文逗号分隔重新导出"
    elif count > width and not any(cell.strip() for cell in row.cells[width:]):
        why = "行尾有多余的逗号；请删去后重新导出"
    elif count > width:
        why = "多为单元格内有英文逗号而未加引号；请将该单元格用英文引号括起，或由原系统重新导出"
    elif following is not None and count + len(following.cells) == width + 1:
        why = "与下一行合起来才是一行，多为单元格内换行而未加引号；请删去该换行，或将该单元格用英文引号括起"
    else:
        why = "可能是单元格内换行而未加引号、引号未配对，或该行被截断；请核对该行后重新导出"
    return RejectedError("csv_malformed", f"{name}：{row.place}有 {count} 个单元格，应为 {width} 个；{why}")


def cut_short(ending: bytes, encoding: str, width: int, last: str | None) -> bool:
    """Whether a text stops in the last cell of a row: no line end, and that cell is blank or begins as longer ones do.

    Where a file stops in any other cell its last row has too few. `ending`: its last bytes. Only a column that is filled
    throughout, with values of one length, can tell; and a blank only in a column that every honest row fills.

    Args:
        last: the field of the last column.
    """
    if not ending or ending.endswith((b"\n", b"\r")):
        return False
    text = ending.decode(encoding.removesuffix("-sig"), "ignore")
    whole = _LINE_ENDS.split(text, 1)[-1]  # the bytes may begin within a line, or within a character
    rows = list(csv.reader(io.StringIO(whole, newline="")))
    values = [row[-1].strip() for row in rows[:-1] if len(row) == width]
    if len(values) < ROWS_THAT_TELL or len(rows[-1]) != width or len({len(value) for value in values}) > 1:
        return False
    shown = rows[-1][-1].strip()
    if not shown and last not in ALWAYS_FILLED:
        return False
    return any(len(shown) < len(value) and value.startswith(shown) for value in values)


def _split(cells: list[str], mark: str) -> int:
    return ",".join(cells).count(mark) + 1


def refuse_head(open_text: OpenText, partner: Partner, name: str) -> RejectedError | None:
    """Why no header is seen where one stands: another separator, a quote around it, or characters read wrongly."""
    with open_text() as text:
        lines = [line[:MAX_HEADER_LINE].strip("\r\n") for line in (text.readline() for _ in range(HEAD_LINES)) if line]
    for number, line in enumerate(lines, 1):
        for mark, what in SEPARATORS.items():
            if _is_header(line.replace('"', "").split(mark), partner, name):
                return RejectedError(
                    "csv_malformed",
                    f"{name}：第 {number} 行的表头以{what}分隔，分隔符应为逗号；请以英文逗号分隔（CSV）重新导出",
                )
        if _is_header(line.replace('"', "").split(","), partner, name):
            whole = line.startswith('"') and line.endswith('"') and '","' not in line
            why = "整行被一对引号括住" if whole else "表头落在未配对的引号之内"
            return RejectedError(
                "csv_malformed", f"{name}：第 {number} 行{why}；请删去多余的英文引号，或由原系统重新导出"
            )
        if any(_is_header(mended.split(","), partner, name) for mended in _mended(line)):
            return RejectedError(
                "header_unknown",
                f"{name}：第 {number} 行的表头是乱码，文件的编码曾被认错后另存；请由原系统以 UTF-8 或 GB18030 重新导出",
            )
    for number, line in enumerate(lines, 1):
        if line.count(",") > 1 and _ID.search(line):
            return RejectedError(
                "header_unknown",
                f"{name}：第 {number} 行已是人员数据，其上没有表头行；请在首行补上约定的表头后重新交付",
            )
    return None


def refuse_swallowing_head(cells: list[str], number: int, name: str) -> RejectedError | None:
    """A header that holds rows: their cells must neither be taken for columns nor be named."""
    torn = [at for at, cell in enumerate(cells) if _LINE_ENDS.search(cell)]
    if torn and (any(_MANY_COMMAS.match(cells[at]) for at in torn) or any(map(_DATA.search, cells))):
        return RejectedError(
            "csv_malformed",
            f'{name}：表头（第 {number} 行）第 {torn[0] + 1} 列起的引号（"）没有配对，其后的行被并入表头；'
            "请在该处补上或删去多余的英文引号，或由原系统重新导出",
        )
    return None


def _is_header(cells: list[str], partner: Partner, name: str) -> bool:
    try:
        return 1 < len(cells) <= MAX_COLUMNS and find_header(iter([(1, cells)]), partner, name) is not None
    except RejectedError:  # a header of ours, though with a fault of its own
        return True


def _mended(line: str) -> Iterator[str]:
    """What the line may have been before it was read in the wrong encoding."""
    for read_as, written_in in _SPOILT:
        yield line.encode(read_as, "ignore").decode(written_in, "ignore")
