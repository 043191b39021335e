"""Charts of 谁是谁: what is for stands right of what is against, labels are whole, one day is enough to draw."""

from __future__ import annotations

import re
from datetime import date, timedelta

from talentpool.match import load_weights
from talentpool.report.charts import WARN
from talentpool.report.identity import Day, Scores, Weight, weights_of
from talentpool.report.identity_charts import AGAINST, FOR, scores_chart, waiting_chart, weights_chart

DAY = Day(date(2026, 10, 31), 1, True, 9, 9, 0, 0, 0, 5)


def words(svg: str) -> list[str]:
    return [text for text in re.findall(r">([^<>]+)</(?:text|tspan)>", svg) if text.strip()]


def bars(svg: str, colour: str) -> list[float]:
    """Left edges of the bars of a colour."""
    return [float(x) for x in re.findall(rf'd="M([\d.]+),[^"]*" fill="{colour}"', svg)]


def test_every_weight_is_named_with_its_bits_and_points_to_its_side() -> None:
    weights = weights_of(load_weights())
    drawn = str(weights_chart(weights, label="x"))
    said = words(drawn)
    assert {"证件号码完整且相同", "+22", "−60", "−2.8～+5.2", "手机号码相同，但为多人共用", "0"} <= set(said)
    assert "…" not in "".join(said)
    assert len([text for text in said if re.match(r"[+−]?\d", text)]) == len(weights)
    right, left = bars(drawn, FOR), bars(drawn, AGAINST)
    assert len(right) > 8 and len(left) > 8
    assert max(left) < min(right), "all that is for begins where all that is against ends"


def test_bars_are_as_long_as_their_bits_are_many() -> None:
    drawn = str(weights_chart([Weight("相同", 20.0, 20.0), Weight("不同", -60.0, -60.0)], label="x"))
    (right,), (left,) = (
        re.findall(rf'd="M[\d.]+,[\d.]+h([\d.]+)[^"]*" fill="{side}"', drawn) for side in (FOR, AGAINST)
    )
    assert 2.9 < float(left) / float(right) < 3.1


def test_a_label_too_long_for_a_line_takes_two() -> None:
    long = "至少一方没有出生日期，或已由相同证件号码说明"
    said = words(str(weights_chart([Weight(long, -1.5, -1.5), Weight("姓名不同", -30.0, -30.0)], label="x")))
    assert {"至少一方没有出生日期，", "或已由相同证件号码说明", "−1.5", "−30"} <= set(said)
    drawn = str(weights_chart([Weight(long, -1.5, -1.5), Weight("姓名不同", -30.0, -30.0)], label="x"))
    two, one = (float(y) for y in re.findall(r'translate\(-2,([\d.]+)\)"[^>]*>(?:<tspan>至少|姓名不同)', drawn))
    assert one - two == 24 + 7, "both lines stand about the bar, clear of the next label"


def test_scores_stand_in_two_colours_between_two_lines() -> None:
    bands = load_weights().bands.model_copy(update={"same": 4.25})
    drawn = str(scores_chart(Scores(((-2, 0, 3), (0, 0, 1), (17, 40, 2)), bands), label="x"))
    assert {"等待复核", "自动合并", "−2", "4.25"} <= set(words(drawn)), "a run finds the bound in quarters of a bit"
    assert drawn.count("stroke-dasharray") == 2
    assert len(re.findall(rf'<path[^>]*fill="{WARN}"', drawn)) >= 3, "what waits is not hidden behind what was united"


def test_a_single_day_and_years_of_months_can_be_drawn() -> None:
    assert "10月31日" in words(str(waiting_chart([DAY], label="x")))
    months = [Day(DAY.on + timedelta(days=30 * n), 1, False, 9, 9, 0, 0, n % 2, 5 + n) for n in range(24)]
    said = words(str(waiting_chart(months, label="x")))
    assert {"2026年10月", "2028年9月", "等待（对）", "判定（对）"} <= set(said)
    unknown = Day(DAY.on + timedelta(days=1), 0, False, 0, 0, 0, 0, 3, None)
    assert "11月1日" in words(str(waiting_chart([unknown, DAY], label="x")))
