"""Put together the page of one rule over time: how often it failed, partner by partner, delivery by delivery."""

from __future__ import annotations

from talentpool.expect import dimension_of
from talentpool.services.quality.of_delivery import ENGINES, OUTCOMES
from talentpool.services.quality.overview import PATH
from talentpool.services.quality.reading import Period, Reader
from talentpool.services.quality.scores import Point, percent
from talentpool.services.quality.sheet import Block, Cell, Sheet
from talentpool.services.quality.sparks import spark
from talentpool.texts.labels import ROSTER_KINDS
from talentpool.texts.reasons import reasons


def rule_sheet(reader: Reader, code: str, asked: Period) -> Sheet | None:
    """The rule with that reason code; None where there is no such code."""
    reason = reasons().get(code)
    if reason is None:
        return None
    names = reader.names()
    found: dict[str, list[Point]] = {}
    rows = []
    for one in reader.ask("rule", rule=code, first=asked.first, last=asked.last):
        found.setdefault(one.partner, []).append(Point(one.as_of, one.rows, min(one.failed, one.rows), one.delivery_id))
        share = "—" if reason.level == "delivery" or not one.rows else percent(one.failed / one.rows)
        rows.append([
            Cell(f"交付 {one.delivery_id}", path=f"{PATH}/delivery/{one.delivery_id}"),
            Cell(names.get(one.partner, one.partner)), Cell(str(one.as_of)), Cell(ROSTER_KINDS.get(one.kind, one.kind)),
            Cell(share if one.failed else "0", number=True), Cell(f"{one.failed:,}", number=True),
            Cell(f"{one.rows:,}", number=True), Cell(OUTCOMES[one.outcome]), Cell(ENGINES[one.engine]),
        ])  # fmt: skip
    trend = [
        [Cell(names.get(code_of, code_of), path=f"{PATH}/partner/{code_of}"),
         Cell(percent(sum(p.faulty for p in points) / total) if (total := sum(p.rows for p in points)) else "—", number=True),
         Cell(f"{len(points)} 次", chart=spark(points, f"{names.get(code_of, code_of)} 没有这个问题的行"), number=True)]
        for code_of, points in sorted(found.items(), key=lambda item: names.get(item[0], item[0]))
    ]  # fmt: skip
    return Sheet(
        title=f"规则：{reason.text_zh}",
        sub=f"{dimension_of(code)}，{OUTCOMES.get(reason.outcome, reason.outcome)}。怎么改：{reason.fix_zh}。{asked.words}",
        path=f"{PATH}/rule/{code}",
        ways=[("质量评分", PATH)],
        blocks=[
            Block("趋势", [("合作单位", 3), ("有问题的占比", 2), ("没有问题的占比，逐次交付", 3)],
                  trend, means="有问题的占比 = 期间内有问题的行数 ÷ 检查的行数；图是每次交付中没有这个问题的行所占的百分比。",
                  query="rule", empty="这段时间没有交付用到这条规则。"),
            Block("逐次交付", [("交付", 2), ("合作单位", 3), ("数据日期", 2), ("类型", 2), ("占比", 2), ("有问题的行", 2),
                           ("检查的行", 2), ("结果", 2), ("怎么数的", 3)],
                  rows[::-1], means="每次交付一行，按合作单位，新的在前；对整份名册的规则，数的是次数，只列发现问题的。",
                  query="rule", empty="这段时间没有交付用到这条规则。"),
        ],
        period=asked,
    )  # fmt: skip
