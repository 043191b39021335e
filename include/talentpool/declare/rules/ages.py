"""Rules about age and birthday. Ages are completed years on a stated day, compared as birth dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field

from talentpool.declare.ages import latest_birth_date
from talentpool.declare.base import Day, Whole
from talentpool.declare.pool import AgeBand
from talentpool.declare.rules.known import Fact, Known
from talentpool.declare.rules.registry import LAWFUL, Why, rule

YOUNGEST = 16
"""Below it nobody may work (Labour Law, article 15), and nobody is on a list."""


class AgeOnList(AgeBand):
    """An age band of a campaign, counted on the as-of date, on the occasion, or on a day that is written."""

    min: Whole = Field(ge=YOUNGEST, le=100)
    max: Whole = Field(ge=YOUNGEST, le=100)
    on: Literal["as_of", "occasion"] | Day = "as_of"


def _say_age(band: AgeOnList) -> str:
    upper = f"{band.max} 周岁以下（含 {band.max}）" if band.inclusive else f"不满 {band.max} 周岁"
    day = {"as_of": "", "occasion": "（按活动日计）"}.get(str(band.on), f"（按 {band.on} 计）")
    return f"年满 {band.min} 周岁、{upper}{day}"


@rule(
    AgeOnList,
    reasons={
        "age_unknown": Why("出生日期未知，无法核对年龄", "补全出生日期"),
        "age_outside": Why("年龄不在本次活动范围内", "不能改变，登记有误时更正出生日期"),
    },
    says=_say_age,
)
def age(known: Known, band: AgeOnList) -> Mapping[str, Fact]:
    """Completed years on the stated day inside the campaign's band."""
    day = {"as_of": known.as_of, "occasion": known.occasion}[band.on] if isinstance(band.on, str) else band.on
    first_too_old = band.max + 1 if band.inclusive else band.max
    young_enough = known.birth_date > latest_birth_date(first_too_old, day, band.birthday_rule)
    old_enough = known.birth_date <= latest_birth_date(band.min, day, band.birthday_rule)
    return {"age_unknown": known.birth_date.is_(None), "age_outside": sa.not_(sa.and_(old_enough, young_enough))}


@rule(
    Literal[True],
    default=True,
    reasons={"under_sixteen": Why("不满 16 周岁，不列入任何名单", "年满 16 周岁", LAWFUL)},
    says=lambda _: "",
)
def youngest(known: Known, _: bool) -> Mapping[str, Fact]:
    """Nobody under 16 on the as-of date is listed, also where a campaign names no age; no campaign waives it."""
    return {"under_sixteen": known.birth_date > latest_birth_date(YOUNGEST, known.as_of)}


Month = Annotated[int, Field(ge=1, le=12, strict=True)]


@rule(
    Literal["occasion"] | Annotated[tuple[Month, ...], Field(min_length=1)],
    reasons={
        "birthday_unknown": Why("出生日期未知，无法核对生日", "补全出生日期"),
        "birthday_other_month": Why("生日不在本次活动的月份", "等到生日所在月份的活动"),
    },
    says=lambda months: "生日在活动日所在月份" if months == "occasion" else f"生日在 {'、'.join(map(str, months))} 月",
)
def birthday_month(known: Known, months: Literal["occasion"] | tuple[int, ...]) -> Mapping[str, Fact]:
    """Born in the month of the occasion, or in one of those named."""
    wanted = (known.occasion.month,) if months == "occasion" else months
    month = sa.extract("month", known.birth_date)
    return {"birthday_unknown": known.birth_date.is_(None), "birthday_other_month": month.not_in(wanted)}
