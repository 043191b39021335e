"""Put together the overview: score and trend of each partner and dimension, what waits for a decision, the newest deliveries."""

from __future__ import annotations

from talentpool.deliveries.delivery_state import ON_ITS_WAY, State
from talentpool.services.quality.reading import Period, Reader
from talentpool.services.quality.scores import FORMULA, FORMULA_DUE, MEANS, Line, by_month, lines, percent
from talentpool.services.quality.sheet import Block, Cell, Sheet
from talentpool.services.quality.sparks import spark
from talentpool.texts.dimensions import Dimension
from talentpool.texts.labels import ROSTER_KINDS

PATH = "/scores"
STATES = dict.fromkeys(ON_ITS_WAY, ("处理中", "")) | {
    State.PUBLISHED: ("已发布", "good"), State.HELD: ("搁置", "open"), State.REJECTED: ("已退回", "bad"),
}  # fmt: skip
NOT_RANKED = "按名称排列，不按得分排名：得分用来找问题，不用来比高下。"
ESTIMATED = "空心点是估算：较早的交付只留下各原因的行数，一行有两个问题时计了两次，得分偏低。"
DIMENSIONS = tuple(Dimension)


def overview(reader: Reader, asked: Period, counties: dict[str, str]) -> Sheet:
    """Of all partners, of the whole area. `counties`: code -> name, of the pages that it leads to, by code and never by score."""
    names = reader.names()
    found = lines(reader, asked)
    waiting = reader.ask("waiting")
    return Sheet(
        title="质量评分",
        sub=f"各合作单位名册的质量，按六个维度。{asked.words}。只有数字，不含任何人的信息",
        path=PATH,
        ways=[("数据质量报告", "/quality"), ("交付日历", "/deliveries")],
        alerts=[
            (f"{names.get(row.partner, row.partner)} {row.as_of} 的名册搁置，等市级专员决定（交付 {row.delivery_id}）",
             f"/held/{row.delivery_id}") for row in waiting
        ],
        blocks=[
            score_block(found, names, asked),
            dimension_block(),
            delivery_block(reader, asked, names),
            Block(
                "校验文档",
                [("文档", 1)],
                [[Cell("查看各次交付的校验结果", path=f"{PATH}/docs/index.html")]],
                means="由数据质量报告流程生成：每个合作单位的规则集，和每次交付逐条规则的结果。不含任何人的信息。",
            ),
        ],
        notes=[NOT_RANKED, ESTIMATED],
        period=asked,
        sides=[("各区县", ""), *((name, f"{PATH}/county/{code}") for code, name in sorted(counties.items()))],
    )  # fmt: skip


def score_block(found: dict[str, dict[Dimension, Line]], names: dict[str, str], asked: Period) -> Block:
    """A row a partner, a column a dimension: the score of the period, and its trend."""
    rows = []
    for code, by in sorted(found.items(), key=lambda item: names.get(item[0], item[0])):
        name = names.get(code, code)
        rows.append(
            [Cell(name, path=f"{PATH}/partner/{code}"), *(score_cell(by[one], f"{name} {one}") for one in DIMENSIONS)]
        )
    return Block(
        "得分与趋势",
        [("合作单位", 3), *((one.value, 2) for one in DIMENSIONS)],
        rows,
        means=f"{FORMULA}。时效性：{FORMULA_DUE}。{asked.words}。",
        query="scores",
        empty="还没有合作单位的声明，也没有交付。",
    )


def score_cell(line: Line, label: str) -> Cell:
    """The score of a line with its trend; of few points the number alone, with a word why."""
    points = by_month(line.points) if line.dimension is Dimension.TIMELINESS else line.points
    if not points:
        return Cell("—", small="没有数据", number=True)
    count = len(line.points)
    small = f"{count} 份应到" if line.dimension is Dimension.TIMELINESS else f"{count} 次交付"
    if len(points) == 1:
        small += "，还没有趋势"
    if not line.exact:
        small += "，含估算"
    return Cell(percent(line.score), small=small, chart=spark(points, label) if len(points) > 1 else None, number=True)


def dimension_block() -> Block:
    """What each dimension asks."""
    return Block(
        "六个维度",
        [("维度", 1), ("看什么", 6)],
        [[Cell(one.value), Cell(MEANS[one])] for one in DIMENSIONS],
        means="前五个维度按 GB/T 36344-2018《信息技术 数据质量评价指标》，另加唯一性。",
    )


def delivery_block(reader: Reader, asked: Period, names: dict[str, str], partner: str | None = None) -> Block:
    """The deliveries of the period, newest first."""
    rows = [
        [
            Cell(f"交付 {row.delivery_id}", path=f"{PATH}/delivery/{row.delivery_id}"),
            Cell(names.get(row.partner, row.partner)), Cell(str(row.as_of)), Cell(ROSTER_KINDS.get(row.kind, row.kind)),
            Cell("—" if row.rows is None else f"{row.rows:,}", number=True),
            Cell(STATES[row.state][0], state=STATES[row.state][1] or "plain"),
        ]
        for row in reader.ask("deliveries", first=asked.first, last=asked.last, partner=partner)
    ]  # fmt: skip
    return Block(
        "各次交付",
        [("交付", 2), ("合作单位", 3), ("数据日期", 2), ("类型", 2), ("行数", 2), ("情况", 2)],
        rows,
        means="数据日期在期间内的交付，新的在前，最多 60 次；行数是校验过的行数，未能读取的没有。",
        query="deliveries",
        empty="这段时间没有交付。",
    )
