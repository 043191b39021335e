"""Workbooks: what is refused, by what, and at what cost; and that what is plain is read as it was meant."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest
import xlsxwriter

import workbooks
from children import children_with
from rosters import person
from talentpool.acquire import load_partner
from talentpool.conform.workbook import blocks as workbook
from talentpool.conform.workbook.blocks import CHILD, read_workbook
from talentpool.conform.workbook.shape import inspect
from talentpool.declare import TEMPLATE_V1, Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings


@pytest.fixture(scope="module")
def partner() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


def read(data: bytes, partner: Partner) -> list[dict[str, str]]:
    source = read_workbook(io.BytesIO(data), partner, "roster.xlsx")
    return [row for block in source.blocks for row in block.to_pylist()]


@pytest.mark.parametrize("what", workbooks.REFUSED)
def test_what_is_not_plain_is_refused_by_its_code_and_in_little_memory(what: str, partner: Partner) -> None:
    data = workbooks.REFUSED[what]
    tracemalloc.start()
    try:
        with pytest.raises(RejectedError) as caught:
            read(data, partner)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "workbook_refused", str(caught.value)
    assert str(caught.value).startswith(("roster.xlsx: ", "roster.xlsx："))
    assert peak < 3 * len(data) + 16 * 1024**2
    assert not children_with("workbook_child")


BY_SHAPE = set(workbooks.REFUSED) - {
    "two hundred and one columns", "cells without a place", "one cell in the farthest corner",
    "one cell of five megabytes", "a damaged part",
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BY_SHAPE))
def test_what_its_bytes_betray_is_refused_before_anything_parses_it(what: str) -> None:
    with pytest.raises(RejectedError):
        inspect(workbooks.REFUSED[what], "roster.xlsx")


def test_more_rows_than_the_cap_are_refused_before_anything_parses_them() -> None:
    with pytest.raises(RejectedError, match=r"超过 200000 行；.*改用 CSV") as caught:
        inspect(workbooks.too_many(), "roster.xlsx")
    assert caught.value.code == "file_too_large"


def test_a_file_beyond_the_cap_is_not_read_to_its_end(partner: Partner) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"PK\x03\x04".ljust(size, b"x")

    endless = Endless()
    with pytest.raises(RejectedError) as caught:
        read_workbook(endless, partner, "roster.xlsx")  # type: ignore[arg-type]
    assert caught.value.code == "file_too_large"
    assert endless.given == 64 * 1024**2 + 1


def test_a_child_that_runs_out_of_time_or_memory_is_a_refusal_not_an_accident(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("child")
    text = CHILD.read_text(encoding="utf-8")
    book = workbooks.roster(person(n) for n in range(1, 3_000))
    endless = text.replace("    data = sys", "    while True: pass\n    data = sys")
    for changed in (text.replace("MEMORY = 1024 *", "MEMORY = 20 *"), endless.replace("SECONDS = 120", "SECONDS = 1")):
        assert changed != text
        limited = folder / "child.py"
        limited.write_text(changed, encoding="utf-8")
        monkeypatch.setattr(workbook, "CHILD", limited)
        with pytest.raises(RejectedError) as caught:
            read(book, partner)
        assert caught.value.code == "workbook_refused"


def test_the_child_knows_nothing_of_the_product_and_writes_no_file() -> None:
    """It gets no environment, no keys, no path of ours; a parser turned against us finds nothing to read or send."""
    book = workbooks.roster([person(1)])
    done = subprocess.run(
        [sys.executable, "-I", str(CHILD), "100"], input=book, stdout=subprocess.PIPE, env={}, check=True
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    head = said[0].pop("head")
    facts = {"sheet": 0, "part": "", "name": "名册", "visible": True, "height": 2, "width": 15, "date1904": False}
    assert said[0] == facts | {"marks": {}}
    assert head[1][0] == "T00001"
    assert said[1:] == [{"read": 0}]
    for path in (CHILD, *CHILD.with_name("workbook_reader").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "import talentpool" not in text and "from talentpool" not in text
    text = CHILD.read_text(encoding="utf-8")
    assert "RLIMIT_FSIZE, (0, 0)" in text


def test_dates_are_dates_in_both_calendars_and_as_plain_numbers(partner: Partner) -> None:
    header = list(TEMPLATE_V1)

    def book(**options: object) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as made:
            day = made.add_format({"num_format": "yyyy/m/d"})
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, header)
            sheet.write_row(1, 0, ["T1", "韩甲"])
            sheet.write_datetime(1, header.index("入职日期"), date(2024, 3, 1), day)
            epoch = date(1904, 1, 1) if options else date(1899, 12, 30)
            sheet.write_number(1, header.index("授权日期"), (date(2025, 1, 6) - epoch).days)
        return out.getvalue()

    for made in (book(), book(date_1904=True)):
        (row,) = read(made, partner)
        assert (row["hired_on"], row["consented_on"]) == ("2024-03-01", "2025-01-06")


def test_numbers_keep_what_they_can(partner: Partner) -> None:
    header = list(TEMPLATE_V1)
    cells: list[object] = [""] * len(header)
    cells[0], cells[1], cells[header.index("证件号码")] = 1002, "韩甲", 1.40199199505050e17
    cells[header.index("手机号码")] = 13912340567
    (row,) = read(workbooks.plain([cells, ["00123", "韩乙"]]), partner)[:1]
    assert (row["staff_no"], row["document_no"], row["mobile"]) == ("1002", "1E+17", "13912340567")
    assert read(workbooks.plain([cells, ["00123", "韩乙"]]), partner)[1]["staff_no"] == "00123"


def test_the_first_visible_sheet_with_a_known_header_is_the_roster(partner: Partner) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("说明").write_column(0, 0, ["请每周填写", "勿改表头"])
        hidden = book.add_worksheet("旧")
        hidden.write_row(0, 0, list(TEMPLATE_V1))
        hidden.write_row(1, 0, ["X1", "不应读取"])
        hidden.hide()
        deep = book.add_worksheet("更旧")
        deep.write_row(0, 0, list(TEMPLATE_V1))
        deep.write_row(1, 0, ["X2", "不应读取"])
        deep.very_hidden()
        sheet = book.add_worksheet("名册")
        sheet.merge_range(0, 0, 0, 14, "长治市名册")
        sheet.write_row(1, 0, list(TEMPLATE_V1))
        sheet.write_row(2, 0, ["T1", "韩甲"])
        sheet.write_formula(2, 9, '="太行站"', None, "太行站")
        sheet.write_row(4, 0, ["合计", "1"])
    (row,) = read(out.getvalue(), partner)
    assert (row["staff_no"], row["station"]) == ("T1", "太行站")


def test_only_hidden_sheets_are_no_roster(partner: Partner) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("说明").write(0, 0, "空")
        hidden = book.add_worksheet("名册")
        hidden.write_row(0, 0, list(TEMPLATE_V1))
        hidden.hide()
    with pytest.raises(RejectedError) as caught:
        read(out.getvalue(), partner)
    assert caught.value.code == "header_unknown"


def test_a_workbook_dropped_halfway_leaves_no_process(partner: Partner) -> None:
    source = read_workbook(io.BytesIO(workbooks.roster(person(n) for n in range(1, 12_000))), partner, "roster.xlsx")
    blocks: Iterator[pa.Table] = source.blocks
    assert len(next(blocks)) > 1_000
    blocks.close()  # type: ignore[attr-defined]
    assert not children_with("workbook_child")
