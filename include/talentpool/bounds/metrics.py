"""Name what is measured of a delivery: the metric, the column and county it is of, and the findings that rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from talentpool.declare.partner import VALUES_CHANGED_MAX
from talentpool.texts.finding import Finding

FEWEST_PEOPLE = 10
"""A county in which fewer are known, or fewer rows stand, is not measured alone: a figure of few people is theirs."""


class Unit(StrEnum):
    """What a figure is: a share of 1, a count of rows, or an index."""

    SHARE = "share"
    ROWS = "rows"
    INDEX = "index"


@dataclass(frozen=True)
class Metric:
    """`learns`: its bound may be learned and pinned; else it is what the rule says, whoever delivers. `words`: in Chinese."""

    code: str
    words: str
    learns: bool = True
    unit: Unit = Unit.SHARE
    by_county: bool = False
    fields: tuple[str, ...] = ()


_UNUSABLE = ("id_number", "mobile", "birth_date", "mobile2", "station", "sex", "hired_on")
METRICS = {
    metric.code: metric
    for metric in (
        Metric("rows", "行数", unit=Unit.ROWS, by_county=True),
        Metric("additions", "新增人员占在册人员", by_county=True),
        Metric("removals", "减少人员占在册人员", by_county=True),
        Metric("set_aside", "隔离与拒收占全部行"),
        Metric("unusable", "空白或不可用的值占全部行", fields=_UNUSABLE),
        Metric("lost", "已知的值变为空白或不可用", fields=tuple(VALUES_CHANGED_MAX)),
        Metric("changed", "已知的值改变", fields=tuple(VALUES_CHANGED_MAX)),
        Metric("reused", "工号改指他人占全部行"),
        Metric("stations_new", "新站点的行占全部行"),
        Metric("stations_gone", "站点不再出现的在册人员"),
        Metric("consent_ended", "授权失效的在册人员"),
        Metric("shape", "构成的稳定性指数", learns=False, unit=Unit.INDEX, fields=("birth_date", "sex", "county")),
    )
}
OF_FINDING = {
    "rows_out_of_bounds": "rows", "rows_jump": "rows", "additions_high": "additions", "removals_high": "removals",
    "quarantine_high": "set_aside", "nulls_high": "unusable", "nulls_jump": "unusable", "values_lost": "lost",
    "values_changed": "changed", "staff_no_reused_many": "reused", "stations_new_many": "stations_new",
    "stations_gone_many": "stations_gone", "consent_ended_many": "consent_ended", "shape_moved": "shape",
}  # fmt: skip
"""Finding -> what it was measured by. The others speak of what is never right, whatever came before."""
FIXED = ("rows_out_of_bounds",)
"""Findings whose bound is the office's own and is neither learned nor pinned: an absolute limit."""


@dataclass(frozen=True, order=True)
class Key:
    """Of what a figure is: '' = of whole rows, of the whole delivery."""

    metric: str
    field: str = ""
    county: str = ""

    @property
    def code(self) -> str:
        """As an address has it: removals,,<code of a county>."""
        return f"{self.metric},{self.field},{self.county}"

    @staticmethod
    def of(code: str) -> Key:
        """The key of such a code; parts that are not there are empty."""
        metric, field, county, *_ = [*code.split(","), "", "", ""]
        return Key(metric, field, county)


def key_of(finding: Finding) -> Key | None:
    """What a finding was measured by; None where nothing is measured."""
    metric = OF_FINDING.get(finding.code)
    if metric is None:
        return None
    field = finding.field or "" if METRICS[metric].fields else ""
    return Key(metric, field, finding.county or "")
