"""Lay out the two workbooks of a list: one for a county's officer, one for the head of a station.

A station head reads names and masked mobiles from their own company's roster, and nothing else: no age, no condition,
no other employer, nobody whose place on the list rests on another source.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from talentpool.campaigns.lists import Stored
from talentpool.campaigns.release.heads import (
    MEANINGS,
    PRIVACY,
    campaign_facts,
    counted,
    erased,
    footer,
    header,
    in_order,
    passport_facts,
    said,
    subtitle,
    title,
)
from talentpool.campaigns.release.lines import ENTITLED, NO_STATION, OUTCOMES, Line, Mark
from talentpool.guard.export import Column, Fill, Sheet, workbook
from talentpool.texts.labels import SEX

TOTAL = "合计"
SIGN_ROW_HEIGHT = 26
_COUNTY_COLUMNS = (
    Column("序号", 6, "center"),
    Column("行号", 14, "center"),
    Column("姓名", 18),
    Column("性别", 6, "center"),
    Column("单位", 16),
    Column("站点", 30),
    Column("手机", 15, "center"),
    Column("发放", 10, "center"),
    Column("签收", 16),
)
_STATION_COLUMNS = (
    Column("序号", 6, "center"),
    Column("行号", 14, "center"),
    Column("姓名", 18),
    Column("手机", 16, "center"),
    Column("签收", 18),
)
_TOTAL_COLUMNS = (
    Column("单位", 18),
    Column("站点", 34),
    Column("发放", 10, "center"),
    Column("人数", 10, "center"),
    Column("其中无手机", 13, "center"),
    Column("其中疑似同一人", 17, "center"),
)
_ERASED_COLUMN = Column("另有信息已删除", 17, "center")
_KEY_VALUE = (Column("项目", 22, "center"), Column("内容", 72))
_UNFILLED = ("", "", "")


def _receipt_columns(as_of: date) -> tuple[Column, ...]:
    """What is filled in after the sheet has left, and the remarks."""
    return (
        Column("结果", 11, "center", Fill(MEANINGS["结果"], choices=OUTCOMES)),
        Column("数量", 7, "center", Fill(MEANINGS["数量"], most=ENTITLED)),
        Column("领取日期", 13, "center", Fill(MEANINGS["领取日期"], first=as_of)),
        Column("备注", 22),
    )


def county_workbook(stored: Stored, county: str, lines: Sequence[Line], mark: Mark | None = None) -> bytes:
    """The county officer's workbook: the list to sign, and what it is. `county`: name."""
    lines, shown = in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (
            number, line.row.row_id, line.name, SEX.get(line.row.facts["sex"], ""), line.partner_name,
            line.row.station or NO_STATION, line.mobile, line.handed_out_by, "",
            *_UNFILLED, line.remark(shown),
        )
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    columns = (*_COUNTY_COLUMNS, *_receipt_columns(stored.as_of))
    names = Sheet("名单", title(stored, county), subtitle(stored, said(lines), mark), columns, rows,
                  landscape=True, row_height=SIGN_ROW_HEIGHT, header=header(stored), footer=footer(stored, mark))  # fmt: skip
    facts = [
        *campaign_facts(stored),
        ("列入条件", "；".join(stored.passport["conditions"])),
        ("区县", county),
        ("本区县人数", f"{said(lines)}；按单位与站点见“{TOTAL}”表"),
    ]
    facts += [*passport_facts(stored, mark), *((f"“{name}”列", text) for name, text in MEANINGS.items()),
              ("个人信息保护", PRIVACY)]  # fmt: skip
    return _book(stored, county, [names, _totals(stored, county, lines, mark)], facts, mark)


def _totals(stored: Stored, county: str, lines: Sequence[Line], mark: Mark | None) -> Sheet:
    """People by company, station and who hands out, in the order of the list, and all of them in the last line. Lines that
    are nobody's any more are counted beside them, where there are any."""
    shown = {line.row.person_id for line in lines}
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in sorted(lines, key=lambda line: line.order):
        groups.setdefault((line.partner_name, line.row.station or NO_STATION, line.handed_out_by), []).append(line)
    gone = bool(erased(lines))
    columns = (*_TOTAL_COLUMNS, _ERASED_COLUMN) if gone else _TOTAL_COLUMNS

    def count(some: Sequence[Line]) -> tuple[int, ...]:
        return (*counted(some, shown), erased(some)) if gone else counted(some, shown)

    rows: list[tuple[str | int, ...]] = [(*group, *count(of)) for group, of in groups.items()]
    return Sheet(TOTAL, f"{title(stored, county)} · {TOTAL}", subtitle(stored, "", mark), columns,
                 [*rows, (TOTAL, "", "", *count(lines))], landscape=True, header=header(stored),
                 footer=footer(stored, mark))  # fmt: skip


def station_workbook(
    stored: Stored, partner_name: str, station: str, lines: Sequence[Line], mark: Mark | None = None
) -> bytes:
    """The station head's workbook; `lines` are people of this partner at this station only."""
    lines, shown = in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (n, line.row.row_id, line.name, line.mobile, "", *_UNFILLED, line.remark(shown))
        for n, line in enumerate(lines, start=1)
    ]
    place = f"{partner_name} {station}"
    columns = (*_STATION_COLUMNS, *_receipt_columns(stored.as_of))
    names = Sheet("名单", title(stored, place), subtitle(stored, said(lines), mark), columns, rows,
                  row_height=SIGN_ROW_HEIGHT, header=header(stored), footer=footer(stored, mark))  # fmt: skip
    facts = [
        *campaign_facts(stored),
        ("单位与站点", place),
        ("本站点人数", said(lines)),
        ("说明", "本表只列由本站点代发的人员；其他人员由区县团委另行安排"),
        *passport_facts(stored, mark),
        *((f"“{name}”列", text) for name, text in MEANINGS.items() if name != "发放"),
        ("个人信息保护", PRIVACY),
    ]
    return _book(stored, place, [names], facts, mark)


def _book(
    stored: Stored, place: str, sheets: Sequence[Sheet], facts: Sequence[tuple[str, str]], mark: Mark | None
) -> bytes:
    about = Sheet("说明", f"{stored.passport['name']} 名单说明", subtitle(stored, "", mark), _KEY_VALUE, facts,
                  header=header(stored), footer=footer(stored, mark))  # fmt: skip
    return workbook([*sheets, about], title=title(stored, place), made_on=stored.as_of)
