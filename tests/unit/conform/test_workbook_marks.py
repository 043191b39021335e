"""What a workbook says beside values: other sheets, hidden and struck-out rows, errors, number formats, merged cells."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

import workbooks
from books import HEADER, PEOPLE, Book, codes, read
from rosters import person
from talentpool.acquire import load_partner
from talentpool.conform.files.tidy import MARK
from talentpool.conform.workbook.blocks import STRUCK
from talentpool.conform.workbook.shape import inspect
from talentpool.declare import Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings
from talentpool.workbook_reader.styles import shape_of, shown

CASES = Path(__file__).resolve().parents[2] / "cases"
COUNTY, MOBILE, LEFT, BORN, STATION = (
    HEADER.index(n) for n in ("工作区县", "手机号码", "离职日期", "出生日期", "站点")
)


@pytest.fixture(scope="module")
def partner() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


@pytest.mark.parametrize("name", ["two_counties", "two_months_older_first", "left_on_second_sheet"])
def test_a_second_visible_roster_holds_the_delivery_and_is_named(name: str, partner: Partner) -> None:
    _, source = read((CASES / "second-sheet-ignored" / f"{name}.xlsx").read_bytes(), partner)
    (finding,) = source.findings
    assert (finding.code, finding.observed) == ("sheet_unread", 1)
    assert finding.detail is not None and "第 1 张" in finding.detail and "第 2 张" in finding.detail


def test_a_sheet_that_goes_on_without_a_header_holds_the_delivery(partner: Partner) -> None:
    book = Book()
    book.sheet("Sheet1")
    book.sheet("Sheet2", [[f"Z{row[0]}", *row[1:]] for row in PEOPLE], [])
    assert codes(read(book.bytes(), partner)[1]) == {"sheet_unread"}


def test_a_list_of_people_without_a_county_holds_the_delivery_too(partner: Partner) -> None:
    book = Book()
    book.sheet("名册")
    book.sheet("襄垣县", [row[:7] for row in PEOPLE], HEADER[:7])
    assert codes(read(book.bytes(), partner)[1]) == {"sheet_unread"}


def test_sheets_that_hold_no_roster_hold_nothing_up(partner: Partner) -> None:
    book = Book()
    book.sheet("汇总", [["潞州区", "快递员", "20"]], ["工作区县", "从业类别", "人数"])
    book.sheet("名册")
    book.sheet("说明", [["1. 一行一人"], ["2. 联系人：某某 13900000000"]], [])
    book.sheet("字典", [["男", "居民身份证", "潞州区", "快递员"]], ["性别", "证件类型", "工作区县", "从业类别"])
    book.sheet("填写示例", PEOPLE[:1])
    book.sheet("空表", [])
    book.sheet("站点", [["太行站", "张三", "13912345678"]], ["站点", "站长", "电话"])
    book.book.add_chartsheet("图表").set_chart(_chart(book))
    rows, source = read(book.bytes(), partner)
    assert (len(rows), source.findings, dict(source.notes)) == (len(PEOPLE), (), {})


def _chart(book: Book) -> xlsxwriter.chart.Chart:
    chart = book.book.add_chart({"type": "column"})
    chart.add_series({"values": "=汇总!$C$2:$C$2"})
    return chart


def test_an_empty_template_before_the_roster_is_not_what_is_read(partner: Partner) -> None:
    book = Book()
    book.sheet("模板", [])
    book.sheet("9月")
    rows, source = read(book.bytes(), partner)
    assert (len(rows), source.findings) == (len(PEOPLE), ())


def test_a_hidden_roster_is_not_read_but_noted(partner: Partner) -> None:
    book = Book()
    book.sheet("名册")
    book.sheet("旧").hide()
    book.sheet("更旧").very_hidden()
    rows, source = read(book.bytes(), partner)
    assert (len(rows), source.findings, dict(source.notes)) == (len(PEOPLE), (), {"sheet_hidden": 2})


def test_a_name_of_a_person_on_a_tab_is_in_no_finding(partner: Partner) -> None:
    book = Book()
    book.sheet("慕容翀旻")
    book.sheet("欧阳 13912345678 表")
    (finding,) = read(book.bytes(), partner)[1].findings
    assert finding.detail is not None
    assert "慕容翀旻" not in finding.detail and "13912345678" not in finding.detail


def test_rows_hidden_by_hand_hold_the_delivery_with_their_numbers(partner: Partner) -> None:
    book = Book()
    sheet = book.sheet("名册")
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_row(5, 0)
    sheet.set_row(40, None, None, {"hidden": True})
    rows, source = read(book.bytes(), partner)
    (finding,) = source.findings
    assert (finding.code, finding.observed, finding.detail) == ("rows_hidden", 2, "共 2 行：第 4、6 行")
    assert len(rows) == len(PEOPLE)


def test_rows_behind_a_filter_or_a_fold_are_read_and_noted(partner: Partner) -> None:
    filtered = Book()
    sheet = filtered.sheet("名册")
    sheet.autofilter(0, 0, len(PEOPLE), len(HEADER) - 1)
    sheet.filter_column(0, "x == T00001")
    for row in range(2, len(PEOPLE) + 1):
        sheet.set_row(row, None, None, {"hidden": True})
    folded = Book()
    sheet = folded.sheet("名册")
    for row in range(2, 5):
        sheet.set_row(row, None, None, {"level": 1, "hidden": True})
    for book, count in ((filtered, len(PEOPLE) - 1), (folded, 3)):
        rows, source = read(book.bytes(), partner)
        assert (len(rows), source.findings, dict(source.notes)) == (len(PEOPLE), (), {"rows_filtered": count})


def test_a_hidden_column_is_read_and_noted(partner: Partner) -> None:
    book = Book()
    book.sheet("名册").set_column(MOBILE, MOBILE, None, None, {"hidden": True})
    rows, source = read(book.bytes(), partner)
    assert dict(source.notes) == {"columns_hidden": 1}
    assert rows[0]["mobile"] == PEOPLE[0][MOBILE]


def test_a_struck_row_is_marked_unless_a_date_of_leaving_says_the_same(partner: Partner) -> None:
    book = Book()
    struck = book.book.add_format({"font_strikeout": True})
    sheet = book.sheet("名册")
    sheet.write_row(2, 0, PEOPLE[1], struck)
    sheet.write_row(3, 0, PEOPLE[2], struck)
    sheet.write_string(3, LEFT, "2026-09-01", struck)
    sheet.write_rich_string(5, 1, struck, "韩某", struck, "某")
    sheet.write_blank(6, MOBILE, None, struck)
    sheet.write_string(7, len(HEADER), "旁注", struck)
    rows, _ = read(book.bytes(), partner)
    assert [row["place"] for row in rows if row[MARK] == STRUCK] == [3, 6]


def test_error_cells_and_formulas_without_a_value_are_texts_not_blanks(partner: Partner) -> None:
    book = Book()
    sheet = book.sheet("名册")
    errors = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"]
    for at, error in enumerate(errors):
        sheet.write_formula(at + 1, MOBILE, "=A1", None, error)
    sheet.write_formula(6, MOBILE, "=A1", None, "")
    sheet.write_formula(6, STATION, '=""', None, "")
    sheet.write_formula(7, MOBILE, "=A1", None, "13912340567")
    data = book.bytes()
    rows, _ = read(data, partner)
    assert [row["mobile"] for row in rows] == [*errors, "#FORMULA!", "13912340567"]
    assert rows[5]["station"] == ""
    typed = {workbooks.SHEET: lambda xml: xml.replace(b"><f>A1</f><v></v>", b' t="str"><f>A1</f><v></v>')}
    blank = workbooks.changed(data, typed)
    assert [row["mobile"] for row in read(blank, partner)[0]][5] == ""


def test_a_number_is_read_as_the_sheet_shows_it(partner: Partner) -> None:
    book = Book()
    sheet = book.sheet("名册")
    for at, (code, number) in enumerate(
        (
            ("00000000", 1002),
            ('"SF"0000', 7),
            ("0_ ", 1002),
            ("#,##0", 1002),
            ("General", 1002),
            ("@", 1002),
            ('"DD"@', 1002),
        )
    ):
        sheet.write_number(at + 1, 0, number, book.book.add_format({"num_format": code}))
    sheet.write_string(8, 0, "1003", book.book.add_format({"num_format": '"DD"@'}))
    sheet.write_string(8, 1, "韩甲")
    rows, _ = read(book.bytes(), partner)
    assert [row["staff_no"] for row in rows] == [
        "00001002", "SF0007", "1002", "1002", "1002", "1002", "DD1002", "DD1003",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("00000000", "1002", "00001002"), ("000", "123456", "123456"), ("000-0000", "1002", "000-1002"),
        ('"工"000', "5", "工005"), (r"\A00", "5", "A05"), ("[$-804]0000", "12", "0012"), ("[Red]000;000", "1", "001"),
        ("0", "1", None), ("0.00", "1", None), ("#,##0", "1002", None), ("yyyy-mm-dd", "1", None), ("[h]:mm", "1", None),
        ("0%", "1", None), ("0.00E+00", "1", None), ("[>5]000", "1", None), ('¥#,##0_);[Red]"x"', "1", None),
        ("", "1", None), ("General", "1", None), ("@", "1", None), ("# ?/?", "1", None),
    ],
)  # fmt: skip
def test_a_number_format_is_applied_only_where_it_says_more_than_digits(
    code: str, number: str, text: str | None
) -> None:
    pieces, _ = shape_of(code)
    assert (shown(pieces, number) if pieces else None) == text


def test_a_number_of_more_than_fifteen_digits_shows_that_it_lost_some(partner: Partner) -> None:
    rows, _ = read((CASES / "staff-number-in-odd-notation" / "4_numeric_18_digits.xlsx").read_bytes(), partner)
    assert rows[0]["staff_no"].startswith("2.02410310000") and rows[0]["staff_no"].endswith("E+17")


def test_a_time_of_day_reaches_conform(partner: Partner) -> None:
    rows, _ = read((CASES / "day-before-midnight" / "sheetjs_43s.xlsx").read_bytes(), partner)
    assert {row["birth_date"][10:] for row in rows} == {"T23:59:17"}
    book = Book()
    sheet = book.sheet("名册")
    day = book.book.add_format({"num_format": "yyyy-mm-dd"})
    for at, (serial, look) in enumerate(
        ((32874, day), (32873.9999999, day), (32873.75, None), (0.5, day), (32874, None))
    ):
        sheet.write_number(at + 1, BORN, serial, look)
    born = [row["birth_date"] for row in read(book.bytes(), partner)[0]][:5]
    assert born == ["1990-01-01", "1990-01-01", "1989-12-31T18:00:00", "12:00:00", "1990-01-01"]


def test_what_is_merged_down_is_true_of_every_row(partner: Partner) -> None:
    book = Book()
    sheet = book.sheet("名册", [[*row[:COUNTY], "", "", *row[COUNTY + 2 :]] for row in PEOPLE])
    sheet.merge_range(1, COUNTY, 3, COUNTY, "140403")
    sheet.merge_range(4, COUNTY, 7, COUNTY, "140423")
    sheet.merge_range(1, STATION, 7, STATION, "太行站")
    rows, source = read(book.bytes(), partner)
    assert [row["county"] for row in rows] == ["140403"] * 3 + ["140423"] * 4
    assert {row["station"] for row in rows} == {"太行站"}
    assert source.notes["cells_merged"] == 2 + 3 + 6


def test_a_merge_over_the_border_of_two_blocks_goes_on(partner: Partner) -> None:
    count = 5_010
    book = Book()
    rows = [[f"T{n:05d}", "韩甲"] for n in range(count)]
    sheet = book.sheet("名册", rows)
    sheet.merge_range(4_990, COUNTY, count, COUNTY, "140403")
    found, _ = read(book.bytes(), partner)
    assert [row["county"] for row in found[-20:]] == ["140403"] * 20
    assert len(found) == count and found[4_988]["county"] == ""


@pytest.mark.parametrize("name", ["empty_250k", "space_in_last_row"])
def test_rows_that_hold_nothing_are_not_rows(name: str, partner: Partner) -> None:
    rows, source = read((CASES / "empty-formatted-rows" / f"{name}.xlsx").read_bytes(), partner)
    assert (len(rows), source.findings) == (30, ())


def test_what_stands_far_below_the_roster_is_said_with_its_row(partner: Partner) -> None:
    book = Book()
    book.sheet("名册").write_string(1_048_575, 0, "制表人")
    with pytest.raises(RejectedError, match="第 1 张工作表的第 1048576 行仍有内容") as caught:
        read(book.bytes(), partner)
    assert caught.value.code == "file_too_large"


def test_other_ways_to_write_the_same_sheet_are_read_alike(partner: Partner) -> None:
    plain = workbooks.roster(person(n) for n in range(1, 8))
    expected, _ = read(plain, partner)

    def prefixed(xml: bytes) -> bytes:
        for tag in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"dimension", b"sheetViews", b"sheetView",
                    b"sheetFormatPr", b"pageMargins"):  # fmt: skip
            for end in (b" ", b">", b"/>"):
                xml = xml.replace(b"<" + tag + end, b"<x:" + tag + end)
            xml = xml.replace(b"</" + tag + b">", b"</x:" + tag + b">")
        return xml.replace(b"xmlns=", b"xmlns:x=")

    ways = {
        "a prefix": prefixed,
        "a wrong dimension": lambda xml: xml.replace(b'<dimension ref="A1:O8"/>', b'<dimension ref="A1"/>'),
        "single quotes": lambda xml: xml.replace(b'<row r="2"', b"<row r='2'").replace(b't="s"', b"t='s'"),
    }
    for way, how in ways.items():
        assert read(workbooks.changed(plain, {workbooks.SHEET: how}), partner)[0] == expected, way
    hidden = workbooks.changed(
        plain, {workbooks.SHEET: lambda xml: prefixed(xml).replace(b'row r="3"', b'row r="3" hidden="true"')}
    )
    assert codes(read(hidden, partner)[1]) == {"rows_hidden"}


def test_a_reading_aid_is_no_part_of_a_name(partner: Partner) -> None:
    plain = workbooks.roster([person(1, name="韩甲乙")])
    aided = '<si><r><t>韩甲</t></r><r><t>乙</t></r><rPh sb="0" eb="2"><t>かんこう</t></rPh></si>'.encode()

    def with_aid(xml: bytes) -> bytes:
        return xml.replace("<si><t>韩甲乙</t></si>".encode(), aided)

    rows, _ = read(workbooks.changed(plain, {workbooks.STRINGS: with_aid}), partner)
    assert rows[0]["name"] == "韩甲乙"


def test_entities_are_refused_in_parts_that_are_streamed(partner: Partner) -> None:
    """In an encoding in which the search of bytes finds no declaration."""
    book = Book()
    book.sheet("名册").set_row(3, None, None, {"hidden": True})
    text = '<?xml version="1.0" encoding="cp500"?><!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;<sheetData/></worksheet>'
    data = workbooks.changed(
        book.bytes(), {workbooks.SHEET: text.encode("cp500"), "xl/styles.xml": text.encode("cp500")}
    )
    with pytest.raises(RejectedError) as caught:
        read(data, partner)
    assert caught.value.code == "workbook_refused"


def test_a_clean_roster_is_not_streamed(partner: Partner) -> None:
    data = workbooks.roster(person(n) for n in range(1, 50))
    seen = inspect(data, "roster.xlsx")
    assert not seen.odd and not seen.tall and not seen.merges
    assert not zipfile.ZipFile(io.BytesIO(data)).testzip()
    assert read(data, partner)[1].notes == {}
