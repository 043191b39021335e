"""Lay out the two workbooks of a list: one for a county's officer, one for the head of a station.

A station head reads names and masked mobiles from their own company's roster, and nothing else: no age, no condition,
no other employer, nobody whose place on the list rests on another source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from talentpool.campaigns.sessions.line import Signed
from talentpool.campaigns.sessions.slots import SLOT, slots_of
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
_SLOT_COLUMNS = (
    Column("序号", 6, "center"),
    Column("行号", 14, "center"),
    Column("姓名", 18),
    Column("手机", 15, "center"),
    Column("单位", 16),
    Column("站点", 30),
    Column("名额", 12, "center"),
)
_ERASED_COLUMN = Column("另有信息已删除", 17, "center")
_KEY_VALUE = (Column("项目", 22, "center"), Column("内容", 72))
_UNFILLED = ("", "", "")


def _receipt_columns(stored: Stored) -> tuple[Column, ...]:
    """What is filled in after the sheet has left, and the remarks: of a session the slot, of anything else what became of it."""
    slots, as_of = slots_of(stored), stored.as_of
    if slots:
        choices = (*(str(slot.number) for slot in slots), "取消")
        return (
            Column(SLOT, 10, "center", Fill(f"请填场次号（1 到 {len(slots)}）或“取消”", choices=choices)),
            Column("备注", 22),
        )
    return (
        Column("结果", 11, "center", Fill(MEANINGS["结果"], choices=OUTCOMES)),
        Column("数量", 7, "center", Fill(MEANINGS["数量"], most=ENTITLED)),
        Column("领取日期", 13, "center", Fill(MEANINGS["领取日期"], first=as_of)),
        Column("备注", 22),
    )


def _unfilled(stored: Stored) -> tuple[str, ...]:
    return ("",) if slots_of(stored) else _UNFILLED


def _meanings(stored: Stored) -> dict[str, str]:
    """What the columns mean that are filled in."""
    slots = slots_of(stored)
    if not slots:
        return MEANINGS
    told = "；".join(f"{slot.number} = {slot.told()}" for slot in slots)
    kept = {name: text for name, text in MEANINGS.items() if name not in ("结果", "数量", "领取日期")}
    return kept | {SLOT: f"本人要参加的场次号：{told}。填“取消”撤回报名。报名只报团委，不经用人单位"}


def _slot_tabs(
    stored: Stored, county: str, lines: Sequence[Line], signed: Mapping[str, Signed], mark: Mark | None
) -> list[Sheet]:
    """Whom each slot expects, to be reminded: a tab a slot, of those of this county's who signed up."""
    tabs = []
    for slot in slots_of(stored):
        rows = [
            (number, line.row.row_id, line.name, line.mobile, line.partner_name, line.row.station or NO_STATION,
             f"候补 {signed[line.row.row_id].waiting}" if signed[line.row.row_id].waiting else "有名额")
            for number, line in enumerate(
                (one for one in lines if one.row.row_id in signed and signed[one.row.row_id].slot == slot.number
                 and not one.is_erased), start=1)
        ]  # fmt: skip
        if rows:
            name, told = f"{SLOT} {slot.number}", f"{title(stored, county)} · {slot.told()}"
            tabs.append(Sheet(name, told, subtitle(stored, "", mark), _SLOT_COLUMNS, rows, landscape=True,
                              header=header(stored), footer=footer(stored, mark)))  # fmt: skip
    return tabs


def county_workbook(
    stored: Stored,
    county: str,
    lines: Sequence[Line],
    mark: Mark | None = None,
    signed: Mapping[str, Signed] | None = None,
) -> bytes:
    """The county officer's workbook: the list to sign, what it is, and of a session whom each slot expects (`signed`: row id ->
    sign-up). `county`: name."""
    lines, shown = in_order(lines, mark), {line.row.person_id for line in lines}
    rows: list[tuple[str | int, ...]] = [
        (
            number, line.row.row_id, line.name, SEX.get(line.row.facts["sex"], ""), line.partner_name,
            line.row.station or NO_STATION, line.mobile, line.handed_out_by, "",
            *_unfilled(stored), line.remark(shown),
        )
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    columns = (*_COUNTY_COLUMNS, *_receipt_columns(stored))
    names = Sheet("名单", title(stored, county), subtitle(stored, said(lines), mark), columns, rows,
                  landscape=True, row_height=SIGN_ROW_HEIGHT, header=header(stored), footer=footer(stored, mark))  # fmt: skip
    facts = [
        *campaign_facts(stored),
        ("列入条件", "；".join(stored.passport["conditions"])),
        ("区县", county),
        ("本区县人数", f"{said(lines)}；按单位与站点见“{TOTAL}”表"),
    ]
    facts += [*passport_facts(stored, mark), *((f"“{name}”列", text) for name, text in _meanings(stored).items()),
              ("个人信息保护", PRIVACY)]  # fmt: skip
    tabs = _slot_tabs(stored, county, lines, signed or {}, mark)
    return _book(stored, county, [names, _totals(stored, county, lines, mark), *tabs], facts, mark)


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
    rows: list[tuple[str | int, ...]] = [
        (n, line.row.row_id, line.name, line.mobile, "", *_unfilled(stored), line.remark(shown))
        for n, line in enumerate(lines, start=1)
    ]
    place = f"{partner_name} {station}"
    columns = (*_STATION_COLUMNS, *_receipt_columns(stored))
    names = Sheet("名单", title(stored, place), subtitle(stored, said(lines), mark), columns, rows,
                  row_height=SIGN_ROW_HEIGHT, header=header(stored), footer=footer(stored, mark))  # fmt: skip
    facts = [
        *campaign_facts(stored),
        ("单位与站点", place),
        ("本站点人数", said(lines)),
        ("说明", "本表只列由本站点代发的人员；其他人员由区县团委另行安排"),
        *passport_facts(stored, mark),
        *((f"“{name}”列", text) for name, text in _meanings(stored).items() if name != "发放"),
        ("个人信息保护", PRIVACY),
    ]
    return _book(stored, place, [names], facts, mark)


def _book(
    stored: Stored, place: str, sheets: Sequence[Sheet], facts: Sequence[tuple[str, str]], mark: Mark | None
) -> bytes:
    about = Sheet("说明", f"{stored.passport['name']} 名单说明", subtitle(stored, "", mark), _KEY_VALUE, facts,
                  header=header(stored), footer=footer(stored, mark))  # fmt: skip
    return workbook([*sheets, about], title=title(stored, place), made_on=stored.as_of)
