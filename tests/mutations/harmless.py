"""Ways in which a true roster is written: none of them may change anything of the pool."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from mutations.sheet import HEADERS, Sheet

Mutation = Callable[[st.DrawFn, Sheet], Sheet]
INVISIBLE = ("\u200b", "\u202d", "\u202c", "\ufeff", "\u2060", "\u00ad", "\u200e", "\u2066", "\u2069")
NOBODY = (
    "制表人：办公室", "审核：", "填表日期：2026年10月31日", "合计 25 人", "第 1 页 共 3 页", "（盖章）", "填报单位：网约车平台",
    "联系人：办公室 联系电话：0355-2012345", "备注：以上人员均在职", "——以下空白——", "负责人签字：", "小计",
)  # fmt: skip
COUNTY_FORMS = {
    "140403": (
        "潞州区",
        "长治市潞州区",
        "山西省长治市潞州区",
        "山西省/长治市/潞州区",
        "140403潞州区",
        "140403.0",
        "潞州區",
        "１４０４０３",
    ),
    "140404": ("上党区", "长治市上党区", "140404000000"),
    "140423": ("襄垣县", "山西省长治市襄垣县", "襄垣縣"),
}
TYPES = ("", "身份证", "居民身份证", "二代身份证", "中华人民共和国居民身份证", "身份证件", "01", "111")


def _some(draw: st.DrawFn, sheet: Sheet, most: int = 6) -> list[int]:
    return sorted(draw(st.sets(st.integers(0, len(sheet.rows) - 1), min_size=1, max_size=most)))


def titles(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    above = draw(
        st.lists(st.sampled_from([("从业人员名册",), ("2026 年 10 月",), ("", "", "单位：人")]), min_size=1, max_size=3)
    )
    return sheet.after("titles", titles=tuple(above))


def speaks_of_nobody(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    places = draw(st.lists(st.integers(0, len(sheet.rows)), min_size=1, max_size=3))
    lines = []
    for place in places:
        column = draw(st.integers(0, 3))
        cells = [""] * len(sheet.header)
        cells[column] = draw(st.sampled_from(NOBODY))
        lines.append((place, tuple(cells)))
    return sheet.after("speaks_of_nobody", lines=(*sheet.lines, *lines))


def blank_lines(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    places = draw(st.lists(st.integers(0, len(sheet.rows)), min_size=1, max_size=4))
    blank = ("",) * len(sheet.header)
    return sheet.after("blank_lines", lines=(*sheet.lines, *((place, blank) for place in places)))


def header_again(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    place = draw(st.integers(1, len(sheet.rows)))
    return sheet.after("header_again", lines=(*sheet.lines, (place, sheet.header)))


def order_of_columns(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    order = draw(st.permutations(range(len(sheet.header))))
    return sheet.after(
        "order_of_columns",
        header=tuple(sheet.header[i] for i in order),
        rows=tuple(tuple(row[i] for i in order) for row in sheet.rows),
    )


def more_columns(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    header, cell = draw(
        st.sampled_from([("序号", "1"), ("备注", "无"), ("年龄", "30"), ("学历", "大专"), ("星级", "5")])
    )
    return sheet.after(
        "more_columns", header=(*sheet.header, header), rows=tuple((*row, cell) for row in sheet.rows),
        lines=tuple((place, (*cells, "")) for place, cells in sheet.lines),
    )  # fmt: skip


def header_as_typed(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    how = draw(st.sampled_from(["space", "star", "remark", "invisible", "width"]))
    at = draw(st.integers(0, len(sheet.header) - 1))
    name = sheet.header[at]
    typed = {
        "space": f" {name[:1]} {name[1:]} ", "star": f"*{name}", "remark": f"{name}（必填）", "invisible": f"{name}\u200b",
        "width": f"{name}\u3000",
    }[how]  # fmt: skip
    return sheet.after(f"header_{how}", header=(*sheet.header[:at], typed, *sheet.header[at + 1 :]))


def encoding(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
    return sheet.after(f"encoding_{name}", encoding=name)


def line_ends(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    return sheet.after("line_ends", newline=draw(st.sampled_from(["\n", "\r\n"])))


def quotes_everywhere(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw
    return sheet.after("quotes_everywhere", quoting=csv.QUOTE_ALL)


def no_last_line_end(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw
    return sheet.after("no_last_line_end", text=(*sheet.text, lambda text: text.rstrip("\r\n")))


def end_of_file_byte(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw
    return sheet.after("end_of_file_byte", text=(*sheet.text, lambda text: text + "\x1a"))


def full_width(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["证件号码", "手机号码", "备用手机", "工号"]))
    rows = _some(draw, sheet)
    cells = {row: "".join(chr(ord(ch) + 0xFEE0) for ch in sheet.column(name)[row]) for row in rows}
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, f"full_width_{name}"))


def invisible(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from([name for name in HEADERS if name not in ("从业类别",)]))
    cells = {}
    for row in _some(draw, sheet):
        text = sheet.column(name)[row]
        place = draw(st.integers(0, len(text)))
        cells[row] = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, f"invisible_{name}"))


def spaces_around(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(HEADERS))
    space = draw(st.sampled_from([" ", "\u3000", "\u00a0", "  "]))
    cells = {row: space + sheet.column(name)[row] + space for row in _some(draw, sheet)}
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, f"spaces_{name}"))


def apostrophe(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["工号", "证件号码", "手机号码"]))
    how = draw(st.sampled_from(["'{}", '="{}"']))
    cells = {row: how.format(sheet.column(name)[row]) for row in _some(draw, sheet) if sheet.column(name)[row]}
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, f"wrapped_{name}"))


def mobile_notation(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    how = draw(st.sampled_from(["+86{0}", "86-{0}", "{1}-{2}-{3}", "{1} {2} {3}", "{0}.0"]))
    cells = {}
    for row in _some(draw, sheet):
        text = sheet.column("手机号码")[row]
        cells[row] = how.format(text, text[:3], text[3:7], text[7:])
    return replace(sheet.with_cells("手机号码", cells), done=(*sheet.done, "mobile_notation"))


def staff_no_as_float(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    rows = _some(draw, sheet) if draw(st.booleans()) else range(len(sheet.rows))
    cells = {row: sheet.column("工号")[row] + ".0" for row in rows}
    return replace(sheet.with_cells("工号", cells), done=(*sheet.done, "staff_no_as_float"))


def date_notation(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["出生日期", "入职日期", "授权日期", "离职日期"]))
    how = draw(st.sampled_from(["/", "", " 00:00:00", "T00:00:00"]))
    cells = {}
    for row in range(len(sheet.rows)):
        text = sheet.column(name)[row]
        cells[row] = (text + how if how.endswith("0") else text.replace("-", how)) if text else ""
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, f"date_notation_{name}"))


def county_wording(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    cells = {}
    for row in _some(draw, sheet, 10):
        forms = COUNTY_FORMS.get(sheet.column("工作区县")[row])
        if forms:
            cells[row] = draw(st.sampled_from(forms))
    return replace(sheet.with_cells("工作区县", cells), done=(*sheet.done, "county_wording"))


def document_wording(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    wording = draw(st.sampled_from(TYPES))
    cells = dict.fromkeys(range(len(sheet.rows)), wording)
    return replace(sheet.with_cells("证件类型", cells), done=(*sheet.done, "document_wording"))


def for_ever(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    word = draw(st.sampled_from(["9999-12-31", "2099-12-31", "0000-00-00", "9999/12/31"]))
    cells = {row: word for row in range(len(sheet.rows)) if not sheet.column("离职日期")[row]}
    return replace(sheet.with_cells("离职日期", cells), done=(*sheet.done, "for_ever"))


def with_title_of_respect(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    cells = {row: sheet.column("姓名")[row] + "师傅" for row in _some(draw, sheet)}
    return replace(sheet.with_cells("姓名", cells), done=(*sheet.done, "with_title_of_respect"))


def as_workbook(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw
    return sheet.after("as_workbook", form="xlsx")


ANY_FORM: tuple[Mutation, ...] = (
    titles, speaks_of_nobody, blank_lines, header_again, order_of_columns, more_columns, header_as_typed, full_width,
    invisible, spaces_around, mobile_notation, staff_no_as_float, date_notation, county_wording, document_wording,
    for_ever, with_title_of_respect, apostrophe,
)  # fmt: skip
CSV_ONLY: tuple[Mutation, ...] = (encoding, line_ends, quotes_everywhere, no_last_line_end, end_of_file_byte)
