"""Read a sheet that came back: which list it says it is of, and what it says of each row, as it is written.

The file is a stranger's: its bytes are judged first, then a limited process parses it (conform/workbook), and no more rows than
the list has and a fifth. Names, mobiles and remarks of the sheet are read by nobody here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from talentpool.campaigns.sessions.slots import SLOT
from talentpool.conform.values.dates import from_excel
from talentpool.conform.workbook.parsed import Cell, Parsed, Sheet
from talentpool.conform.workbook.shape import MAX_TITLES, inspect
from talentpool.errors import UsageError

ROW_ID, OUTCOME, COUNT, DAY, SIGNED = "行号", "结果", "数量", "领取日期", "签收"
READ = (ROW_ID, OUTCOME, COUNT, DAY, SIGNED)
SIGN_UPS = (ROW_ID, SLOT)
"""What is read of a sheet of sign-ups: the second column is the one without which it is none, as 结果 is of a receipt."""
SPARE = 0.2
"""Rows above those of the list that a sheet may have: lines that somebody added."""
REMEDY = "没有登记；请用下发的原表（xlsx 工作簿）填写，不要加名单以外的行和工作表，再交来"
"""What to do with a workbook that cannot be opened: it went out as one, and comes back as nothing else."""
HEAD_ROWS = 5_000
"""Rows of a sheet that the process gives at once; a second sheet may not have more."""
_TITLES = 12
_NUMBER = re.compile(r"名单编号\s*[:：]?\s*(\d{1,18})")
_HASH = re.compile(r"校验值\s*[:：]?\s*([0-9a-fA-F]{12,64})")
_DAYS_TO_1904 = 1462


@dataclass(frozen=True, repr=False)
class Line:
    """One line of a sheet with a row id. `row`: as the spreadsheet counts, from 1; cells as text; `merged`: fields that are part
    of a merged cell, of which only the first line has a value; `struck`: row id or result are crossed out; `implied`: nobody
    wrote it of this row, it follows from what is said of all."""

    sheet: int
    row: int
    cells: dict[str, str]
    merged: frozenset[str]
    hidden: bool
    struck: bool = False
    implied: bool = False

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    @property
    def says(self) -> bool:
        """Whether anything was filled in."""
        return any(self[name] for name in (OUTCOME, COUNT, DAY, SIGNED))


@dataclass(frozen=True, repr=False)
class Tab:
    """A sheet as it came: name, header, and every line below it with its row number."""

    place: int
    name: str
    header: list[str]
    header_row: int
    lines: list[tuple[int, list[str]]]


@dataclass(repr=False)
class Written:
    """What a workbook says. `numbers`, `hashes`: of lists, wherever it names one; `notes`: code -> count."""

    lines: list[Line] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    notes: Counter[str] = field(default_factory=Counter)


def read_sheet(data: bytes, name: str, people: int, columns: tuple[str, ...] = READ) -> Written:
    """What the workbook says of rows. `people`: how many are on the list; `columns`: READ or SIGN_UPS.

    Raises:
        RejectedError: the bytes are no plain xlsx, or have more rows than a list of so many people can fill.
        UsageError: no sheet of it has the first two of `columns`.
    """
    most = int(people * (1 + SPARE)) + 1
    parsed = Parsed(data, name, inspect(data, name, most, REMEDY), rows=most, remedy=REMEDY)
    try:
        return _read(parsed, name, columns)
    finally:
        parsed.close()


def _read(parsed: Parsed, name: str, columns: tuple[str, ...]) -> Written:
    written, wanted = Written(), []
    for sheet in parsed.sheets():
        _name_list(sheet, written, _header(sheet, columns))
        if not sheet.visible:
            written.notes["sheet_hidden"] += 1
            continue
        at = _header(sheet, columns)
        if at is None:
            written.notes["sheet_other"] += sheet.height > 0
        else:
            wanted.append((sheet, at))
    if not wanted:
        raise UsageError(
            f"{name}：没有找到同时有“行号”和“{columns[1]}”两列的工作表，没有登记；请用下发的原表填写"
            + ("，或在名单页用“除以下行外全部已领”登记" if columns is READ else "")
        )
    if any(sheet.height > HEAD_ROWS for sheet, _ in wanted[1:]):
        raise UsageError(f"{name}：有两张以上超过 {HEAD_ROWS} 行的工作表，没有登记；请分成几个文件上传")
    for number, (sheet, at) in enumerate(wanted):
        _read_tab(parsed, sheet, at, columns, whole=number == 0, written=written)
    return written


def _name_list(sheet: Sheet, written: Written, header: int | None) -> None:
    """Above the line of titles; in a sheet that has none, at its top. What somebody remarks of a row names no list."""
    for row in sheet.head[: MAX_TITLES if header is None else header]:
        text = unicodedata.normalize("NFKC", " ".join(_text(cell, sheet, False) for cell in row))
        written.numbers |= {int(found) for found in _NUMBER.findall(text)}
        written.hashes |= {found[:12].lower() for found in _HASH.findall(text)}


def _header(sheet: Sheet, columns: tuple[str, ...]) -> int | None:
    """Place of the line of titles, from 0."""
    for at, row in enumerate(sheet.head[:_TITLES]):
        titles = {title_of(cell) for cell in row}
        if set(columns[:2]) <= titles:
            return at
    return None


def title_of(cell: Cell) -> str:
    return "".join(unicodedata.normalize("NFKC", str(cell)).split()).strip("*")


def _read_tab(parsed: Parsed, sheet: Sheet, at: int, wanted: tuple[str, ...], *, whole: bool, written: Written) -> None:
    titles = [title_of(cell) for cell in sheet.head[at]]
    columns = {name: titles.index(name) for name in wanted if name in titles}
    doubled = "、".join(name for name in columns if titles.count(name) > 1)
    if doubled:
        raise UsageError(f"工作表“{sheet.name}”的列“{doubled}”出现了不止一次，没有登记；请删去多余的列")
    tab = Tab(sheet.place, sheet.name, [str(cell) for cell in sheet.head[at]], at + 1, [])
    hidden, spans = set(sheet.hidden) | set(sheet.folded), _spans(sheet, columns)
    for row, cells in _rows(parsed, sheet, whole=whole):
        if row <= at + 1:
            continue
        texts = [_text(cell, sheet, column == columns.get(DAY)) for column, cell in enumerate(cells)]
        if not any(texts):
            continue
        tab.lines.append((row, texts))
        said = {name: texts[column] if column < len(texts) else "" for name, column in columns.items()}
        if not said[ROW_ID] and not any(said.get(name) for name in (wanted[1], SIGNED)):
            continue  # a total, or a line of text
        merged = frozenset(name for name, rows in spans.items() if row in rows)
        struck = bool({columns[name] for name in wanted[:2]} & set(sheet.struck.get(row, [])))
        written.lines.append(Line(sheet.place, row, said, merged, row in hidden, struck))
        written.notes["row_hidden"] += row in hidden
    written.tabs.append(tab)


def _rows(parsed: Parsed, sheet: Sheet, *, whole: bool) -> Iterator[tuple[int, list[Cell]]]:
    number = 0
    for rows in parsed.rows(sheet) if whole else [sheet.head]:
        for row in rows:
            number += 1
            yield number, row


def _spans(sheet: Sheet, columns: dict[str, int]) -> dict[str, set[int]]:
    """Field -> rows below the first one of a cell merged over several."""
    spans: dict[str, set[int]] = {}
    for top, left, bottom, right in sheet.merges:
        for name, column in columns.items():
            if left <= column <= right and bottom > top:
                spans.setdefault(name, set()).update(range(top + 1, min(bottom, sheet.height) + 1))
    return spans


def _text(cell: Cell, sheet: Sheet, is_day: bool) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, str):
        return unicodedata.normalize("NFKC", cell).strip()
    if is_day and cell < 10_000_000:  # above it are days that somebody wrote as eight digits
        return from_excel(float(cell), _DAYS_TO_1904 if sheet.date1904 else 0)
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(cell)
