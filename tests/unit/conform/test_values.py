"""Cells by hand: what each is worth, and that the column road gives what the cell road gives."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conform.values.consent import as_published
from talentpool.conform.values.dates import from_excel, read_date, read_dates
from talentpool.conform.values.divisions import Divisions, Placed
from talentpool.conform.values.documents import check_digit, read_document, read_documents
from talentpool.conform.values.mobiles import read_mobile, read_mobiles
from talentpool.conform.values.names import read_name, read_names

FIRST = "14019919900307123"
VALID = FIRST + check_digit(FIRST)


@pytest.mark.parametrize(
    ("cell", "document_type", "status", "number"),
    [
        (VALID, "", "valid", VALID),
        (f" {VALID[:6]} {VALID[6:14]}-{VALID[14:].lower()} ", "居民身份证", "valid", VALID),
        ("".join(chr(ord(c) + 0xFEE0) for c in VALID), "", "valid", VALID),
        (VALID[:17] + ("0" if VALID[17] != "0" else "1"), "", "bad_checksum", ""),
        ("1.40199E+17", "", "precision_lost", ""),
        ("140199199003071000"[:15] + "000", "", "precision_lost", ""),
        ("140199900307123", "", "legacy_15", VALID[:17] + VALID[17]),
        ("1401**********" + VALID[14:], "", "masked", "1401**********" + VALID[14:]),
        ("**************" + VALID[14:], "", "masked", "**************" + VALID[14:]),
        ("14019919900231123" + check_digit("14019919900231123"), "", "bad_checksum", ""),
        ("12345", "", "malformed", ""),
        ("-", "", "malformed", ""),
        ("－－", "居民身份证", "malformed", ""),
        (" \u3000", "", "missing", ""),
        ("E12345678", "护照", "other_document", "E12345678"),
        ("", "", "missing", ""),
    ],
)
def test_a_document_cell_is_worth_what_the_standard_says(
    cell: str, document_type: str, status: str, number: str
) -> None:
    found = read_document(cell, document_type)
    assert (found.status, found.number) == (status, number)


def test_birth_date_and_sex_come_from_the_document() -> None:
    found = read_document(VALID)
    assert (found.birth_date, found.sex) == (date(1990, 3, 7), 1)


@pytest.mark.parametrize(
    ("cell", "status", "number", "second"),
    [
        ("13812345670", "ok", "13812345670", ""),
        ("+86 138-1234-5670", "ok", "13812345670", ""),
        ("008613812345670", "ok", "13812345670", ""),
        ("13910000007.0", "ok", "13910000007", ""),
        ("1.3910000007E+10", "ok", "13910000007", ""),
        ("1.391E+10", "unusable", "", ""),
        ("13910000007.5", "unusable", "", ""),
        ("１３８１２３４５６７０", "ok", "13812345670", ""),
        ("13812345670/13912345670", "ok", "13812345670", "13912345670"),
        ("138****5670", "masked", "138****5670", ""),
        ("0355-2023456", "unusable", "", ""),
        ("11111111111", "unusable", "", ""),
        ("13800138000", "unusable", "", ""),
        ("13888888888", "unusable", "", ""),
        ("12345678901", "unusable", "", ""),
        ("1.38e10", "unusable", "", ""),
        ("无", "unusable", "", ""),
        ("", "missing", "", ""),
    ],
)
def test_a_mobile_cell_is_usable_or_set_aside(cell: str, status: str, number: str, second: str) -> None:
    found = read_mobile(cell)
    assert (found.status, found.number, found.second) == (status, number, second)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2026-10-31", (date(2026, 10, 31), "o")),
        ("2026/1/5", (date(2026, 1, 5), "o")),
        ("20260105", (date(2026, 1, 5), "o")),
        ("2026年1月5日", (date(2026, 1, 5), "o")),
        ("2026-01-05 00:00:00", (date(2026, 1, 5), "o")),
        ("2026-02-30", (None, "x")),
        ("31.10.2026", (None, "x")),
        ("明天", (None, "x")),
        ("", (None, "m")),
    ],
)
def test_a_date_cell_is_a_day_missing_or_impossible(cell: str, found: tuple) -> None:
    read = read_date(cell)
    assert (read.day, read.letter) == found


@pytest.mark.parametrize(
    "cell",
    ["2099", "9999", "9999年", "2099年12月", "9999-12", "31/12/9999", "12/31/2099", "31.12.9999", "2958465", "73050.0", "N",
     "尚未", "未离岗", "暂无离职", "在职中", "正常", "至今在职", "∞"],
)  # fmt: skip
def test_an_end_that_never_comes_is_an_open_end_of_leaving_alone(cell: str) -> None:
    read = read_date(cell, "left_on")
    assert (read.day, read.letter, read.note) == (None, "n", "date_never")
    assert read_date(cell, "consented_on").letter == "x"
    assert read_dates(pa.array([cell]), date(2026, 10, 31), "left_on").letter.tolist() == ["n"]


@pytest.mark.parametrize(
    "cell", ["2026", "2026年10月", "31/12/2026", "45941", "46326", "30001", "离职", "正常离职", "已离岗", "2026-10"]
)
def test_what_may_be_a_day_of_leaving_is_no_open_end(cell: str) -> None:
    assert read_date(cell, "left_on").letter == "x"


def test_an_excel_serial_is_its_day() -> None:
    assert from_excel(46326) == "2026-10-31"


@pytest.mark.parametrize(
    ("cell", "status", "name", "form"),
    [
        ("王小明", "ok", "王小明", "王小明"),
        (" 王 小明 ", "ok", "王小明", "王小明"),
        ("\u3000王小明\u3000", "ok", "王小明", "王小明"),
        ("劉偉", "ok", "劉偉", "刘伟"),
        ("王强师傅", "ok", "王强", "王强"),
        ("阿依.古丽", "ok", "阿依·古丽", "阿依古丽"),
        ("阿依•古丽", "ok", "阿依·古丽", "阿依古丽"),
        ("李𠮷", "ok", "李𠮷", "李吉"),
        ("\ue81e", "ok", "\u9fb4", "\u9fb4"),
        ("张\ue000", "rare_char", "张\ue000", ""),
        ("测试", "placeholder", "", ""),
        ("---", "placeholder", "", ""),
        ("", "empty", "", ""),
    ],
)
def test_a_name_cell_is_kept_as_it_is_and_folded_for_matching(cell: str, status: str, name: str, form: str) -> None:
    found = read_name(cell)
    assert (found.status, found.name, found.form) == (status, name, form)


CELLS = st.one_of(
    st.sampled_from(
        [VALID, VALID.lower(), VALID[:17] + "0", "140199900307123", "1401**********1234", "1.4E+17", "", "无"]
    ),
    st.text(
        alphabet="0123456789Xx*.-+E /、１２０王劉强师傅小老哥某骑手一·•*□（）() \u3000\ue81e\ue000𠮷年月日", max_size=22
    ),
)


@given(st.lists(CELLS, min_size=1, max_size=40))
def test_a_column_is_read_as_its_cells_are(cells: list[str]) -> None:
    column = pa.array(cells, pa.string())
    documents = read_documents(column, pa.array([""] * len(cells), pa.string()))
    by_cell = [read_document(cell) for cell in cells]
    assert documents.status.to_pylist() == [d.status for d in by_cell]
    assert documents.number.to_pylist() == [d.number for d in by_cell]
    assert [None if np.isnat(b) else b.astype(object) for b in documents.birth] == [d.birth_date for d in by_cell]
    assert documents.sex.tolist() == [d.sex for d in by_cell]
    mobiles, one_by_one = read_mobiles(column), [read_mobile(cell) for cell in cells]
    assert mobiles.status.to_pylist() == [m.status for m in one_by_one]
    assert mobiles.number.to_pylist() == [m.number for m in one_by_one]
    assert mobiles.second.to_pylist() == [m.second for m in one_by_one]
    names, each = read_names(column), [read_name(cell) for cell in cells]
    assert names.status.to_pylist() == [n.status for n in each]
    assert names.name.to_pylist() == [n.name for n in each]
    assert names.form.to_pylist() == [n.form for n in each]
    assert names.notes.to_pylist() == [n.notes for n in each]
    dates, each_day = read_dates(column, date(2050, 1, 1)), [read_date(cell) for cell in cells]
    late = [cell.day is not None and cell.day > date(2050, 1, 1) for cell in each_day]
    assert dates.letter.tolist() == ["f" if after else cell.letter for cell, after in zip(each_day, late, strict=True)]
    assert dates.never.tolist() == [cell.note == "date_never" for cell in each_day]


def test_a_column_of_numbers_with_every_digit_changed_is_read_as_its_cells_are() -> None:
    rng = random.Random(7)
    cells = []
    for _ in range(3_000):
        digits = list(VALID)
        digits[rng.randrange(18)] = rng.choice("0123456789X*")
        cells.append("".join(digits))
    found = read_documents(pa.array(cells), pa.array([""] * len(cells)))
    assert found.status.to_pylist() == [read_document(cell).status for cell in cells]
    assert {"valid", "bad_checksum", "malformed"} <= set(found.status.to_pylist())


@pytest.mark.parametrize(
    ("cell", "placed"),
    [
        ("140403", Placed("ok", "140403")),
        ("潞州区", Placed("ok", "140403")),
        ("山西省长治市潞州区", Placed("ok", "140403")),
        ("沁县", Placed("ok", "140430")),
        ("屯留县", Placed("mapped", "140405")),
        ("长治县", Placed("mapped", "140404")),
        ("山西省/长治市/潞州区", Placed("ok", "140403")),
        ("140403潞州区", Placed("ok", "140403")),
        ("140403 潞州区", Placed("ok", "140403")),
        ("潞州区-140403", Placed("ok", "140403")),
        ("潞州區", Placed("ok", "140403")),
        ("⻓治市潞州区", Placed("ok", "140403")),
        ("140403.0", Placed("ok", "140403")),
        ("140403000000", Placed("ok", "140403")),
        ("１４０４０３", Placed("ok", "140403")),
        ("长治潞州", Placed("ok", "140403")),
        ("山西长治潞州区", Placed("ok", "140403")),
        ("长治市-潞州区", Placed("ok", "140403")),
        ("长治市长治市潞州区", Placed("ok", "140403")),
        ("潞州区（城区）", Placed("ok", "140403")),
        ("潞州区（太行站）", Placed("ok", "140403")),
        ("潞州区英雄中路街道", Placed("ok", "140403")),
        ("长治县韩店镇", Placed("mapped", "140404")),
        ("原长治县", Placed("mapped", "140404")),
        ("长治县（上党区）", Placed("ok", "140404")),
        ("140400 潞州区", Placed("ok", "140403")),
        ("140403 太行站", Placed("ok", "140403")),
        ("潞州区晋城路", Placed("ok", "140403")),
        ("140403上党区", Placed("unknown")),
        ("140403 小店区", Placed("unknown")),
        ("140100潞州区", Placed("unknown")),
        ("140403,140404", Placed("unknown")),
        ("潞州区、上党区", Placed("unknown")),
        ("潞州区（上党区）", Placed("unknown")),
        ("郊区某站", Placed("unknown")),
        *(
            (cell, Placed("unknown"))
            for cell in (
                "襄垣县、沁县",
                "襄垣县/沁县",
                "襄垣县 沁县",
                "襄垣县，沁县",
                "襄垣县沁县",
                "襄垣县-沁县",
                "襄垣、沁县",
                "沁县\n襄垣县",
                "潞州区/襄垣/沁县",
            )
        ),
        *(
            (cell, Placed("ok", "140403"))
            for cell in ("潞州区/郊区", "潞州区、太行站", "潞州区/平顺路站", "长治市、潞州区", "潞州区-太行站")
        ),
        ("长治", Placed("unknown")),
        ("长治市", Placed("unknown")),
        ("原平市", Placed("outside")),
        ("140421", Placed("mapped", "140404")),
        ("郊区", Placed("mapped", "140403")),
        ("太原市小店区", Placed("outside")),
        ("140107", Placed("outside")),
        ("市辖区", Placed("unknown")),
        ("火星", Placed("unknown")),
        (" ", Placed("missing")),
    ],
)
def test_a_county_cell_is_placed_inside_the_area_or_not(engine: sa.Engine, cell: str, placed: Placed) -> None:
    with engine.connect() as conn:
        assert Divisions(conn, "140400").place(cell) == placed


def test_a_notice_is_the_published_one_however_it_is_typed() -> None:
    cells = pa.array(["ｖ1", "V1", "v1\ufffc", " v 1", "v2", "V2", "", "\ufffc", "v3", "撤回"])
    assert as_published(cells, ["v1", "v2", "V2"]).to_pylist() == [
        "v1",
        "v1",
        "v1",
        "v1",
        "v2",
        "V2",
        "",
        "",
        "v3",
        "撤回",
    ]


def test_a_name_that_two_prefectures_share_needs_its_prefecture(engine: sa.Engine) -> None:
    with engine.connect() as conn:
        province = Divisions(conn, "140000")
        assert province.place("城区").status == "unknown"
        assert province.place("晋城市城区") == Placed("ok", "140502")
        assert province.place("晋城市城区东街街道") == Placed("ok", "140502")
        assert province.place("140502城区") == Placed("ok", "140502")
        assert province.place("城区东街街道").status == "unknown"


def test_every_county_of_the_city_is_known_however_it_is_written(engine: sa.Engine) -> None:
    with engine.connect() as conn:
        divisions = Divisions(conn, "140400")
        counties = [r for r in divisions._rows if r.level == "county" and r.current and divisions.inside(r.code)]
        assert len(counties) == 12
        for county in counties:
            for form in ("{0}", "{1}", "{0}{1}", "{1}{0}", "{0}.0", "{0}000000", "山西省长治市{1}", "长治{1}", "{1}某镇",
                         "长治市/{1}", "{1}（{0}）", "长治市 {1}"):  # fmt: skip
                cell = form.format(county.code, county.name)
                assert divisions.place(cell) == Placed("ok", county.code), cell
