"""Set a repair letter as a workbook: a sheet of cells to mend, and one of figures. Nothing in a cell is ever executed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.guard.export import Column, Sheet, workbook
from talentpool.services.letters.cells import Cell
from talentpool.services.letters.told import CONCLUSIONS, of_the_whole
from talentpool.services.letters.trend import Trend
from talentpool.texts.reasons import reasons

TITLE = "名册问题反馈单"
WHOLE = "整份"
TREATED = {
    "quarantined": "整行暂不入库", "refused": "整行未收", "set_aside": "此格未采用", "noted": "已收，建议核对",
}  # fmt: skip
CELLS = (
    Column("行号", 8, "center"), Column("工号", 16), Column("列名", 14), Column("填写内容（已遮盖）", 22),
    Column("处理", 14), Column("原因", 38), Column("请这样改", 42),
)  # fmt: skip
FOOTER = "内容已遮盖，仅供本单位更正名册使用，请勿转发"


@dataclass(frozen=True)
class Content:
    """What a letter says: the delivery's row, its faulty cells, how many more there are, and the figures."""

    partner: Partner
    facts: Any
    cells: Sequence[Cell]
    left_out: int
    trend: Trend


def letter_book(content: Content, made_on: date) -> bytes:
    """The workbook, open; the same content gives the same bytes."""
    facts, partner = content.facts, content.partner
    head = f"{partner.name}　名册日期 {facts.as_of}　交付 {facts.delivery_id}　{facts.source_name}"
    told = CONCLUSIONS[State(facts.state)]
    more = f"；另有 {content.left_out} 处未列出，先改正列出的" if content.left_out else ""
    cells = Sheet(
        "问题明细", f"{TITLE}　{head}", f"{told}{more}", CELLS, _lines(content), landscape=True, footer=FOOTER
    )
    return workbook([cells, _figures(content, head)], title=TITLE, made_on=made_on)


def _lines(content: Content) -> list[list[str | int]]:
    known = reasons()
    lines: list[list[str | int]] = [[WHOLE, "", "", "", "", text, fix] for text, fix in of_the_whole(content.facts)]
    for cell in content.cells:
        reason = known[cell.code]
        lines.append(
            [cell.row, cell.staff_no, cell.column, cell.value, TREATED[reason.outcome], reason.text_zh, reason.fix_zh]
        )
    return lines


def _figures(content: Content, head: str) -> Sheet:
    trend = content.trend
    columns = [
        Column("类别", 10, "center"), Column("项目", 44), Column("本次", 10, "center"), Column("此前平均", 10, "center"),
        Column("变化", 14, "center"), *(Column(title, 12, "center") for title in trend.titles),
    ]  # fmt: skip
    rows: list[list[str | int]] = [
        [
            line.kind, line.name, _percent(line.now), _percent(line.usual), _change(line.now, line.usual),
            *(_percent(one) for one in line.before),
        ]
        for line in trend.lines
    ]  # fmt: skip
    said = (
        f"与最近 {len(trend.titles)} 次交付比较" if trend.titles else "此前没有可比较的交付"
    ) + "；填写率含经约定的掩码，占比为占全部行数的百分比"
    return Sheet("填写率与趋势", f"填写率与问题占比　{head}", said, columns, rows, landscape=True, footer=FOOTER)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _change(now: float | None, usual: float | None) -> str:
    if now is None or usual is None:
        return ""
    points = 100 * (now - usual)
    if abs(points) < 0.005:
        return "持平"
    return f"{'上升' if points > 0 else '下降'} {abs(points):.2f} 个百分点"
