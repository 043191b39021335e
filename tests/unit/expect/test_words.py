"""Findings in words: a Chinese sentence of column or county, figures, and what to do."""

from __future__ import annotations

import re

import pytest

from talentpool.bounds.metrics import METRICS, OF_FINDING, Unit
from talentpool.expect import in_words
from talentpool.expect.breaker import FULL_FIELDS, KEY_FIELDS
from talentpool.expect.damage import DAMAGE
from talentpool.expect.words import COLUMNS, SHARES
from talentpool.settings import INCLUDE
from talentpool.texts.finding import Finding
from talentpool.texts.reasons import reasons


@pytest.mark.parametrize(
    ("finding", "parts"),
    [
        (Finding("nulls_jump", 0.5, 0.3353, field="id_number"), ["证件号码", "本次为 50%，上限为 33.5%", "请核对"]),
        (Finding("removals_high", 0.2, 0.15, county="140403"), ["140403", "20%", "15%", "请确认"]),
        (Finding("delta_gap", 12, 0), ["12 天"]),
        (Finding("rows_out_of_bounds", 3, 5), ["本次 3 行，约定不少于 5 行"]),
        (Finding("values_swapped", 4, 3, field="name"), ["姓名", "4 人"]),
        (Finding("as_of_ahead", 365, 0), ["365 天"]),
        (Finding("column_damaged", 1, 0.5, field="document_type"), ["证件类型", "100%"]),
        (Finding("sheet_unread", detail="名册2"), ["名册2", "请将"]),
    ],
)
def test_a_finding_names_its_column_its_figures_and_what_to_do(finding: Finding, parts: list[str]) -> None:
    text = in_words(finding.as_json())
    assert all(part in text for part in parts), text
    assert finding.code not in text
    assert not finding.field or finding.field not in text


def test_every_code_that_holds_is_a_sentence_without_figures_it_does_not_have() -> None:
    codes = [reason.code for reason in reasons().values() if reason.outcome == "held"]
    assert len(codes) > 8
    for code in codes:
        text = in_words(Finding(code, 0.25, 0.1).as_json())
        assert text.startswith(reasons()[code].text_zh)
        assert text.endswith(reasons()[code].fix_zh)


def test_every_finding_with_a_share_tells_it_and_every_column_has_a_chinese_name() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (INCLUDE / "talentpool").rglob("*.py"))
    shares = set(re.findall(r'Finding\(\s*"(\w+)", round\(', source))
    shares |= {code for code, metric in OF_FINDING.items() if METRICS[metric].unit == Unit.SHARE}
    assert {"nulls_jump", "removals_high", "consent_ended_many", "staff_no_shifted"} <= shares <= SHARES
    assert {*KEY_FIELDS, *FULL_FIELDS, *DAMAGE} <= set(COLUMNS)
