"""Offer a few settings of a dry run by their Chinese names, and read what was filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from talentpool.campaigns.dry_run import changed
from talentpool.declare import Campaign
from talentpool.declare.rules.ages import YOUNGEST
from talentpool.declare.stock import ORDER_WORDS
from talentpool.errors import UsageError


@dataclass(frozen=True)
class Offered:
    """A field of the form. `least`, `most`: of a number; `choices`: code -> words, of a choice."""

    label: str
    unit: str = ""
    least: int = 0
    most: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)


ORDERS: dict[str, tuple[str, ...]] = {
    "new": ("never_served", "longest_ago", "longest_in_trade"),
    "trade": ("longest_in_trade", "never_served", "longest_ago"),
    "lottery": (),
}
OFFERED = {
    "stock": Offered("物资总数（购买与捐赠合计）", "份", 1, 9_999_999),
    "reserve": Offered("预留比例", "%", 0, 50),
    "order": Offered("物资不足时的次序", choices={
        "new": "未享受过的、间隔久的、从业久的", "trade": "从业久的、未享受过的、间隔久的", "lottery": "只抽签",
    }),
    "age_min": Offered("最小年龄", "周岁", YOUNGEST, 100),
    "age_max": Offered("最大年龄", "周岁", YOUNGEST, 100),
    "not_served": Offered("距上次同类活动不少于", "天", 1, 3660),
    "unit_cost": Offered("每份费用", "元"),
}  # fmt: skip
"""Name in the form -> what it is. A campaign's declaration has more that may be tried, by the command line."""
MONEY = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")


def declared_words(campaign: Campaign) -> dict[str, str]:
    """Name -> what the declaration says."""
    stock, rules = campaign.stock, campaign.eligibility
    band, pause = rules.get("age"), rules.get("not_served")
    by_county = "（按区县）" if stock is not None and stock.by_county else ""
    return {
        "stock": "不限" if stock is None else f"{sum(stock.at_hand().values())} 份{by_county}",
        "reserve": f"{stock.reserve if stock is not None else 0} %",
        "order": "、".join(ORDER_WORDS[one].removesuffix("的优先") for one in campaign.order) or "只抽签",
        "age_min": "不限" if band is None else f"{band.min} 周岁",
        "age_max": "不限" if band is None else f"{band.max} 周岁{'' if band.inclusive else '（不含）'}",
        "not_served": "无此要求" if pause is None else f"{pause.days} 天",
        "unit_cost": "未声明" if campaign.unit_cost is None else f"{campaign.unit_cost:.2f} 元",
    }


def told(given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, label, and the value in words, of what was filled in and read without a fault."""
    found = []
    for name, offered in OFFERED.items():
        value = given.get(name, "")
        if value:
            found.append((name, offered.label, offered.choices.get(value, f"{value} {offered.unit}")))
    return found


def read_settings(campaign: Campaign, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of `dry_run` (dotted field -> value) that the filled-in fields mean; a field left empty is as declared.

    UsageError names in Chinese the field that is wrong, and what may stand in it.
    """
    if set(given) - set(OFFERED):
        known = "、".join(offered.label for offered in OFFERED.values())
        raise UsageError(f"表单里有一项不能试算的设定。可试的有：{known}。请从页面上重新打开试算")
    number = {name: _number(name, given.get(name, "")) for name, offered in OFFERED.items() if offered.most}
    settings = {**_stock(campaign, number), **_ages(campaign, number)}
    if number["not_served"] is not None:
        settings["eligibility.not_served.days"] = str(number["not_served"])
    if given.get("order"):
        if given["order"] not in ORDERS:
            raise UsageError(f"“{OFFERED['order'].label}”请从列出的几种中选择")
        settings["order"] = f"[{', '.join(ORDERS[given['order']])}]"
    if given.get("unit_cost"):
        settings["unit_cost"] = _money(given["unit_cost"])
    try:
        changed(campaign, settings)
    except UsageError as error:
        raise UsageError("这组设定与活动声明的其他内容不能并存，请减少改动后再试") from error
    return settings


def _number(name: str, value: str) -> int | None:
    offered = OFFERED[name]
    if not value:
        return None
    if not (value.isdecimal() and len(value) <= 9 and offered.least <= int(value) <= offered.most):
        raise UsageError(f"“{offered.label}”请填 {offered.least} 到 {offered.most} 之间的整数（{offered.unit}）")
    return int(value)


def _money(value: str) -> str:
    if not MONEY.fullmatch(value) or not Decimal(value):
        raise UsageError(f"“{OFFERED['unit_cost'].label}”请填大于 0 的金额，最多两位小数（元）")
    return value


def _stock(campaign: Campaign, number: Mapping[str, int | None]) -> dict[str, str]:
    """A number for the whole city takes the place of what is declared; what is kept back stays, unless that is changed too."""
    total, reserve, declared = number["stock"], number["reserve"], campaign.stock
    if total is not None:
        kept = reserve if reserve is not None else declared.reserve if declared is not None else 0
        return {"stock": f"{{total: {total}, reserve: {kept}}}"}
    if reserve is None:
        return {}
    if declared is None:
        raise UsageError("本活动没有声明物资数量：试“预留比例”，须同时填“物资总数”")
    return {"stock.reserve": str(reserve)}


def _ages(campaign: Campaign, number: Mapping[str, int | None]) -> dict[str, str]:
    asked: dict[str, Any] = {side: number[f"age_{side}"] for side in ("min", "max")}
    band = campaign.eligibility.get("age")
    if not any(asked.values()):
        return {}
    if band is None and not all(asked.values()):
        raise UsageError("本活动没有年龄条件：试年龄，最小、最大年龄须一起填")
    least, most = (asked[side] or getattr(band, side) for side in ("min", "max"))
    if least > most:
        raise UsageError(f"“最小年龄”（{least}）大于“最大年龄”（{most}），请核对")
    return {f"eligibility.age.{side}": str(years) for side, years in asked.items() if years is not None}
