"""Lay out the two workbooks of a list: one for a county's officer, one for the head of a station.

A station head reads names and masked mobiles from their own company's roster, and nothing else: no age, no condition,
no other employer, nobody whose place on the list rests on another source.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from uuid import UUID

from talentpool.campaigns.life.states import OPEN, STATE_WORDS
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.release.lines import ENTITLED, NO_MOBILE, NO_STATION, OUTCOMES, TWINS, Line, Mark
from talentpool.declare.form import FORM_WORDS
from talentpool.declare.occasion import say_cycle
from talentpool.guard.export import Column, Fill, Sheet, workbook
from talentpool.texts.labels import SEX

TOTAL = "合计"
SIGN_ROW_HEIGHT = 26
MOST_IN_FOOTER = 40
"""Characters of a recipient's name: a footer holds 255 in all."""

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
_MEANINGS = {
    "行号": "本名单内的编号，末位为校验位；回执按行号核对，请勿修改",
    "手机": "仅显示本单位名册中的号码的末四位；“无手机”是名册中没有可用的号码，请当面通知",
    "发放": "站点：由站点负责人代发；区县：由区县团委直接发放",
    "签收": "本人签名；代领请在备注中注明",
    "结果": f"从下拉列表中选一项：{'、'.join(OUTCOMES)}",
    "数量": f"填实际领取的份数，整数，0 至 {ENTITLED}；没有领取的填 0",
    "领取日期": "填实际领取的日期，如 2026-12-20；没有领取的不填",
    "备注": f"“{TWINS}”：与所列行号姓名相同，手机或站点与入职日期也相同。发放前请核对；是同一人的只发一份，并告知市级专员",
}
_UNFILLED = ("", "", "")
_PRIVACY = "本表含个人信息，仅限本次活动使用；不得转发、公开，活动结束并交回回执后按规定销毁"


def _receipt_columns(as_of: date) -> tuple[Column, ...]:
    """What is filled in after the sheet has left, and the remarks."""
    return (
        Column("结果", 11, "center", Fill(_MEANINGS["结果"], choices=OUTCOMES)),
        Column("数量", 7, "center", Fill(_MEANINGS["数量"], most=ENTITLED)),
        Column("领取日期", 13, "center", Fill(_MEANINGS["领取日期"], first=as_of)),
        Column("备注", 22),
    )


def county_workbook(stored: Stored, county: str, lines: Sequence[Line], mark: Mark | None = None) -> bytes:
    """The county officer's workbook: the list to sign, and what it is. `county`: name."""
    lines, shown = _in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (
            number, line.row.row_id, line.name, SEX.get(line.row.facts["sex"], ""), line.partner_name,
            line.row.station or NO_STATION, line.mobile, line.handed_out_by, "",
            *_UNFILLED, line.remark(shown),
        )
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    columns = (*_COUNTY_COLUMNS, *_receipt_columns(stored.as_of))
    names = Sheet("名单", _title(stored, county), _subtitle(stored, _said(lines), mark), columns, rows,
                  landscape=True, row_height=SIGN_ROW_HEIGHT, header=_header(stored), footer=_footer(stored, mark))  # fmt: skip
    facts = [
        *_campaign_facts(stored),
        ("列入条件", "；".join(stored.passport["conditions"])),
        ("区县", county),
        ("本区县人数", f"{_said(lines)}；按单位与站点见“{TOTAL}”表"),
    ]
    facts += [*_passport_facts(stored, mark), *((f"“{name}”列", text) for name, text in _MEANINGS.items()),
              ("个人信息保护", _PRIVACY)]  # fmt: skip
    return _book(stored, county, [names, _totals(stored, county, lines, mark)], facts, mark)


def _totals(stored: Stored, county: str, lines: Sequence[Line], mark: Mark | None) -> Sheet:
    """People by company, station and who hands out, in the order of the list, and all of them in the last line. Lines that
    are nobody's any more are counted beside them, where there are any."""
    shown = {line.row.person_id for line in lines}
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in sorted(lines, key=lambda line: line.order):
        groups.setdefault((line.partner_name, line.row.station or NO_STATION, line.handed_out_by), []).append(line)
    gone = bool(_erased(lines))
    columns = (*_TOTAL_COLUMNS, _ERASED_COLUMN) if gone else _TOTAL_COLUMNS

    def count(some: Sequence[Line]) -> tuple[int, ...]:
        return (*_counted(some, shown), _erased(some)) if gone else _counted(some, shown)

    rows: list[tuple[str | int, ...]] = [(*group, *count(of)) for group, of in groups.items()]
    return Sheet(TOTAL, f"{_title(stored, county)} · {TOTAL}", _subtitle(stored, "", mark), columns,
                 [*rows, (TOTAL, "", "", *count(lines))], landscape=True, header=_header(stored),
                 footer=_footer(stored, mark))  # fmt: skip


def _erased(lines: Sequence[Line]) -> int:
    return sum(line.is_erased for line in lines)


def _counted(lines: Sequence[Line], shown: Container[UUID]) -> tuple[int, ...]:
    """People to hand out to, those without a mobile, those with a twin."""
    without, twins = (line.mobile == NO_MOBILE for line in lines), (bool(line.remark(shown)) for line in lines)
    return len(lines) - _erased(lines), sum(without), sum(twins)


def _said(lines: Sequence[Line]) -> str:
    people, without, twins = _counted(lines, {line.row.person_id for line in lines})
    more = [f"{n} 人{what}" for n, what in ((without, NO_MOBILE), (twins, TWINS)) if n]
    total = f"共 {people} 人" + (f"（其中 {'，'.join(more)}）" if more else "")
    gone = _erased(lines)
    return f"{total}，另有 {gone} 行信息已删除，不发放" if gone else total


def station_workbook(
    stored: Stored, partner_name: str, station: str, lines: Sequence[Line], mark: Mark | None = None
) -> bytes:
    """The station head's workbook; `lines` are people of this partner at this station only."""
    lines, shown = _in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (n, line.row.row_id, line.name, line.mobile, "", *_UNFILLED, line.remark(shown))
        for n, line in enumerate(lines, start=1)
    ]
    place = f"{partner_name} {station}"
    columns = (*_STATION_COLUMNS, *_receipt_columns(stored.as_of))
    names = Sheet("名单", _title(stored, place), _subtitle(stored, _said(lines), mark), columns, rows,
                  row_height=SIGN_ROW_HEIGHT, header=_header(stored), footer=_footer(stored, mark))  # fmt: skip
    facts = [
        *_campaign_facts(stored),
        ("单位与站点", place),
        ("本站点人数", _said(lines)),
        ("说明", "本表只列由本站点代发的人员；其他人员由区县团委另行安排"),
        *_passport_facts(stored, mark),
        *((f"“{name}”列", text) for name, text in _MEANINGS.items() if name != "发放"),
        ("个人信息保护", _PRIVACY),
    ]
    return _book(stored, place, [names], facts, mark)


def _in_order(lines: Sequence[Line], mark: Mark | None) -> list[Line]:
    ordered = sorted(lines, key=lambda line: line.order)
    return mark.arrange(ordered) if mark else ordered


def _book(
    stored: Stored, place: str, sheets: Sequence[Sheet], facts: Sequence[tuple[str, str]], mark: Mark | None
) -> bytes:
    about = Sheet("说明", f"{stored.passport['name']} 名单说明", _subtitle(stored, "", mark), _KEY_VALUE, facts,
                  header=_header(stored), footer=_footer(stored, mark))  # fmt: skip
    return workbook([*sheets, about], title=_title(stored, place), made_on=stored.as_of)


def _title(stored: Stored, place: str) -> str:
    draft = "【草稿】" if stored.state in OPEN else ""
    return f"{draft}{stored.passport['name']}（{say_cycle(stored.cycle)}）关爱名单 · {place}"


def _subtitle(stored: Stored, count: str, mark: Mark | None) -> str:
    line = f"名册日期 {_day(stored.as_of)}　名单编号 {stored.list_id}　校验值 {stored.content_hash[:12]}"
    line = f"{count}　{line}" if count else line
    return f"{line}　{_for_whom(mark)}" if mark else line


def _header(stored: Stored) -> str:
    return f"更正信息或撤回授权：{stored.passport['contact']}"


def _footer(stored: Stored, mark: Mark | None) -> str:
    line = f"名单编号 {stored.list_id}　校验值 {stored.content_hash[:12]}　含个人信息，请妥善保管"
    return f"{_for_whom(mark, MOST_IN_FOOTER)}\n{line}" if mark else line


def _for_whom(mark: Mark, most: int | None = None) -> str:
    return f"导出编号 {mark.export_id}　仅供 {mark.recipient[:most]} 使用　{mark.made_on} 导出，使用至 {mark.use_until}"


def _campaign_facts(stored: Stored) -> list[tuple[str, str]]:
    return [
        ("活动", f"{stored.passport['name']}（{say_cycle(stored.cycle)}）"),
        ("用途", f"{FORM_WORDS[stored.passport.get('form', 'kit')].act}{stored.passport['item']}；不作其他用途"),
        *((label, text) for label, text in stored.passport.get("told", [])),
        ("名册日期", f"{_day(stored.as_of)}（名单按当日名册生成，此后的变动见下一期）"),
    ]


def _passport_facts(stored: Stored, mark: Mark | None) -> list[tuple[str, str]]:
    approvals = "、".join(stored.passport["approvals"]) or "本活动无需审批"
    if stored.state == "draft":
        approvals = "草稿，尚未锁定，不得据此发放"
    return [
        ("名单状态", STATE_WORDS[stored.state]),
        ("审批", approvals),
        ("名单编号", str(stored.list_id)),
        ("名单校验值", stored.content_hash),
        ("更正与撤回", stored.passport["contact"]),
        *(
            [("导出", _for_whom(mark)), ("使用期限", f"{_day(mark.use_until)}止；到期后不得再用，按规定销毁")]
            if mark
            else []
        ),
    ]


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
