"""Lay out a list for printing: what a workbook of it holds, to sign by hand; of a letter's campaign also the letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from talentpool.campaigns.lists import Stored
from talentpool.campaigns.release.heads import (
    MEANINGS,
    PRIVACY,
    campaign_facts,
    footer,
    header,
    in_order,
    passport_facts,
    said,
    say_day,
    subtitle,
    title,
)
from talentpool.campaigns.release.lines import NO_STATION, Line, Mark
from talentpool.paper.code import passport_words
from talentpool.paper.setting import MOST_LETTERS, MOST_ROWS, Col, Paper
from talentpool.texts.labels import SEX

T = TypeVar("T")
SIGN = "领取人签字"
_COUNTY_COLUMNS = (
    Col("序号", 6, True), Col("行号", 19, coded=True), Col("姓名", 16), Col("性别", 6, True), Col("单位", 14), Col("站点", 22),
    Col("手机", 14, True), Col("发放", 8, True), Col(SIGN, 24), Col("备注", 21),
)  # fmt: skip
_STATION_COLUMNS = (
    Col("序号", 6, True), Col("行号", 20, coded=True), Col("姓名", 18), Col("手机", 15, True), Col(SIGN, 25), Col("备注", 21),
)  # fmt: skip
_PRINTED_FACTS = ("用途", "名单状态", "审批", "使用期限")


def county_papers(stored: Stored, county: str, lines: Sequence[Line], mark: Mark | None = None) -> list[Paper]:
    """The county officer's list in the order of the workbook; in volumes, where one process cannot set it whole."""
    lines, shown = in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (
            str(number), line.row_id, line.name, SEX.get(line.row.facts["sex"], ""), line.partner_name,
            line.row.station or NO_STATION, line.mobile, line.handed_out_by, "", line.remark(shown),
        )
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    return _volumes(stored, county, said(lines), _COUNTY_COLUMNS, rows, mark)


def station_papers(
    stored: Stored, partner_name: str, station: str, lines: Sequence[Line], mark: Mark | None = None
) -> list[Paper]:
    """The station head's list; `lines` are people of this partner at this station only."""
    lines, shown = in_order(lines, mark), {line.row.person_id for line in lines}
    rows = [
        (str(n), line.row_id, line.name, line.mobile, "", line.remark(shown)) for n, line in enumerate(lines, start=1)
    ]
    return _volumes(stored, f"{partner_name} {station}", said(lines), _STATION_COLUMNS, rows, mark)


def letters(stored: Stored, place: str, lines: Sequence[Line], mark: Mark | None = None) -> list[Paper]:
    """A page for each of `lines` that is somebody's still, merged; none where the campaign declares no letter."""
    paragraphs = stored.passport.get("declaration", {}).get("letter") or ()
    pages = [
        (f"{line.name}：", f"{line.partner_name} {line.row.station or NO_STATION}　行号 {line.row_id}")
        for line in in_order(lines, mark)
        if not line.is_erased
    ]
    if not paragraphs:
        return []
    signed = (stored.passport["contact"], say_day(mark.made_on if mark else stored.as_of))
    return [
        Paper(
            "letter", f"{title(stored, place)} · 信件", stored.as_of, _passport(stored, mark), footer=footer(stored, mark),
            heading=stored.passport["item"], letters=some, paragraphs=paragraphs, signed=signed,
        )
        for some in _portions(pages, MOST_LETTERS)
    ]  # fmt: skip


def _portions(items: Sequence[T], most: int) -> list[Sequence[T]]:
    return [items[at : at + most] for at in range(0, len(items), most)]


def _volumes(
    stored: Stored, place: str, count: str, columns: Sequence[Col], rows: Sequence[tuple[str, ...]], mark: Mark | None
) -> list[Paper]:
    of = -(-len(rows) // MOST_ROWS)
    return [
        Paper(
            "list", title(stored, place) + (f" · 第 {number} 册，共 {of} 册" if of > 1 else ""), stored.as_of,
            _passport(stored, mark), subtitle=subtitle(stored, count, mark), contact=header(stored),
            footer=footer(stored, mark), landscape=len(columns) > len(_STATION_COLUMNS), columns=columns, rows=some,
            notes=_notes(stored, mark, [column.title for column in columns]),
        )
        for number, some in enumerate(_portions(rows, MOST_ROWS), start=1)
    ]  # fmt: skip


def _notes(stored: Stored, mark: Mark | None, columns: Sequence[str]) -> list[str]:
    facts = dict([*campaign_facts(stored), *passport_facts(stored, mark)])
    told = [f"{name}：{facts[name]}" for name in _PRINTED_FACTS if name in facts]
    meant = [f"“{name}”列：{MEANINGS[name]}" for name in ("手机", "发放", "备注") if name in columns]
    return [*told, f"“{SIGN}”列：{MEANINGS['签收']}", *meant, f"个人信息保护：{PRIVACY}"]


def _passport(stored: Stored, mark: Mark | None) -> str:
    return passport_words(stored.list_id, stored.content_hash, mark.export_id if mark else None)
