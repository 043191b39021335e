"""Write findings for an officer: what was seen, in which column or county, what is allowed, what to do.

The texts are those of reason_codes.csv; here figures and names are put beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talentpool.acquire import partner_names
from talentpool.area import shipped
from talentpool.declare import TEMPLATE_V1
from talentpool.settings import INCLUDE, Settings
from talentpool.texts.finding import Finding
from talentpool.texts.reasons import reasons

COLUMNS = {field: header for header, field in TEMPLATE_V1.items()} | {"id_number": "证件号码"}
SHARES = frozenset(
    {"quarantine_high", "nulls_high", "nulls_jump", "removals_high", "staff_no_reused_many", "column_damaged",
     "values_lost", "values_changed", "values_disagree", "consent_ended_many", "staff_no_shifted", "additions_high",
     "stations_new_many", "stations_gone_many", "content_of_other"}
)  # fmt: skip
"""Findings whose figures are shares."""
STAGING_WORDS = {
    "statuses come from their vocabularies": "状态取值在约定范围内",
    "no status is null": "状态无空值",
    "a document index stands exactly beside a usable document": "证件号码可用时才有索引",
    "a mobile index stands exactly beside a usable mobile": "手机号码可用时才有索引",
    "a second mobile index stands exactly beside a usable one": "第二手机号码可用时才有索引",
    "changed rows are sealed and salted, others are not": "有变化的行才加密",
    "rows that may not be kept are not sealed": "不得保存的行不加密",
    "the birth date is the document's where that is usable": "出生日期与证件号码一致",
    "a date stands exactly where its letter says so": "日期与日期状态一致",
    "consent evidence has a date": "同意凭证有日期",
    "no date lies after the roster's, no consent and no hire of a county's after its landing": "日期不晚于名册日期",
    "a county is current and inside the area exactly when its status says so": "区县与区县状态一致",
    "the first row number is 1": "行号从 1 开始",
    "the last row number is the number of rows": "行号到总行数为止",
    "row numbers do not repeat": "行号不重复",
}
"""What is checked of our own staging, and of its table as a whole (rules.py, suite.py)."""
NAMED = 3
"""Reasons that a message of rejection names; the others are in the outcome."""


def rule_in_words(code: str) -> str:
    """A row rule by what it says of a row, and its code; a check of staging by what it checks."""
    if code in reasons():
        return f"{reasons()[code].text_zh} {code}"
    return f"暂存自检“{STAGING_WORDS.get(code, code)}”"


def in_words(facts: Mapping[str, Any]) -> str:
    """One finding as a sentence without its full stop."""
    finding = Finding(**facts)
    reason = reasons()[finding.code]
    parts = [_figures(finding)] if not finding.detail else [finding.detail]
    if finding.detail and finding.code == "content_of_other":
        other = partner_names(Settings()).get(finding.detail, finding.detail)
        parts = [f"与{other}的名册相同的占 {_percent(finding.observed)}，上限为 {_percent(finding.bound)}"]
    parts = [*filter(None, [*parts, basis_in_words(finding)]), reason.fix_zh]
    return f"{reason.text_zh}{_where(finding)}：{'，'.join(parts)}"


def basis_in_words(finding: Finding) -> str:
    """Where the bound of a finding comes from; '' for a declared one."""
    if finding.origin == "pinned":
        return "此为市级专员固定的限值"
    if finding.origin != "learned":
        return ""
    middle, beside = (figure_in_words(finding, figure or 0) for figure in (finding.median, finding.mad))
    capped = "，按约定的最宽限值封顶" if finding.capped else ""
    return f"此为历史限值（前 {finding.deliveries} 次的中位数 {middle}，离差 {beside}{capped}）"


def figure_in_words(finding: Finding, figure: float) -> str:
    """A figure of what a finding speaks of, as people read it: a share as per cent, rows with their word."""
    if finding.code in SHARES:
        return _percent(figure)
    return f"{figure:.2f}" if finding.code == "shape_moved" else f"{figure:.0f} 行"


def rejected_in_words(source: str, counts: Mapping[str, int]) -> str:
    """Why a roster of which nobody can be let in is sent back: the reasons most rows have. That somebody withdrew is
    for nobody else to know."""
    known = reasons()
    rows = {code: n for code, n in counts.items() if known[code].level == "row" and code != "withdrawn"}
    most = sorted(rows, key=lambda code: (-rows[code], code))[:NAMED]
    told = "；".join(f"{known[code].text_zh} {rows[code]} 行，{known[code].fix_zh}" for code in most)
    own = known["nobody_accepted"]
    return f"{source}：{own.text_zh}（{told}），{own.fix_zh}"


def _where(finding: Finding) -> str:
    if finding.county:
        return f"（{_county(finding.county)}）"
    return f"（{COLUMNS.get(finding.field, finding.field)}）" if finding.field else ""


def _county(code: str) -> str:
    names = {county.code: county.name for county in shipped(INCLUDE / "reference")}
    return f"{names[code]} {code}" if code in names else code


def _figures(finding: Finding) -> str:
    seen, bound = finding.observed, finding.bound
    if finding.code == "delta_gap":
        return f"缺口为 {seen:g} 天"
    if finding.code == "as_of_ahead":
        return f"晚于今天 {seen:g} 天"
    if finding.code == "rows_out_of_bounds":
        return f"本次 {seen:.0f} 行，约定{'不少于' if seen < bound else '不超过'} {bound:.0f} 行"
    if finding.code == "rows_jump":
        against = "应" if finding.origin else "较上次应"
        return f"本次 {seen:.0f} 行，{against}{'不少于' if seen < bound else '不超过'} {bound:.0f} 行"
    if finding.code == "shape_moved":
        return f"稳定性指数 {seen:.2f}，上限为 {bound:g}"
    if finding.code == "values_swapped":
        return f"本次 {seen:g} 人"
    if finding.code in SHARES:
        return f"本次为 {_percent(seen)}，上限为 {_percent(bound)}"
    return ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
