"""Put together the pages of one partner and of one county: scores with their trend, and what was found in the period."""

from __future__ import annotations

from talentpool.services.quality.of_delivery import OUTCOMES
from talentpool.services.quality.overview import (
    ESTIMATED,
    NOT_RANKED,
    PATH,
    delivery_block,
    dimension_block,
    score_block,
)
from talentpool.services.quality.reading import Period, Reader
from talentpool.services.quality.scores import lines
from talentpool.services.quality.sheet import Block, Cell, Sheet
from talentpool.texts.reasons import reasons


def partner_sheet(reader: Reader, code: str, asked: Period) -> Sheet | None:
    """One partner, of the reader's side; None where no declaration and no delivery names it."""
    names = reader.names()
    deliveries = delivery_block(reader, asked, names, code)
    if code not in names and not deliveries.rows:
        return None
    return Sheet(
        title=f"{names.get(code, code)}的名册质量",
        sub=f"{asked.words}。只有数字，不含任何人的信息",
        path=f"{PATH}/partner/{code}",
        ways=[("质量评分", PATH), ("交付日历", "/deliveries")],
        blocks=[
            score_block(lines(reader, asked, code), names, asked), fault_block(reader, asked, names, code), deliveries,
            dimension_block(),
        ],
        notes=[ESTIMATED],
        period=asked,
    )  # fmt: skip


def county_sheet(reader: Reader, name: str, asked: Period) -> Sheet:
    """The county that is the reader's side: of rows whose work county it is."""
    names = reader.names()
    return Sheet(
        title=f"{name}的名册质量",
        sub=f"工作区县是{name}的行，各合作单位分别计。{asked.words}。只有数字，不含任何人的信息",
        path=f"{PATH}/county/{reader.side}",
        ways=[("质量评分", PATH), ("交付日历", "/deliveries")],
        blocks=[
            score_block(lines(reader, asked), names, asked), fault_block(reader, asked, names),
            delivery_block(reader, asked, names), dimension_block(),
        ],
        notes=[NOT_RANKED, "时效性是合作单位的名册是否按时收到，各区县相同。", ESTIMATED],
        period=asked,
    )  # fmt: skip


def fault_block(reader: Reader, asked: Period, names: dict[str, str], partner: str | None = None) -> Block:
    """Rules that failed, by partner: rows, in how many deliveries, and what to do."""
    rows = [
        [
            Cell(names.get(one.partner, one.partner)),
            Cell(reasons()[one.rule].text_zh, path=f"{PATH}/rule/{one.rule}", small=OUTCOMES[one.outcome]),
            Cell(one.dimension), Cell(f"{one.failed:,}", number=True), Cell(f"{one.deliveries}", number=True),
            Cell(str(one.newest)), Cell(reasons()[one.rule].fix_zh),
        ]
        for one in reader.ask("faults", first=asked.first, last=asked.last, partner=partner)
    ]  # fmt: skip
    return Block(
        "发现的问题",
        [("合作单位", 3), ("规则", 5), ("维度", 2), ("行次", 2), ("交付次数", 2), ("最近一次", 2), ("怎么改", 5)],
        rows,
        means="期间内各次交付中有问题的行数之和（同一行在几次交付中都有问题的，每次都计）；按合作单位和规则排列。",
        query="faults",
        empty="这段时间没有发现问题。",
    )
