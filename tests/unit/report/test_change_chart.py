"""A chart of a change: two bars a group, before above after, each with its number, in the order that was given."""

from __future__ import annotations

import re

from talentpool.report.change_chart import change_chart
from talentpool.report.charts import OTHER, YOUTH


def bars(svg: str, colour: str) -> list[tuple[float, float, float]]:
    """(left, top, length) of the bars of a colour."""
    found = re.findall(rf'd="M([\d.]+),([\d.]+)h([\d.]+)[^"]*" fill="{colour}"', svg)
    return [(float(x), float(y), float(length)) for x, y, length in found]


def test_before_stands_above_after_and_both_begin_at_one_line() -> None:
    drawn = str(change_chart([("潞州区", 10, 40), ("平顺县", 20, 5)], names=("上一轮", "试算"), label="各区县"))
    before, after = (
        bars(drawn, OTHER)[-2:],
        bars(drawn, YOUTH)[-2:],
    )  # the legend's marks come first, or are none of these
    assert 'aria-label="各区县"' in drawn
    assert len({left for left, *_ in (*before, *after)}) == 1
    assert abs(after[0][2] / 4 - before[0][2]) < 1, "10 is a quarter of 40"
    assert all(first[1] < second[1] for first, second in zip(before, after, strict=True))
    said = re.findall(r">([^<>]+)</text>", drawn)
    assert {"潞州区", "平顺县", "上一轮", "试算", "10", "40", "20", "5"} <= set(said)
    assert drawn.index("潞州区") < drawn.index("平顺县")


def test_nothing_selected_can_be_drawn() -> None:
    assert "<svg" in str(change_chart([("潞州区", 0, 0)], label="x")) and "<svg" in str(change_chart([], label="x"))
