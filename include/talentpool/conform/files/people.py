"""Tell whether cells outside the columns that are read hold people: beside the roster or on another sheet.

A document alone tells of a person; a name or a mobile only beside something else of one, for a station has a telephone and
a note a signature. Whose column says that it is a head's or a contact's, or an example, is not looked at while these are few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from talentpool.conform.values.no_names import is_full_name, is_placeholder

WHO = ("staff_no", "name", "document_no")
"""Fields of which two make a list a list of people, whatever else it lacks."""
MANY = 10
"""People who are no station heads, contacts or examples any more."""
FEW = 3
"""Names without anything else that are a list of people; and as many people as an example shows."""
TITLED = 3
"""Rows of titles that may stand above them."""
LOOKED_AT, WIDEST, LONGEST, TITLES = 200, 60, 40, 20
Table = Sequence[Sequence[object]]
_DOCUMENT = re.compile(r"\d{6}[\d*]{8}[\d*]{3}[\dX*]|[\d]{3,6}\*{6,}[\dX*]{2,4}", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86)?(?!14[01])1[3-9][\d*]{9}", re.ASCII)
_DAY = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:T[\d:]+)?|(?:19|20)\d{6}", re.ASCII)
_STAFF = re.compile(r"(?=\D*\d\D*\d)[A-Za-z0-9][A-Za-z0-9_\-]{3,19}", re.ASCII)
_NO_NAME = re.compile("[站区县市镇街道路店部司队组乡村员岗数量额率号期型类别式项性]$")
_HEADS = re.compile("站长|店长|主管|经理|负责|修改|更新|编制|审批|审核|操作人|填[写报]人")
_OTHERS = re.compile(f"{_HEADS.pattern}|联系|联络|紧急|家属|推荐|制表|填表|经办|签字|咨询|客服|示例|样例|举例|例子")
_GONE = re.compile(r"[\s\-\u2010-\u2015]")


def kind_of(cell: object) -> str:
    """document, mobile, sex, day, staff or name; '' for a cell that looks like nothing of a person."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if not text or len(text) > LONGEST or isinstance(cell, (bool, float)):
        return ""
    bare = _GONE.sub("", text).upper()
    if _DOCUMENT.fullmatch(bare):
        return "document"
    if _MOBILE.fullmatch(bare):
        return "mobile"
    if _DAY.fullmatch(text):
        return "day"
    if bare in ("男", "女"):
        return "sex"
    if isinstance(cell, str) and _STAFF.fullmatch(text):
        return "staff"
    return "name" if is_full_name(bare) and not _NO_NAME.search(bare) and not is_placeholder(bare) else ""


def is_person(kinds: Iterable[str]) -> bool:
    """Whether cells of these kinds in one row are somebody's."""
    found = set(kinds)
    return (
        "document" in found
        or ("name" in found and bool(found & {"mobile", "sex", "day", "staff"}))
        or {"mobile", "staff"} <= found
    )


def are_names(cells: Iterable[object]) -> int:
    """How many people a column of nothing but names lists; 0 when it is none."""
    filled = [text for cell in cells if (text := str(cell).strip())]
    names = {text for text in filled if kind_of(text) == "name"}
    return len(names) if len(names) >= FEW and len(names) * 4 >= len(filled) * 3 else 0


def _labelled(table: Table, labels: re.Pattern[str]) -> set[int]:
    """Columns whose title says that they are of others than riders."""
    return {
        at for row in table[:TITLES] for at, cell in enumerate(row) if len(str(cell)) <= 12 and labels.search(str(cell))
    }


def _own(kinds: list[list[str]], others: set[int]) -> list[bool]:
    """Which rows are a rider's. A telephone without a name is a head's or a contact's where a column tells of such."""
    found = []
    for row in kinds:
        left = [kind for at, kind in enumerate(row) if at not in others]
        found.append(is_person(kind for kind in left if kind != "mobile" or "name" in left or not others))
    return found


def people_on(rows: Table) -> int:
    """How many people a sheet lists, as far as its first rows tell; 0 when it is a page of notes, counts or stations."""
    table = [[*row[:WIDEST]] for row in rows[:LOOKED_AT] if any(str(cell).strip() for cell in row[:WIDEST])]
    kinds = [[kind_of(cell) for cell in row] for row in table]
    everybody = sum(_own(kinds, _labelled(table, _HEADS)))
    if everybody >= MANY:
        return everybody
    others = _labelled(table, _OTHERS)
    own = [
        is_own and not any(_OTHERS.search(str(cell)) for cell, kind in zip(cells, row, strict=True) if not kind)
        for is_own, cells, row in zip(_own(kinds, others), table, kinds, strict=True)
    ]
    count = sum(own)
    if count > 1 or (count and 2 * count >= len(own) - min(own.index(True), TITLED)):
        return count
    width = max(map(len, table), default=0)
    return max(
        (are_names(row[at] for row in table if at < len(row)) for at in range(width) if at not in others), default=0
    )


def people_beside(rows: Iterable[Sequence[str]], beside: Sequence[int], own: Sequence[int]) -> int:
    """How many people stand in the columns `beside` those that are read; what only repeats a row's own cells is nobody."""
    found, columns = 0, [list[str]() for _ in beside]
    for row in rows:
        said = {row[at].strip() for at in own if at < len(row)}
        cells = [row[at].strip() if at < len(row) else "" for at in beside]
        cells = ["" if cell in said else cell for cell in cells]
        if any(cells):
            found += is_person(map(kind_of, cells))
            for column, cell in zip(columns, cells, strict=True):
                column.append(cell)
    return found or max(map(are_names, columns), default=0)
