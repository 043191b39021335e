"""Ways in which a roster is damaged on its way: whatever becomes of it, nobody is lost without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from mutations.harmless import Mutation, _some
from mutations.sheet import Sheet

ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "########", "＃N/A")
DOCUMENT, MOBILE, STAFF, NAME, COUNTY, STATION = "证件号码", "手机号码", "工号", "姓名", "工作区县", "站点"


def _cells(sheet: Sheet, name: str, cells: dict[int, str], done: str) -> Sheet:
    return replace(sheet.with_cells(name, cells), done=(*sheet.done, done))


def stray_quotes(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    first, last = sorted(draw(st.lists(st.integers(1, len(sheet.rows) - 1), min_size=2, max_size=2, unique=True)))
    at = draw(st.integers(0, len(sheet.header) - 1))
    ends = draw(st.booleans())

    def put(text: str) -> str:
        lines = text.split(sheet.newline)
        for row in (first, last) if ends else (first,):
            cells = lines[row].split(",")
            cells[at] = '"' + cells[at] if row == first else cells[at] + '"'
            lines[row] = ",".join(cells)
        return sheet.newline.join(lines)

    return sheet.after(f"stray_quotes_{'two' if ends else 'one'}", text=(*sheet.text, put))


def line_break_in_a_cell(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    row = draw(st.integers(1, len(sheet.rows) - 1))
    at = draw(st.integers(1, len(sheet.header) - 2))

    def put(text: str) -> str:
        lines = text.split(sheet.newline)
        cells = lines[row].split(",")
        cells[at] = cells[at][:1] + "\n" + cells[at][1:]
        lines[row] = ",".join(cells)
        return sheet.newline.join(lines)

    return sheet.after("line_break_in_a_cell", text=(*sheet.text, put))


def other_number_of_cells(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    row = draw(st.integers(1, len(sheet.rows) - 1))
    more = draw(st.booleans())

    def put(text: str) -> str:
        lines = text.split(sheet.newline)
        lines[row] = lines[row] + "," if more else lines[row].rsplit(",", 1)[0]
        return sheet.newline.join(lines)

    return sheet.after("other_number_of_cells", text=(*sheet.text, put))


def other_delimiter(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    return sheet.after("other_delimiter", delimiter=draw(st.sampled_from([";", "\t", "|"])))


def cut_off(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    part = draw(st.floats(0.2, 0.8))
    return sheet.after("cut_off", text=(*sheet.text, lambda text: text[: int(len(text) * part)]))


def scientific(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from([DOCUMENT, MOBILE, STAFF]))
    whole = draw(st.booleans())
    rows = range(len(sheet.rows)) if whole else _some(draw, sheet)
    shown = {DOCUMENT: "1.4E+17", MOBILE: "1.39E+10", STAFF: "2.0241E+11"}[name]
    return _cells(sheet, name, dict.fromkeys(rows, shown), f"scientific_{name}")


def error_cells(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(
        st.sampled_from(
            [DOCUMENT, MOBILE, STAFF, NAME, COUNTY, STATION, "出生日期", "备用手机", "离职日期", "授权日期"]
        )
    )
    rows = range(len(sheet.rows)) if draw(st.booleans()) else _some(draw, sheet)
    return _cells(sheet, name, dict.fromkeys(rows, draw(st.sampled_from(ERRORS))), f"error_cells_{name}")


def emptied(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(
        st.sampled_from([DOCUMENT, MOBILE, "出生日期", "备用手机", STATION, "入职日期", "授权日期", "告知版本"])
    )
    return _cells(sheet, name, dict.fromkeys(range(len(sheet.rows)), ""), f"emptied_{name}")


def masked(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from([DOCUMENT, MOBILE]))
    rows = range(len(sheet.rows)) if draw(st.booleans()) else _some(draw, sheet)
    cells = {}
    for row in rows:
        text = sheet.column(name)[row]
        cells[row] = text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) > 7 else text
    return _cells(sheet, name, cells, f"masked_{name}")


def one_digit_lost(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from([DOCUMENT, MOBILE]))
    cells = {row: sheet.column(name)[row][:-1] for row in _some(draw, sheet)}
    return _cells(sheet, name, cells, f"one_digit_lost_{name}")


def number_in_another_column(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    source, target = (
        draw(st.sampled_from([DOCUMENT, MOBILE])),
        draw(st.sampled_from([STATION, STAFF, "证件类型", "从业类别"])),
    )
    around = draw(st.sampled_from(["{}", "站点 {}", "{}（新）"])) if target == STATION else "{}"
    cells = {row: around.format(sheet.column(source)[row]) for row in _some(draw, sheet) if sheet.column(source)[row]}
    return _cells(sheet, target, cells, f"number_in_{target}")


def header_renamed(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    old, new = draw(
        st.sampled_from([("离职日期", "离职时间"), (DOCUMENT, "身份证号"), (MOBILE, "联系电话"), ("出生日期", "生日"),
                         ("授权日期", "授权时间"), (STATION, "网点"), ("备用手机", "备用电话"), ("入职日期", "入职时间")])
    )  # fmt: skip
    return sheet.after(f"renamed_{old}", header=tuple(new if name == old else name for name in sheet.header))


def column_left_out(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from([DOCUMENT, MOBILE, "离职日期", "授权日期", COUNTY]))
    at = sheet.at(name)
    return sheet.after(
        f"left_out_{name}",
        header=(*sheet.header[:at], *sheet.header[at + 1 :]),
        rows=tuple((*row[:at], *row[at + 1 :]) for row in sheet.rows),
    )


def column_sorted_alone(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    """One column sorted, the others not: everybody has another's value."""
    name = draw(st.sampled_from([DOCUMENT, MOBILE, NAME]))
    turned = sheet.column(name)[1:] + sheet.column(name)[:1]
    return _cells(sheet, name, dict(enumerate(turned)), f"sorted_alone_{name}")


def rows_doubled(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    more = tuple(sheet.rows[row] for row in _some(draw, sheet))
    return sheet.after("rows_doubled", rows=(*sheet.rows, *more))


def half_missing(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    keep = draw(st.integers(1, len(sheet.rows) // 2))
    return sheet.after("half_missing", rows=sheet.rows[:keep])


def zeros_in_front(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    zeros = draw(st.sampled_from(["0", "0000"]))
    cells = {row: zeros + sheet.column(STAFF)[row] for row in range(len(sheet.rows))}
    return _cells(sheet, STAFF, cells, "zeros_in_front")


def no_name(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    form = draw(st.sampled_from(["{}**", "{}某某", "{}□", "新员工", "站长", "{}师傅", "#N/A", "小{}", "{}XX"]))
    cells = {row: form.format(sheet.column(NAME)[row][:1]) for row in _some(draw, sheet)}
    return _cells(sheet, NAME, cells, "no_name")


def consent_ended(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name, cell = draw(
        st.sampled_from([("授权日期", ""), ("告知版本", "v9"), ("授权日期", "1900-01-01"), ("告知版本", "撤回")])
    )
    return _cells(sheet, name, dict.fromkeys(_some(draw, sheet), cell), "consent_ended")


def time_of_day(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["出生日期", "入职日期"]))
    shown = draw(st.sampled_from(["T16:00:00", " 12:30:00", "T16:00:00.000Z"]))
    cells = {}
    for row in _some(draw, sheet):
        text = sheet.column(name)[row]
        day = datetime.fromisoformat(text) - timedelta(days=1) if "16" in shown and text else None
        cells[row] = f"{day:%Y-%m-%d}{shown}" if day else text + shown if text else ""
    return _cells(sheet, name, cells, f"time_of_day_{name}")


def default_birthdays(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    cells = dict.fromkeys(_some(draw, sheet), draw(st.sampled_from(["1900-01-01", "1970-01-01", "0000-00-00"])))
    return _cells(sheet, "出生日期", cells, "default_birthdays")


ANY_FORM: tuple[Mutation, ...] = (
    scientific, error_cells, emptied, masked, one_digit_lost, number_in_another_column, header_renamed, column_left_out,
    column_sorted_alone, rows_doubled, half_missing, zeros_in_front, no_name, consent_ended, time_of_day,
    default_birthdays,
)  # fmt: skip
CSV_ONLY: tuple[Mutation, ...] = (stray_quotes, line_break_in_a_cell, other_number_of_cells, other_delimiter, cut_off)
