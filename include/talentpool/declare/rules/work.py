"""Rules about work: what as, for whom, where, since when. All of the home record, where the person is served."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field, model_validator

from talentpool.declare.base import Code, Day, Declaration, Whole
from talentpool.declare.rules.known import Fact, Known
from talentpool.declare.rules.registry import Why, rule

CountyCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


@rule(
    tuple[Code, ...],
    reasons={"occupation_outside": Why("从业类别不在本次活动范围内", "不能改变，登记有误时更正从业类别")},
    says=lambda codes: "从业类别在本次活动范围内" if codes else "",
)
def occupations(known: Known, codes: tuple[str, ...]) -> Mapping[str, Fact]:
    """One of the named occupations; an empty list means any."""
    return {"occupation_outside": known.occupation.not_in(codes)} if codes else {}


@rule(
    Annotated[tuple[Code, ...], Field(min_length=1)],
    reasons={"partner_outside": Why("所在单位不在本次活动范围内", "由活动负责人放宽单位范围")},
    says=lambda _: "所在单位在本次活动范围内",
)
def partners(known: Known, codes: tuple[str, ...]) -> Mapping[str, Fact]:
    """Served at a station of one of the named partners. What a person does elsewhere is not looked at: a list would tell it."""
    return {"partner_outside": known.partner.not_in(codes)}


@rule(
    Annotated[tuple[CountyCode, ...], Field(min_length=1)],
    reasons={"county_outside": Why("服务区县不在本次活动范围内", "由活动负责人放宽区县范围")},
    says=lambda _: "服务区县在本次活动范围内",
)
def counties(known: Known, codes: tuple[str, ...]) -> Mapping[str, Fact]:
    """Served by one of the named counties. Whose county is unknown is told so by `home_county`."""
    return {"county_outside": sa.func.coalesce(known.home_county, codes[0]).not_in(codes)}


class AtStation(Declaration):
    """A station as the reference table names it."""

    partner: Code
    county: CountyCode
    name: str = Field(min_length=1)


@rule(
    Annotated[tuple[AtStation, ...], Field(min_length=1)],
    reasons={"station_outside": Why("所在站点不在本次活动范围内", "由活动负责人放宽站点范围")},
    says=lambda _: "所在站点在本次活动范围内",
)
def stations(known: Known, named: tuple[AtStation, ...]) -> Mapping[str, Fact]:
    """Served at one of the named stations."""
    there = [
        sa.and_(known.partner == at.partner, known.home_county == at.county, known.station == at.name) for at in named
    ]
    return {"station_outside": sa.func.coalesce(sa.not_(sa.or_(*there)), sa.true())}


class Joined(Declaration):
    """Either before a day, or at least so many months ago on the as-of date."""

    before: Day | None = None
    months: Whole | None = Field(default=None, ge=1, le=600)

    @model_validator(mode="after")
    def _one_of(self) -> Joined:
        if (self.before is None) == (self.months is None):
            raise ValueError("give either before or months")
        return self


@rule(
    Joined,
    reasons={
        "joined_unknown": Why("入职日期未知，无法核对从业时间", "补全入职日期"),
        "joined_later": Why("从业时间未达到本次活动的要求", "等到从业时间满足要求"),
    },
    says=lambda joined: f"{joined.before} 以前入职" if joined.before is not None else f"从业满 {joined.months} 个月",
)
def joined(known: Known, since: Joined) -> Mapping[str, Fact]:
    """At work before a day, or for at least N months: by the earliest spell that still goes on, whoever employs."""
    if since.before is not None:
        later = known.joined_on >= since.before
    else:
        later = known.joined_on > months_before(known.as_of, since.months or 0)
    return {"joined_unknown": known.joined_on.is_(None), "joined_later": later}


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month where it lacks the day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@rule(
    Literal[True],
    default=True,
    reasons={"county_unknown": Why("工作区县未知，无法确定由哪个区县服务", "补全工作区县")},
    says=lambda _: "工作区县明确",
)
def home_county(known: Known, _: bool) -> Mapping[str, Fact]:
    """Somebody must hand it out: the home county is known."""
    return {"county_unknown": sa.func.coalesce(known.home_county, "") == ""}
