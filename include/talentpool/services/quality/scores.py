"""Reckon scores: the share of rows without a fault, by partner and dimension, delivery by delivery and over a period.

score = 1 - rows with a fault of the dimension / rows looked at. Timeliness is the share of due rosters that came within their
grace. A mask that was agreed is no fault. Nothing is ranked: neither counties nor partners are put in an order by score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from talentpool.services.quality.reading import Period, Reader
from talentpool.texts.dimensions import Dimension

OF_ROWS = tuple(one for one in Dimension if one is not Dimension.TIMELINESS)
MEANS = {
    Dimension.COMPLETENESS: "工号、姓名、工作区县、授权、证件号码、手机号码有没有填。约定可用的掩码算已填写",
    Dimension.CONFORMITY: "写法合不合约定：日期、代码、列名、记号",
    Dimension.ACCURACY: "内容能不能是真的：校验位、占位内容、年龄",
    Dimension.CONSISTENCY: "各项之间、与已登记的同一人是否相符",
    Dimension.UNIQUENESS: "一人一行、一号一人",
    Dimension.TIMELINESS: "名册是否在宽限期内收到（见交付日历）",
}
"""What each dimension asks, in words."""
FORMULA = (
    "得分 = 1 − 有该维度问题的行数 ÷ 检查的行数；期间得分把期间内各次交付的行数分别相加再算。一行有几个问题只算一次"
)
FORMULA_DUE = "得分 = 宽限期内收到的份数 ÷ 应到的份数；迟到、缺失都不算按时，尚在宽限期内的、接入前各期补录的不计入"


@dataclass(frozen=True)
class Point:
    """One delivery, or one roster that was due. `exact`: False where faults were added up (deliveries from before)."""

    day: date
    rows: int
    faulty: int
    delivery_id: int | None = None
    exact: bool = True

    @property
    def score(self) -> float | None:
        return 1 - self.faulty / self.rows if self.rows else None


@dataclass(frozen=True)
class Line:
    """The points of one partner and dimension, by day."""

    partner: str
    dimension: Dimension
    points: tuple[Point, ...]

    @property
    def score(self) -> float | None:
        """Over all points; None without any row."""
        rows = sum(point.rows for point in self.points)
        return 1 - sum(point.faulty for point in self.points) / rows if rows else None

    @property
    def exact(self) -> bool:
        return all(point.exact for point in self.points)


def lines(reader: Reader, asked: Period, partner: str | None = None) -> dict[str, dict[Dimension, Line]]:
    """Partner -> dimension -> its line; partners that are declared, and those that only deliveries name."""
    points: dict[tuple[str, Dimension], list[Point]] = {}
    for row in reader.ask("scores", first=asked.first, last=asked.last, partner=partner):
        key = row.partner, Dimension(row.dimension)
        points.setdefault(key, []).append(Point(row.as_of, row.rows, row.faulty, row.delivery_id, row.exact))
    for code, due in reader.punctual(asked).items():
        points[code, Dimension.TIMELINESS] = [Point(day, 1, 0 if came else 1) for day, came in due]
    codes = [partner] if partner else list(dict.fromkeys([*reader.names(), *(code for code, _ in points)]))
    return {code: {one: Line(code, one, tuple(points.get((code, one), ()))) for one in Dimension} for code in codes}


def by_month(points: Iterable[Point]) -> tuple[Point, ...]:
    """Points of one month added up, on the first of the month: of rosters that were due one by one nobody sees a trend."""
    months: dict[date, list[Point]] = {}
    for point in points:
        months.setdefault(point.day.replace(day=1), []).append(point)
    return tuple(
        Point(day, sum(one.rows for one in many), sum(one.faulty for one in many))
        for day, many in sorted(months.items())
    )


def percent(score: float | None) -> str:
    """A score as officers read it: never rounded up to all."""
    if score is None:
        return "—"
    told = f"{100 * score:.1f}%"
    return "99.9%" if told == "100.0%" and score < 1 else "100%" if told == "100.0%" else told
