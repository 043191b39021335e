"""The tables of 活动小结, as paper and document show them: each with the queries by which its numbers are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.paper.setting import Col, Part
from talentpool.report.brief.facts import Brief, Step
from talentpool.report.brief.queries import COMPLAINTS, COUNTIES, ON_THE_LIST, OUTCOMES, UNITS, shown
from talentpool.report.hand_out_days import HAND_OUT_DAYS

MOST_UNITS = 60
"""Stations on paper; the page has every one."""
_COUNT = Col("人数", 2, centred=True)
_MEANS = Col("数的是什么", 8)
Told = tuple[Part, Sequence[str]]
"""A table, and its queries: one for the whole of it, or one a row."""


def parts(found: Brief) -> tuple[list[Part], list[str]]:
    """Those that have a row, and the queries that they name by number. Nothing of a session stands in receipts: only numbers of
    visits are told."""
    said = [
        _steps("从人才库到名单" if found.session else "从人才库到领取", "步骤", "人数", found.steps),
        _steps("报名与到场" if found.session else "到场", "项目", "人数", found.visits),
        *([] if found.session else _receipts(found)),
        _steps("物资台账（本轮）", "项目", "份数", found.goods),
        _part("没有列入名单的原因", [Col("原因", 8), _COUNT],
              [(reason, f"{people:,}") for reason, people in found.left_out], ON_THE_LIST),
        _part("投诉", [Col("类别", 6), Col("件数", 2, centred=True), Col("待答复", 2, centred=True)],
              [(word, f"{count:,}", f"{still_open:,}") for word, count, still_open in found.complaints], COMPLAINTS),
    ]  # fmt: skip
    told = [(part, queries) for part, queries in said if part.rows]
    every = list(dict.fromkeys(shown(found.stored, query) for _, queries in told for query in queries))
    place = {query: number for number, query in enumerate(every, start=1)}
    return [
        replace(part, queries=[place[shown(found.stored, one)] for one in queries]) for part, queries in told
    ], every


def notes(found: Brief) -> list[str]:
    """What stands below the tables."""
    said = []
    if found.sample is not None:
        told = f"回访抽取 {found.sample.rows} 人，{found.sample.said} 人作答"
        if found.sample.share is not None and found.sample.low is not None and found.sample.high is not None:
            told += f"，确认收到 {found.sample.share:.1%}（95% 区间 {found.sample.low:.1%}–{found.sample.high:.1%}）"
        said.append(f"{told}。")
    if len(found.units) > MOST_UNITS and not found.session:
        said.append(f"其余 {len(found.units) - MOST_UNITS} 个站点见网页版。")
    if found.whole.open and not found.session:
        said.append(f"还有 {found.whole.open} 人没有回执，数字还会变。")
    return said


def _receipts(found: Brief) -> list[Told]:
    whole = found.whole.people
    listed, got, share = (Col(name, 2, centred=True) for name in ("名单", "已领", "占比"))
    outcomes = [
        *((OUTCOME_WORDS[one], f"{people:,}", _share(people, whole)) for one, people in found.outcomes.items()),
        ("没有回执", f"{found.whole.open:,}", _share(found.whole.open, whole)),
    ]
    days = [Col(name, 2, centred=True) for name in ("最早", "居中", "最晚")]
    return [
        _part("结果", [Col("结果", 5), _COUNT, Col("占名单", 2, centred=True)], outcomes, OUTCOMES),
        _part("各区县", [Col("区县", 4), listed, got, share],
              [(name, f"{one.people:,}", f"{one.received:,}", _share(one.received, one.people))
               for name, one in found.counties], COUNTIES),
        _part("下发到领取的天数", [Col("区县", 4), Col("下发日", 3), *days],
              [(name, str(one.released), str(one.first), str(one.middle), str(one.last)) for name, one in found.hand_out],
              HAND_OUT_DAYS),
        _part("各单位与站点", [Col("单位", 4), Col("站点", 5), listed, got, Col("没有回执", 2, centred=True)],
              [(unit, station, f"{one.people:,}", f"{one.received:,}", f"{one.open:,}")
               for unit, station, one in found.units[:MOST_UNITS]], UNITS),
    ]  # fmt: skip


def _steps(title: str, what: str, count: str, steps: Sequence[Step]) -> Told:
    """Numbers of which each has a query of its own."""
    rows = [(step.name, f"{step.people:,}", step.means) for step in steps]
    return Part(title, [Col(what, 3), Col(count, 2, centred=True), _MEANS], rows), [step.query for step in steps]


def _part(title: str, columns: Sequence[Col], rows: Sequence[Sequence[str]], query: str) -> Told:
    return Part(title, columns, rows), [query]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"
