"""Rows of any text go through the whole of ingest and end in a verdict whose counts add up. Nothing is published by halves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rosters import Office, document, person
from talentpool.declare import FIELDS
from talentpool.load import digest

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
LIKELY = {
    "staff_no": st.sampled_from(["T1", "", "合计", " T2 ", "＝1", "1.0", "T1\t"]),
    "name": st.sampled_from(["李四", "", "阿依古丽·艾力", "测试", "𠮷田", "李 四", "=1+1", "师傅", "a" * 300]),
    "document_no": st.one_of(
        st.from_regex(r"\A[0-9Xx*]{0,19}\Z"), st.sampled_from([document(3), "1.4E+17", "H1234567890", "０１２３"])
    ),
    "birth_date": st.one_of(st.dates().map(str), st.sampled_from(["19950505", "1995/5/5", "45000", "0000-00-00", "95-5-5"])),
    "mobile": st.one_of(st.from_regex(r"\A[0-9+ -]{0,20}\Z"), st.sampled_from(["13900000001/13900000002", "139****0001"])),
    "county": st.sampled_from(["140403", "潞州区", "城区", "屯留县", "山西省长治市襄垣县", "140107", "", "x"]),
    "hired_on": st.one_of(st.dates().map(str), st.just("")),
    "left_on": st.one_of(st.dates().map(str), st.just("")),
    "consented_on": st.sampled_from(["2025-01-01", "", "2099-01-01", "昨天"]),
    "notice_version": st.sampled_from(["v1", "", "v9", " v1"]),
}  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, str]]:
    made = []
    for number in range(draw(st.integers(1, 12))):
        row: dict[str, Any] = person(number)
        for field in draw(st.sets(st.sampled_from(FIELDS), max_size=6)):
            row[field] = draw(st.one_of(LIKELY.get(field, TEXT), TEXT))
        made.append(row)
    return made


@pytest.mark.parametrize("examples", [15, pytest.param(400, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_any_rows_end_in_a_verdict(office: Office, examples: int) -> None:
    office.deliver("2026-09-30", [person(n) for n in range(1, 40)])
    seen = []

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows())
    def deliver(some: list[dict[str, str]]) -> None:
        before = digest(office.engine)
        outcome = office.deliver("2026-10-31", some, kind="delta")
        seen.append(outcome.status)
        assert outcome.status in ("published", "held", "rejected", "duplicate")
        assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.refused
        if outcome.status in ("held", "rejected", "duplicate"):
            assert digest(office.engine) == before
        assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []

    deliver()
    assert "published" in seen
