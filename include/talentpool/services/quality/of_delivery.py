"""Put together the page of one delivery: each rule with share, count, change against the delivery before, and line numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from talentpool.expect import in_words
from talentpool.services.quality.overview import PATH, STATES
from talentpool.services.quality.reading import Reader
from talentpool.services.quality.scores import FORMULA, OF_ROWS, Point, percent
from talentpool.services.quality.sheet import Block, Cell, Sheet
from talentpool.texts.dimensions import Dimension
from talentpool.texts.labels import ROSTER_KINDS
from talentpool.texts.reasons import reasons

OUTCOMES = {
    "passed": "通过", "quarantined": "隔离", "refused": "拒收", "set_aside": "值不采用", "noted": "提示", "held": "搁置",
    "rejected": "退回",
}  # fmt: skip
ENGINES = {"gx": "两种算法相符", "recount": "数据库计数", "record": "按原有记录"}
SHOWN_EQUAL = "与上次相同"
OF_ROWS_MEANS = (
    "占比 = 有问题的行数 ÷ 检查的行数。逐行的规则各自看每一行；拒收的行不再数值的问题，也不留行号。行号是名册数据行的序号"
    "（表头之后第一行为 1），最多五个，不显示任何值。这次和上次都没有发现问题的不列在这里。"
)
OF_WHOLE = "对整份名册的判断：行数一栏是次数。只列发现问题的。"


def delivery_sheet(reader: Reader, delivery_id: int, counties: Mapping[str, str]) -> Sheet | None:
    """The delivery, of the reader's side; None where the reader sees nothing of it. `counties`: code -> name, of the sides
    that the reader may choose; empty for who has one side."""
    row = next(iter(reader.ask("delivery", delivery=delivery_id)), None)
    results = reader.ask("results", delivery=delivery_id)
    if row is None or (reader.side and not results and not _has_rows(reader, delivery_id)):
        return None
    name = reader.names().get(row.partner, row.partner)
    before = next(
        iter(reader.ask("before", partner=row.partner, kind=row.kind, as_of=row.as_of, delivery=delivery_id)), None
    )
    past = {} if before is None else {one.rule: one for one in reader.ask("results", delivery=before.delivery_id)}
    where = f"，{counties[reader.side]}的行" if reader.side in counties else ""
    blocks = [_scores(reader, row, None if before is None else before.delivery_id)]
    if reader.whole and not reader.side:
        blocks = [*_verdict(reader, delivery_id), *blocks]
    rules = [one for one in results if one.level != "staging"]
    blocks += [_rules(title, [one for one in rules if one.level in levels], past, means)
               for title, levels, means in (("对整份名册的判断", ("delivery",), OF_WHOLE),
                                            ("逐行与逐值的规则", ("row", "value"), OF_ROWS_MEANS))]  # fmt: skip
    if passed := [one for one in rules if one.level == "row" and not _speaks(one, past)]:
        blocks.append(_passed(passed))
    if checks := [one for one in results if one.level == "staging"]:
        blocks.append(_checks(checks))
    there = {one.side for one in reader.ask("sides", delivery=delivery_id)} if reader.whole else set()
    return Sheet(
        title=f"{name} {row.as_of} 的名册",
        sub=f"交付 {delivery_id}，{ROSTER_KINDS.get(row.kind, row.kind)}，{STATES[row.state][0]}{where}。"
            + (f"变化是与交付 {before.delivery_id} 相比。" if before is not None else "这是第一次，没有可比的交付。"),
        path=f"{PATH}/delivery/{delivery_id}",
        ways=[("质量评分", PATH), (name, f"{PATH}/partner/{row.partner}")],
        blocks=blocks,
        sides=[("全部", f"{PATH}/delivery/{delivery_id}"), *((named, f"{PATH}/delivery/{delivery_id}?county={code}")
               for code, named in sorted(counties.items()) if code in there)] if reader.whole else [],
    )  # fmt: skip


def _has_rows(reader: Reader, delivery_id: int) -> bool:
    return any(one.side == reader.side for one in reader.ask("sides", delivery=delivery_id))


def _verdict(reader: Reader, delivery_id: int) -> list[Block]:
    """What became of it and why, in the words of the verdict."""
    (row,) = reader.ask("verdict", delivery=delivery_id)
    facts = [("行数", row.rows), ("入库", row.accepted), ("隔离", row.quarantined), ("拒收", row.refused)]
    told = [[Cell(name), Cell(f"{count:,}", number=True)] for name, count in facts]
    words = [in_words(finding) for finding in row.findings] or ([row.message] if row.message else [])
    return [
        Block("行数", [("项目", 1), ("行", 1)], told, means="行数 = 入库 + 隔离 + 拒收；没有读取就退回的都是 0。",
              query="verdict"),
        Block("结论的理由", [("理由", 1)], [[Cell(one)] for one in words], query="verdict", empty="没有搁置或退回的理由。",
              means="搁置或退回时写明理由；已按决定入库的，理由仍在。"),
    ]  # fmt: skip


def _scores(reader: Reader, row: sa.Row[Any], before: int | None) -> Block:
    """The delivery's score by dimension, beside that of the delivery before."""
    days: dict[tuple[int, str], Point] = {}
    first = row.as_of.replace(year=row.as_of.year - 3, day=1)
    for one in reader.ask("scores", first=first, last=row.as_of, partner=row.partner):
        days[one.delivery_id, one.dimension] = Point(one.as_of, one.rows, one.faulty, one.delivery_id, one.exact)
    rows = []
    for dimension in (*OF_ROWS, Dimension.TIMELINESS):
        now = days.get((row.delivery_id, dimension.value))
        then = days.get((before, dimension.value)) if before is not None else None
        faulty = "—" if now is None else f"{now.faulty:,}"
        told = percent(now.score if now else None) + ("" if now is None or now.exact else "（估算）")
        rows.append([Cell(dimension.value), Cell(told, number=True), Cell(faulty, number=True),
                     Cell(percent(then.score if then else None), number=True)])  # fmt: skip
    return Block(
        "得分",
        [("维度", 2), ("本次", 2), ("有问题的行", 2), ("上次", 2)],
        rows,
        means=f"{FORMULA}。这里的时效性只看行里的日期；名册是否按时见交付日历。",
        query="scores",
    )


def _rules(title: str, results: Sequence[sa.Row[Any]], past: Mapping[str, Any], means: str) -> Block:
    rows = [
        [
            Cell(reasons()[one.code].text_zh, path=f"{PATH}/rule/{one.rule}", small=OUTCOMES[one.outcome]),
            Cell(one.dimension), Cell(_share(one), number=True), Cell(f"{one.failed:,}", number=True),
            Cell(change(one, past.get(one.rule)), number=True),
            Cell("、".join(map(str, one.samples)) if one.failed else ""), Cell(ENGINES[one.engine]),
        ]
        for one in results
        if _speaks(one, past)
    ]  # fmt: skip
    return Block(
        title,
        [("规则", 6), ("维度", 2), ("占比", 2), ("行数", 2), ("变化", 2), ("例如第几行", 3), ("怎么数的", 3)],
        rows,
        means=means,
        query="results",
        empty="没有发现问题。",
    )  # fmt: skip


def _speaks(one: Any, past: Mapping[str, Any]) -> bool:
    """Whether the rule failed, or did the last time."""
    return bool(one.failed or (one.rule in past and past[one.rule].failed))


def _passed(results: Sequence[sa.Row[Any]]) -> Block:
    rows = [[Cell(reasons()[one.code].text_zh, path=f"{PATH}/rule/{one.rule}"), Cell(one.dimension), Cell(ENGINES[one.engine])]
            for one in results]  # fmt: skip
    return Block("通过的逐行规则", [("规则：没有这样的行", 6), ("维度", 2), ("怎么数的", 3)], rows,
                 means="这次和上次都没有这样的行。", query="results")  # fmt: skip


def change(now: Any, then: Any) -> str:
    """How the share moved, in points of a hundred."""
    if then is None or not then.rows or not now.rows or now.level == "delivery":
        return "—"
    moved = 100 * (now.failed / now.rows - then.failed / then.rows)
    return SHOWN_EQUAL if abs(moved) < 0.05 else f"{moved:+.1f} 点".replace("-", "−")


def _share(one: Any) -> str:
    if one.level == "delivery" or not one.rows:
        return "—"
    return percent(one.failed / one.rows) if one.failed else "0"


def _checks(checks: Sequence[sa.Row[Any]]) -> Block:
    (passed, engine) = sum(one.failed == 0 for one in checks), checks[0].engine
    return Block(
        "系统自身的校验",
        [("项目", 3), ("结果", 2), ("怎么数的", 2)],
        [[Cell(f"暂存数据的 {len(checks)} 项一致性检查"), Cell(f"{passed} 项通过"), Cell(ENGINES[engine])]],
        means="检查的是我们自己的读取和清洗，不是名册；有一项不通过，整份名册就不入库。",
        query="results",
    )
