"""Give a sheet back with each fault beside its line: the lines as they came, in their order, and nothing executed."""

from __future__ import annotations

from collections.abc import Sequence

from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.judging import Fault
from talentpool.campaigns.receipts.reading import Line, Tab, Written, title_of
from talentpool.guard.export import Column, Sheet, workbook

PROBLEM = "需更正"
_WIDTHS = {
    "行号": 14,
    "姓名": 18,
    "结果": 12,
    "场次": 12,
    "数量": 8,
    "领取日期": 14,
    "备注": 22,
    "站点": 26,
    "手机": 16,
    "单位": 16,
}


def annotated(written: Written, faults: Sequence[tuple[Line, Fault]], stored: Stored) -> bytes:
    """The workbook with a column 需更正, faulty cells marked. It can be mended and sent again as it is."""
    told: dict[tuple[int, int], list[Fault]] = {}
    for line, fault in faults:
        told.setdefault((line.sheet, line.row), []).append(fault)
    names = _names([tab.name for tab in written.tabs])
    sheets = [_sheet(tab, name, told, stored) for tab, name in zip(written.tabs, names, strict=True)]
    return workbook(sheets, title="回执核对", made_on=stored.as_of)


def _names(given: Sequence[str]) -> list[str]:
    """Names that a workbook takes: short, without an apostrophe, none twice."""
    plain = [(name.replace("'", "") or "名单")[:24] for name in given]
    return [name if plain.index(name) == at else f"{name} ({at + 1})" for at, name in enumerate(plain)]


def _sheet(tab: Tab, name: str, told: dict[tuple[int, int], list[Fault]], stored: Stored) -> Sheet:
    titles = [title if title_of(title) != PROBLEM else "" for title in tab.header]
    keep = [at for at, title in enumerate(tab.header) if title_of(title) != PROBLEM]
    width, rows, marks = len(titles), [], set()
    for number, (row, cells) in enumerate(tab.lines):
        found = told.get((tab.place, row), [])
        cells = [*cells, *[""] * (width - len(cells))][:width]
        rows.append([*(cells[at] for at in keep), "；".join(fault.text for fault in found)])
        for fault in found:
            marks |= {(number, len(keep))}
            marks |= {(number, place) for place, at in enumerate(keep) if title_of(titles[at]) == fault.column}
    lines = sum(1 for place, _ in told if place == tab.place)
    return Sheet(
        name, f"{stored.passport['name']}：{lines} 行需更正",
        f"改正标色的格后重新上传这张表即可，已登记的行不会重复计算　名单编号 {stored.list_id}　校验值 {stored.content_hash[:12]}",
        [*(Column(titles[at] or " ", _WIDTHS.get(title_of(titles[at]), 12)) for at in keep), Column(PROBLEM, 44)],
        rows, landscape=True, marks=frozenset(marks),
    )  # fmt: skip
