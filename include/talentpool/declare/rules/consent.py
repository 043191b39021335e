"""Rules about consent, what was given before, and doubts about who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from talentpool.declare.base import Code, Declaration, Whole
from talentpool.declare.rules.known import Fact, Known
from talentpool.declare.rules.registry import LAWFUL, Why, rule


@rule(
    Literal[True],
    default=True,
    reasons={"no_notice": Why("授权时的告知书未包含本次活动用途", "按包含此用途的告知书重新授权", LAWFUL)},
    says=lambda _: "授权时的告知书包含本次活动用途",
)
def notice(known: Known, _: bool) -> Mapping[str, Fact]:
    """The notice the person agreed to names the campaign's purpose. No campaign can switch this off."""
    return {"no_notice": sa.not_(known.notice_covers)}


class Served(Declaration):
    """For a purpose ('' = the campaign's own), within so many days before the as-of date."""

    purpose: Code | Literal[""] = ""
    days: Whole = Field(ge=1, le=3660)


def _since(known: Known, service: Served) -> Fact:
    """Whether a locked list of the purpose had the person within the days. Null for never."""
    return known.last_served[service.purpose] >= known.as_of - timedelta(days=service.days)


@rule(
    Served,
    reasons={"not_served_before": Why("规定时间内未参加过本次活动所要求的前一项活动", "先参加前一项活动")},
    says=lambda service: f"此前 {service.days} 天内参加过所要求的前一项活动",
)
def served(known: Known, service: Served) -> Mapping[str, Fact]:
    """On a locked list of the purpose within N days: what follows an earlier campaign."""
    return {"not_served_before": sa.not_(sa.func.coalesce(_since(known, service), sa.false()))}


@rule(
    Served,
    reasons={"served_lately": Why("规定时间内已参加过同类活动，本次不重复安排", "等到间隔期满")},
    says=lambda service: f"此前 {service.days} 天内未参加过同类活动",
)
def not_served(known: Known, service: Served) -> Mapping[str, Fact]:
    """On no locked list of the purpose within N days; the list's own cycle is no earlier one."""
    return {"served_lately": sa.func.coalesce(_since(known, service), sa.false())}


@rule(
    Literal["wait", "count"],
    reasons={
        "identity_open": Why(
            "身份待复核：可能与另一条记录是同一人。请先在“复核”页作出判断，再重新生成名单", "在“复核”页作出判定"
        )
    },
    says=lambda what: "身份无待复核的疑问" if what == "wait" else "",
)
def open_pairs(known: Known, what: str) -> Mapping[str, Fact]:
    """Whoever may be one person with somebody else waits until somebody has said so, where the campaign asks for it."""
    return {"identity_open": known.open_pair} if what == "wait" else {}
