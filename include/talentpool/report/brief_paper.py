"""Set 活动小结 as PDF: the same figures as the page, in tables, with how each is counted."""

from __future__ import annotations

from datetime import date

from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.declare.occasion import say_cycle
from talentpool.paper.setting import Col, Paper, Part, as_pdfs
from talentpool.report.brief import Brief

MOST_UNITS = 60
"""Stations on paper; the page has every one."""


def brief_pdf(found: Brief, today: date) -> bytes:
    """The brief as PDF/A. PaperError where it cannot be set."""
    stored, passport = found.stored, found.stored.passport
    paper = Paper(
        kind="brief",
        title=f"活动小结：{passport['name']}（{say_cycle(stored.cycle)}）",
        made_on=today,
        passport=f"LIST={stored.list_id};HASH={stored.content_hash[:12]}",
        subtitle=f"名单 {stored.list_id}，数据日期 {stored.as_of}，{found.state}；写于 {today}。只有数字，不含任何人的信息",
        footer=f"名单校验值 {stored.content_hash[:12]}；查询语句见网页版",
        notes=_notes(found),
        parts=[part for part in _parts(found) if part.rows],
    )
    (pdf,) = as_pdfs([paper])
    return pdf


def _parts(found: Brief) -> list[Part]:
    whole = found.whole.people
    number = Col("人数", 2, centred=True)
    units = found.units[:MOST_UNITS]
    return [
        Part("从人才库到领取", [Col("步骤", 3), number, Col("数的是什么", 8)],
             [(step.name, f"{step.people:,}", step.means) for step in found.steps]),
        Part("结果", [Col("结果", 5), number, Col("占名单", 2, centred=True)],
             [*((OUTCOME_WORDS[outcome], f"{people:,}", _share(people, whole)) for outcome, people in found.outcomes.items()),
              ("没有回执", f"{found.whole.open:,}", _share(found.whole.open, whole))]),
        Part("各区县", [Col("区县", 4), Col("名单", 2, centred=True), Col("已领", 2, centred=True), Col("占比", 2, centred=True)],
             [(name, f"{one.people:,}", f"{one.received:,}", _share(one.received, one.people)) for name, one in found.counties]),
        Part("下发到领取的天数", [Col("区县", 4), Col("下发日", 3), Col("最早", 2, centred=True), Col("居中", 2, centred=True),
                          Col("最晚", 2, centred=True)],
             [(name, str(one.released), str(one.first), str(one.middle), str(one.last)) for name, one in found.hand_out]),
        Part(
            "物资",
            [Col("项目", 3), Col("份数", 2, centred=True), Col("数的是什么", 8)],
            [(step.name, f"{step.people:,}", step.means) for step in found.goods],
        ),
        Part("各单位与站点", [Col("单位", 4), Col("站点", 5), Col("名单", 2, centred=True), Col("已领", 2, centred=True),
                       Col("没有回执", 2, centred=True)],
             [(unit, station, f"{one.people:,}", f"{one.received:,}", f"{one.open:,}") for unit, station, one in units]),
        Part("投诉", [Col("类别", 6), Col("件数", 2, centred=True), Col("待答复", 2, centred=True)],
             [(word, f"{count:,}", f"{still_open:,}") for word, count, still_open in found.complaints]),
    ]  # fmt: skip


def _notes(found: Brief) -> list[str]:
    notes = []
    if found.sample is not None:
        said = f"回访抽取 {found.sample.rows} 人，{found.sample.said} 人作答"
        if found.sample.share is not None and found.sample.low is not None and found.sample.high is not None:
            said += f"，确认收到 {found.sample.share:.1%}（95% 区间 {found.sample.low:.1%}–{found.sample.high:.1%}）"
        notes.append(f"{said}。")
    if len(found.units) > MOST_UNITS:
        notes.append(f"其余 {len(found.units) - MOST_UNITS} 个站点见网页版。")
    if found.whole.open:
        notes.append(f"还有 {found.whole.open} 人没有回执，数字还会变。")
    return notes


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"
