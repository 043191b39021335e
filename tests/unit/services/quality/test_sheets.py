"""The pages of quality, read from real deliveries: what stands on them, in the page's, the file's and the paper's form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from rosters import TODAY, Office, person
from talentpool.expect import run_suite
from talentpool.services.quality import (
    Reader,
    Sheet,
    as_file,
    as_paper,
    county_sheet,
    delivery_sheet,
    overview,
    partner_sheet,
    period,
    rule_sheet,
)
from talentpool.services.quality.docs import build_docs, docs_root

HERE, THERE = "140403", "140425"
COUNTIES = {HERE: "潞州区", THERE: "平顺县"}
YEAR = period(12, None, TODAY)


@contextmanager
def reading(office: Office, side: str = "") -> Iterator[Reader]:
    with office.engine.connect() as conn:
        yield Reader(conn, conn, office, side)


def two_months(office: Office) -> None:
    """A better second month; a third roster that is held."""
    rows = [person(n, county=HERE if n % 2 else THERE) for n in range(1, 41)]
    bad = [row | {"mobile": "12345"} if n < 8 else row for n, row in enumerate(rows)]
    office.deliver("2026-09-30", bad)
    office.deliver("2026-10-31", [row | {"mobile": "12345"} if n < 2 else row for n, row in enumerate(rows)])
    assert office.deliver("2026-11-30", rows[:10]).status == "held"


def cells(sheet: Sheet, title: str) -> list[list[str]]:
    (block,) = [block for block in sheet.blocks if block.title == title]
    return [[cell.text for cell in row] for row in block.rows]


def test_the_overview_shows_score_and_trend_and_what_waits(office: Office) -> None:
    two_months(office)
    with reading(office) as reader:
        sheet = overview(reader, YEAR, COUNTIES)
    (block,) = [block for block in sheet.blocks if block.title == "得分与趋势"]
    didi = next(row for row in block.rows if row[0].text == "网约车")
    accuracy = next(cell for (name, _), cell in zip(block.head, didi, strict=True) if name == "准确性")
    assert accuracy.text == "88.9%" and accuracy.chart is not None, "10 faulty rows of 90"
    assert [words for words, _ in sheet.alerts] == ["网约车 2026-11-30 的名册搁置，等市级专员决定（交付 3）"]
    assert [row[0].text for row in block.rows] == sorted(row[0].text for row in block.rows), "by name, never by score"


def test_a_deliverys_page_says_share_count_change_lines_and_why(office: Office) -> None:
    two_months(office)
    with reading(office) as reader:
        sheet, held = delivery_sheet(reader, 2, COUNTIES), delivery_sheet(reader, 3, COUNTIES)
        assert delivery_sheet(reader, 99, COUNTIES) is None
    assert sheet is not None and held is not None
    rows = {row[0]: row[1:] for row in cells(sheet, "逐行与逐值的规则")}
    assert rows["手机号码不可用"][1:5] == ["5.0%", "2", "−15.0 点", "1、2"]
    assert "减少的人员过多" in cells(held, "结论的理由")[0][0]
    assert "没有可比的交付" not in held.sub
    with reading(office, THERE) as reader:
        there = delivery_sheet(reader, 2, COUNTIES)
    assert there is not None and "平顺县的行" in there.sub and not any(b.title == "结论的理由" for b in there.blocks)


def test_a_rule_a_partner_and_a_county_have_their_pages_and_what_is_not_there_has_none(office: Office) -> None:
    two_months(office)
    with reading(office) as reader:
        rule = rule_sheet(reader, "mobile_unusable", YEAR)
        assert rule_sheet(reader, "no_such_rule", YEAR) is None
        assert partner_sheet(reader, "nobody", YEAR) is None
        partner = partner_sheet(reader, "didi", YEAR)
    assert rule is not None and partner is not None
    assert [row[4:7] for row in cells(rule, "逐次交付")] == [
        ["0", "0", "10"],
        ["5.0%", "2", "40"],
        ["20.0%", "8", "40"],
    ]
    assert cells(partner, "发现的问题")[0][1:5] == ["手机号码不可用", "准确性", "10", "2"]
    with reading(office, HERE) as reader:
        county = county_sheet(reader, "潞州区", YEAR)
    assert cells(county, "发现的问题")[0][3] == "5"


def test_an_office_without_a_delivery_and_a_first_month_say_so(office: Office) -> None:
    with reading(office) as reader:
        assert "这段时间还没有校验过的交付" in as_file(overview(reader, YEAR, COUNTIES), "长治市", TODAY)
    office.deliver("2026-10-31", [person(n) for n in range(1, 11)])
    with reading(office) as reader:
        sheet = overview(reader, YEAR, COUNTIES)
        first = delivery_sheet(reader, 1, COUNTIES)
    assert "1 次交付，还没有趋势" in as_file(sheet, "长治市", TODAY)
    assert first is not None and "这是第一次，没有可比的交付" in first.sub


def test_a_saved_page_opens_without_a_network_and_a_paper_is_pdf(office: Office) -> None:
    two_months(office)
    with reading(office) as reader:
        sheets = [overview(reader, YEAR, COUNTIES), delivery_sheet(reader, 2, COUNTIES)]
    for sheet in sheets:
        assert sheet is not None
        page = as_file(sheet, "长治市", TODAY)
        assert not re.search(r"(?:href|src|action)=|url\(|<script|https?://", page)
        assert "default-src 'none'" in page and "<details" in page and "join dimension_score" in page
    paper = as_paper(sheets[0], "长治市", TODAY)  # type: ignore[arg-type]
    assert paper.startswith(b"%PDF-") and len(paper) > 10_000


def test_data_docs_hold_suite_and_results_and_no_value_of_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "count", run_suite)
    rows = [person(n) for n in range(1, 21)]
    rows[0]["mobile"], rows[1]["name"] = "13912345678x", ""
    office.deliver("2026-10-31", rows)
    assert build_docs(office) == {"deliveries": 1, "suites": 1}
    pages = {path.name: path.read_text(encoding="utf-8") for path in docs_root(office).iterdir()}
    assert set(pages) == {"index.html", "suite_didi.html", "delivery_1.html"}
    assert "姓名为空" in pages["delivery_1.html"] and "there is a name" in pages["suite_didi.html"]
    for page in pages.values():
        assert not re.search(r"<script|<style|https?://|\son\w+=|javascript:", page)
        for row in rows:
            for name in ("name", "document_no", "mobile", "staff_no"):
                assert not row[name] or row[name] not in page


def test_dates_of_a_sheet_are_those_of_its_period() -> None:
    assert period(6, date(2026, 10, 31), TODAY).words == "2026-04-30 至 2026-10-31"
