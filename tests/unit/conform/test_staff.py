"""Staff numbers as spreadsheets leave them: what is undone, what is damaged, what stays."""

from __future__ import annotations

import pyarrow as pa
import pytest

from talentpool.conform.rows.misplaced import kinds_by_row, kinds_of_staff, personal_kind
from talentpool.conform.rows.plain import StaffRule, read_plain
from talentpool.conform.values.staff import read_staff_no, read_staff_nos
from talentpool.declare import FIELDS


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1002", "1002"),
        ("1002.0", "1002"),
        ("1001号", "1001"),
        ("１００１ 号", "1001"),
        ("第1号", "第1号"),
        ("T1号", "T1号"),
        ("1002.00", "1002"),
        ("'1002", "1002"),
        ("\u20181002", "1002"),
        ('="1003"', "1003"),
        ("=1003", "1003"),
        ("１００４", "1004"),
        ("ＭＴ００１", "MT001"),
        ("1,002", "1002"),
        ("1,234,567.00", "1234567"),
        ("\u202d1006\u202c", "1006"),
        ("1007\u200b", "1007"),
        ("00001002", "00001002"),
        ("DD-00_1", "DD-00_1"),
        ("dd00001", "dd00001"),
        ("2E11", "2E11"),
        ("12.5", "12.5"),
        ("潞州1号", "潞州1号"),
        ("1.002E+3", "1002"),
        ("2.0241E+11", None),
        ("2.0241e+11", None),
        ("2E+17", None),
        ("2.0241031000001234E+17", None),
        ("202410310000012345.0", None),
        ("#N/A", None),
        ("#REF!", None),
        ("#0001", "#0001"),
        ("#A12", "#A12"),
        ("＃12", "#12"),
        ("#NAME?", None),
        ("########", None),
        ("nan", None),
        ("NULL", None),
        ("无", None),
        ("", ""),
    ],
)
def test_a_staff_number_is_undone_where_that_is_certain_and_else_damaged(cell: str, number: str | None) -> None:
    assert read_staff_no(cell) == number
    column = read_staff_nos(pa.array(["T00001", cell, "T00002"]))
    assert column.number.to_pylist() == ["T00001", number or "", "T00002"]
    assert column.damaged.tolist() == [False, number is None, False]
    assert column.undone.tolist() == [False, bool(number) and number != cell, False]


def test_long_numbers_that_all_end_in_zeros_were_rounded() -> None:
    rounded = [f"2024103100000{n:02d}000" for n in range(6)]
    assert read_staff_nos(pa.array(rounded)).damaged.all()
    own = [f"202410310000{n:06d}" for n in range(995, 1_005)]
    assert not read_staff_nos(pa.array(own)).damaged.any()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("13812345678", "mobile"),
        ("+86 138-1234-5678", "mobile"),
        ("１３８１２３４５６７８", "mobile"),
        ("骑手13812345678", "mobile"),
        ("潞州站 郭刚斌140199199910100190", "id_number"),
        ("140199 19991010 0190", "id_number"),
        ("14019919940505009x", "id_number"),
        ("140199941010019", "id_number"),
        ("DD00001", ""),
        ("20240113812345678", ""),
        ("202410310000012345", ""),
        ("140403202410310001", ""),
        ("0355-2012345", ""),
        ("12345678901", ""),
        ("202401150000123", ""),
        ("14040300001", ""),
        ("太行站(14042300001)", ""),
        ("站 1404 2300 001", ""),
        ("146 1234 5678", ""),
        ("15412345678", ""),
        ("+86 15412345678", "mobile"),
        ("14540300001", "mobile"),
        ("14712345678", "mobile"),
        ("14912345678", "mobile"),
        ("18000000001", "mobile"),
    ],
)
def test_a_personal_number_is_known_wherever_it_stands_and_other_long_numbers_are_none(text: str, kind: str) -> None:
    assert personal_kind(text) == kind
    by_row, of_staff = kinds_by_row(pa.array(["站点1", text])), kinds_of_staff(pa.array(["T1", text]))
    assert ("" if by_row is None else by_row[1]) == kind
    if text.isascii():
        assert ("" if of_staff is None else of_staff[1]) == kind


def columns(**cells: list[str]) -> dict[str, pa.Array]:
    n = len(cells["staff_no"])
    return {name: pa.array(cells.get(name, [""] * n), pa.string()) for name in FIELDS}


def test_a_number_of_the_partners_own_that_looks_like_a_mobile_is_kept_where_the_partner_says_so() -> None:
    staff = ["13812345678", "140199199001010016", "T1"]
    assert read_plain(columns(staff_no=staff), StaffRule()).faults.to_pylist() == ["staff_no_personal"] * 2 + [None]
    own = read_plain(columns(staff_no=staff), StaffRule("number"))
    assert own.faults.to_pylist() == [None, "staff_no_personal", None]


def test_one_row_may_have_several_faults_and_an_empty_block_has_none() -> None:
    row = read_plain(columns(staff_no=["#N/A"], station=["站 13812345678"]), StaffRule())
    assert row.faults.to_pylist() == ["staff_no_damaged personal_number_misplaced"]
    assert row.replaced["station"].to_pylist() == [""]
    assert read_plain(columns(staff_no=[]), StaffRule("mobile", "station")).faults.to_pylist() == []
