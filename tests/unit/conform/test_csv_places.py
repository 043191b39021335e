"""A refusal says in which row and what to do; what only looks damaged is read."""

from __future__ import annotations

from datetime import date

import pytest

from csv_files import CASES, HEADER, STATION, lines, read, text, with_cell
from rosters import Office
from talentpool.check import check
from talentpool.errors import RejectedError

CASE = CASES / "csv-damage-without-a-place"
GOOD = text(lines())


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(RejectedError) as caught:
        read(data)
    return caught.value.code, str(caught.value)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("one_bad_row.csv", "第 26 行有 10 个单元格，应为 15 个；与下一行合起来才是一行"),
        ("sep_line_semicolon.csv", "第 2 行的表头以分号分隔，分隔符应为逗号"),
        ("tabs.csv", "第 1 行的表头以制表符（Tab）分隔，分隔符应为逗号"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(office: Office, file: str, said: str) -> None:
    found = check(office, office.partner(), CASE / file, as_of=date(2026, 10, 31)).outcome
    assert (found.status, found.reasons) == ("rejected", {"csv_malformed": 1})
    assert found.message and said in found.message and found.message.startswith(file)


def test_the_end_mark_of_dos_is_no_row(office: Office) -> None:
    rooms = (office, office.partner())
    found = check(*rooms, CASE / "dos_eof.csv", as_of=date(2026, 10, 31)).outcome
    assert (found.status, found.accepted) == ("published", 40)


@pytest.mark.parametrize("end", [b"\x1a", b"\x1a\x1a\x1a", b"\x1a\r\n", b"\r\n\x1a"])
def test_what_fills_up_the_end_of_a_file_is_passed_over(end: bytes) -> None:
    assert len(read(GOOD + end).staff) == 30
    assert len(read(GOOD.rstrip() + end).staff) == 30
    assert len(read(GOOD.decode().encode("gb18030") + end).staff) == 30


def test_two_files_appended_with_their_headers_and_end_marks_are_read() -> None:
    assert len(set(read(GOOD + b"\x1a\r\n" + text([HEADER]) + text(lines(40)[31:])).staff)) == 40


@pytest.mark.parametrize(
    ("mark", "called"), [("\t", "制表符"), (";", "分号"), ("|", "竖线"), ("，", "全角逗号"), ("；", "全角分号")]
)
def test_another_separator_is_named(mark: str, called: str) -> None:
    for encoding in ("utf-8", "gb18030"):
        code, said = refused(GOOD.decode().replace(",", mark).encode(encoding))
        assert code == "csv_malformed" and f"第 1 行的表头以{called}" in said and "分隔符应为逗号" in said
    code, said = refused(text([HEADER, *(line.replace(",", mark) for line in lines()[1:])]))
    assert code == "csv_malformed" and f"第 2 行有 1 个单元格，应为 15 个；该行似以{called}" in said


def test_a_line_that_names_the_comma_is_passed_over() -> None:
    assert len(read(b"sep=,\r\n" + GOOD).staff) == 30


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("太行\r站", "第 6 行有 10 个单元格，应为 15 个；与下一行合起来才是一行"),
        ("太行\n站", "与下一行合起来才是一行"),
        ("太行,站", "第 6 行有 16 个单元格，应为 15 个；多为单元格内有英文逗号"),
    ],
)
def test_a_row_of_other_length_is_placed_with_its_likely_cause(cell: str, said: str) -> None:
    code, message = refused(text(with_cell(lines(), 5, STATION, cell)))
    assert code == "csv_malformed" and said in message


def test_a_row_that_is_cut_and_one_with_commas_too_many_are_placed() -> None:
    some = lines()
    assert "第 6 行有 3 个单元格" in refused(text([*some[:5], ",".join(some[5].split(",")[:3]), *some[6:]]))[1]
    assert "行尾有多余的逗号" in refused(text([*some[:5], some[5] + ",,", *some[6:]]))[1]


def test_a_row_is_counted_as_a_spreadsheet_counts_it_and_as_an_editor_does() -> None:
    some = with_cell(with_cell(lines(), 3, STATION, '"太行站\n二层"'), 8, STATION, "a,b")
    assert "第 9 行（文本第 10 行）有 16 个单元格" in refused(text(some))[1]
    assert "第 11 行有 16 个" in refused(text(["名册", "", *with_cell(lines(), 8, STATION, "a,b")]))[1]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n"])
def test_every_kind_of_line_end_is_one(end: str) -> None:
    assert len(read(text(lines(), end)).staff) == 30
    assert len(read(text(lines(9), end) + text(lines(20)[10:], "\n") + text(lines()[21:], "\r\n")).staff) == 30


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_undecodable_byte_is_placed(mark: bytes) -> None:
    line, row = len(text(lines()[:8])), text(lines()[8:9])
    code, said = refused(mark + GOOD[: line + 3] + b"\xff" + GOOD[line + 3 :])
    assert row.startswith(b"T00")
    assert code == "encoding_unknown" and f"第 9 行（文件第 {len(mark) + line + 4} 字节）" in said
    gb = GOOD.decode().encode("gb18030")
    assert "第 9 行" in refused(gb.replace(b"T00008", b"T00\xff\xff08"))[1]


def test_an_undecodable_byte_of_a_later_block_is_placed() -> None:
    data = text(lines(20_000))
    code, said = refused(data.replace(b"T15000", b"T15\xff000"))
    assert code == "encoding_unknown" and f"第 15001 行（文件第 {data.index(b'T15000') + 4} 字节）" in said


def test_a_file_of_two_encodings_is_placed_where_the_second_begins() -> None:
    code, said = refused(GOOD + "潞州区".encode("gb18030"))
    assert code == "encoding_unknown" and "第 32 行" in said


def test_a_null_byte_is_placed_and_utf_16_is_called_what_it_is() -> None:
    code, said = refused(GOOD.replace(b"T00007", b"T0\x00007"))
    assert code == "nul_bytes" and "第 8 行" in said
    code, said = refused(GOOD.decode().encode("utf-16"))
    assert code == "encoding_unknown" and "UTF-16" in said
    code, said = refused(GOOD.decode().encode("utf-16-le"))
    assert code == "nul_bytes" and "UTF-16" in said


def test_a_header_in_quotes_spoilt_or_not_there_is_called_so() -> None:
    assert "整行被一对引号括住" in refused(text(f'"{line}"' for line in lines()))[1]
    assert "乱码" in refused(GOOD.decode().encode().decode("gb18030", "replace").encode())[1]
    assert "乱码" in refused(GOOD.decode().encode("gb18030").decode("latin-1").encode())[1]
    code, said = refused(text(lines()[1:]))
    assert code == "header_unknown" and "第 1 行已是人员数据" in said


@pytest.mark.parametrize("lower", ["工号,姓名", "(必填),(必填),(必填)"])
def test_a_row_is_placed_under_a_header_of_two_rows_of_which_the_lower_is_short(lower: str) -> None:
    upper = HEADER.replace("工号,姓名", "人员信息,") if lower.startswith("工号") else HEADER
    assert len(read(text([upper, lower, *lines()[1:]])).staff) == 30
    broken = with_cell(lines(), 5, STATION, '"{}')[1:]
    assert "第 7 行“站点”列" in refused(text([upper, lower, *broken]))[1]
    cut = [*lines()[1:5], "T9,韩", *lines()[5:]]
    assert "第 7 行有 2 个单元格，应为 15 个" in refused(text([upper, lower, *cut]))[1]


def test_rows_that_all_end_in_commas_are_read() -> None:
    some = lines()
    assert len(read(text([some[0], *(f"{line},," for line in some[1:])])).staff) == 30
    assert len(read(text([some[0], "," * 20, *some[1:]])).staff) == 30
    beyond = [some[0], *(f"{line},," for line in some[1:9]), f"{some[9]},T1,张三", *(f"{line},," for line in some[10:])]
    assert "第 10 行第 16 列有内容，表头没有这一列" in refused(text(beyond))[1]
    assert "行尾有多余的逗号" in refused(text([*some[:5], f"{some[5]},", *some[6:]]))[1]
