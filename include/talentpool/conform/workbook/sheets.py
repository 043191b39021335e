"""Choose the sheet of a workbook that is the roster, and what of the rest a person must be told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from talentpool.conform.files.csv_head import titles
from talentpool.conform.files.header import HEAD_LINES, Answers, Header, find_header, forms_of, refuse_unknown
from talentpool.conform.files.header_names import resolve
from talentpool.conform.files.limits import MAX_HEADER_CELL, MAX_HEADS, full_heads
from talentpool.conform.files.people import FEW, WHO, people_on
from talentpool.conform.workbook.parsed import Cell, Sheet
from talentpool.conform.workbook.shape import MAX_ROWS, MAX_TITLES
from talentpool.conform.workbook.unpacked import Seen
from talentpool.declare import Partner
from talentpool.errors import RejectedError
from talentpool.texts.finding import Finding
from talentpool.texts.redact import redact

MAX_COLUMNS = 200
LOOKED_AT = 50
"""Rows by which a sheet without a header is held against the roster's columns."""
MOST_NAMED = 10
"""Rows or sheets that a finding names; of more it says how many."""
_SAMPLE = re.compile("示例|样例|样表|范例|示范|example|sample", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[\w\- .()（）]*", re.ASCII)
_COMMON_NAME = re.compile("县|区|市|镇|站|册|名单|职|骑手|快递|司机|人员|月|年|表|汇总|续|部|公司|队|组|班")
_PHOTO = re.compile("照片|相片|人脸|头像|免冠|证件照|自拍|正反面|photo|portrait|selfie", re.IGNORECASE)
_DOCUMENT = re.compile(r"\d{6}[\d*]{8}[\d*]{3}[\dXx*]")
_MOBILE = re.compile(r"(?!14[01])1[3-9][\d*]{9}")


@dataclass(frozen=True)
class Roster:
    """The sheet that is read; `row`: that of its header, counted from 1."""

    sheet: Sheet
    header: Header
    row: int

    @property
    def titles(self) -> dict[str, str]:
        """The header's own text by field. Of a header in two rows it is the lower one's."""
        cells = [str(cell) for cell in self.sheet.head[self.row - 1]]
        return titles(self.header, cells)

    def has_rows(self) -> bool:
        """Whether anybody is on it, as far as its first rows tell."""
        places = [self.header.fields[field] for field in WHO if field in self.header.fields]
        below = self.sheet.head[self.row :]
        return self.sheet.height > len(self.sheet.head) or any(_cell(row, at) for row in below for at in places)

    def people(self) -> set[tuple[str, ...]]:
        """Who is on it, as far as its first rows tell."""
        found = (tuple(_said(row, self.header.fields, field) for field in WHO) for row in self.sheet.head[self.row :])
        return {cells for cells in found if any(cells)}

    def is_example(self) -> bool:
        """Whether it only shows how a roster is filled in."""
        places = [self.header.fields[field] for field in WHO if field in self.header.fields]
        people = sum(any(_cell(row, at) for at in places) for row in self.sheet.head[self.row :])
        return people <= FEW and bool(_SAMPLE.search(self.sheet.name))


def choose(
    sheets: Sequence[Sheet], partner: Partner, name: str, answers: Answers | None = None
) -> tuple[Roster, tuple[Finding, ...], Counter[str]]:
    """The first visible sheet with a known header and rows; what holds the delivery; what is noted.

    RejectedError when there is none, or when it is too large.
    """
    if sum(len(row) for sheet in sheets for row in sheet.head[:HEAD_LINES]) > MAX_HEADS:
        raise full_heads(name)
    rosters: list[Roster] = []
    faults: dict[int, RejectedError] = {}
    visible = [sheet for sheet in sheets if sheet.visible]
    for sheet in visible:
        if not rosters:
            _refuse_large(sheet, name)
        try:
            roster = find_roster(sheet, partner, name, answers)
        except RejectedError as error:
            faults[sheet.place] = error
            continue
        if roster is not None:
            rosters.append(roster)
    if not rosters:
        raise next(iter(faults.values()), None) or _refuse_hidden(sheets, partner, name) or refuse_unknown(name)
    filled = [roster for roster in rosters if roster.has_rows()]
    read = next((roster for roster in filled if not roster.is_example()), (filled or rosters)[0])
    unread = {roster.sheet.place for roster in filled if roster is not read and not roster.is_example()}
    unread |= {s.place for s in visible if s.place in faults and _lists_people(s, partner) and not _is_example(s)}
    known = {roster.sheet.place for roster in rosters} | unread
    unread |= {s.place for s in visible if s.place not in known and not _is_example(s) and _holds_people(s, read)}
    findings, notes = _rows_unseen(read)
    if unread:
        others = "、".join(_called(s) for s in [s for s in visible if s.place in unread][:MOST_NAMED])
        detail = f"读取的是{_called(read.sheet)}；没有读取的有 {len(unread)} 张：{others}"
        findings.insert(0, Finding("sheet_unread", len(unread), 0, detail=detail))
    if example := sum(_shows_others(roster, read) for roster in filled if roster is not read and roster.is_example()):
        notes["sheet_example"] = example
    hidden = sum(_is_hidden_roster(sheet, partner, name) for sheet in sheets if not sheet.visible)
    if hidden:
        notes["sheet_hidden"] = hidden
    return read, tuple(findings), notes


def _shows_others(example: Roster, read: Roster) -> bool:
    """Whether a sheet that shows how a roster is filled in shows somebody who does not stand on the one that is read, as
    far as its first rows tell."""
    return not example.people() <= read.people()


def find_roster(sheet: Sheet, partner: Partner, name: str, answers: Answers | None = None) -> Roster | None:
    """The header among the first rows."""
    rows = ((place, _texts(cells)) for place, cells in enumerate(sheet.head, start=1))
    found = find_header(rows, partner, name, answers)
    return Roster(sheet, *found) if found else None


def _texts(cells: Sequence[Cell]) -> list[str]:
    """A row as text, as far as a sheet that is read may reach."""
    return [str(cell)[:MAX_HEADER_CELL] for cell in cells[:MAX_COLUMNS]]


def pictures(seen: Seen, read: Roster) -> Counter[str]:
    """The pictures that were dropped at landing; photos of people are another matter than a company's sign."""
    if not seen.pictures:
        return Counter()
    in_rows = sum(row >= read.row for row in seen.anchors)  # counted from 0: row N is the one below row N
    asked_for = any(_PHOTO.search(column) for column in read.header.extra)
    photos = seen.photos or asked_for or in_rows > 1
    return Counter({"photos_dropped" if photos else "pictures_dropped": seen.pictures})


def _refuse_large(sheet: Sheet, name: str) -> None:
    if sheet.height > MAX_ROWS + MAX_TITLES:
        raise RejectedError(
            "file_too_large",
            f"{name}：第 {sheet.place + 1} 张工作表的第 {sheet.height} 行仍有内容，最多 {MAX_ROWS} 行；"
            "请删去名册下方很远处的内容，或改用 CSV 重新交付",
        )
    if sheet.width > MAX_COLUMNS:
        raise RejectedError(
            "workbook_refused",
            f"{name}：第 {sheet.place + 1} 张工作表有 {sheet.width} 列，最多 {MAX_COLUMNS} 列；"
            "请只保留名册所需的列，删去右侧多余的列后重新交付",
        )


def _lists_people(sheet: Sheet, partner: Partner) -> bool:
    """Whether a sheet whose header is not one to read is a list of people all the same."""
    for at, cells in enumerate(sheet.head[:HEAD_LINES]):
        texts = _texts(cells)
        for form in forms_of(partner):
            if len({form.fields.get(key) for key in resolve(texts, form.fields)} & set(WHO)) > 1:
                return any(str(cell).strip() for row in sheet.head[at + 1 :] for cell in row)
    return False


def _is_example(sheet: Sheet) -> bool:
    """Whether a sheet without a header of ours only shows how a roster is filled in."""
    return bool(_SAMPLE.search(sheet.name)) and people_on(sheet.head) <= FEW


def _holds_people(sheet: Sheet, read: Roster) -> bool:
    """Whether a sheet without a header of ours lists people all the same; one too large to look at may."""
    return (sheet.height > 0 and not sheet.head) or _goes_on(sheet, read) or people_on(sheet.head) > 0


def _goes_on(sheet: Sheet, read: Roster) -> bool:
    """Whether a sheet without a header has people where the roster has them: its continuation."""
    rows = [row for row in sheet.head[:LOOKED_AT] if any(str(cell).strip() for cell in row)]
    forms = {"document_no": _DOCUMENT, "mobile": _MOBILE}
    for field, form in forms.items():
        at = read.header.fields.get(field)
        if at is not None and rows:
            alike = sum(bool(form.fullmatch(_cell(row, at))) for row in rows)
            if 2 * alike >= len(rows):
                return True
    return False


def _is_hidden_roster(sheet: Sheet, partner: Partner, name: str) -> bool:
    try:
        roster = find_roster(sheet, partner, name)
    except RejectedError:
        return _lists_people(sheet, partner)
    return roster is not None and roster.has_rows()


def _refuse_hidden(sheets: Sequence[Sheet], partner: Partner, name: str) -> RejectedError | None:
    """Why nothing is read of a book whose only roster is on a hidden sheet."""
    hidden = [sheet for sheet in sheets if not sheet.visible and _is_hidden_roster(sheet, partner, name)]
    if not hidden:
        return None
    return RejectedError(
        "header_unknown",
        f"{name}：可见的工作表中没有约定的表头，名册在隐藏的工作表中（{'、'.join(map(_called, hidden[:MOST_NAMED]))}），"
        "没有读取；确应报送的请取消隐藏后重新交付",
    )


def _rows_unseen(read: Roster) -> tuple[list[Finding], Counter[str]]:
    """Rows and columns that whoever made the sheet did not see. A filter or a fold is a view of all rows, which are
    read; rows hidden by hand may have been meant to be gone, which only a person can say."""
    sheet, notes = read.sheet, Counter[str]()
    hidden = [row for row in sheet.hidden if row > read.row]
    viewed = len([row for row in sheet.folded if row > read.row]) + (len(hidden) if sheet.filtered else 0)
    if viewed:
        notes["rows_filtered"] = viewed
    columns = sum(
        any(first <= at <= last for first, last in sheet.hidden_columns) for at in read.header.fields.values()
    )
    if columns:
        notes["columns_hidden"] = columns
    if not hidden or sheet.filtered:
        return [], notes
    more = "等" if len(hidden) > MOST_NAMED else ""
    detail = f"共 {len(hidden)} 行：第 {'、'.join(map(str, hidden[:MOST_NAMED]))} 行{more}"
    return [Finding("rows_hidden", len(hidden), 0, detail=detail)], notes


def _called(sheet: Sheet) -> str:
    """A sheet by its place, and by its name where that is of the kind that sheets have: it may be a person's."""
    name = redact("".join(redact(sheet.name).split()))[:31]
    named = _PLAIN_NAME.fullmatch(name) or _COMMON_NAME.search(name)
    return f"第 {sheet.place + 1} 张“{name}”" if named else f"第 {sheet.place + 1} 张"


def _said(row: list[Cell], fields: dict[str, int], field: str) -> str:
    return _cell(row, fields[field]) if field in fields else ""


def _cell(row: list[Cell], at: int) -> str:
    cell = row[at] if at < len(row) else ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return text.strip()
