"""Say in one Chinese paragraph who gets what of a campaign, from its declaration alone."""

from __future__ import annotations

from collections.abc import Mapping

from talentpool.declare import Campaign
from talentpool.declare.form import FORM_WORDS
from talentpool.declare.rules import conditions
from talentpool.declare.stock import CITY, ORDER_WORDS, Stock


def paragraph(campaign: Campaign, names: Mapping[str, str] | None = None) -> str:
    """The rule of the campaign. `names`: county code -> name; without it the code is said."""
    asked = "、".join(conditions(campaign.eligibility))
    act = FORM_WORDS[campaign.form].act
    told = f"{campaign.name}向符合下列全部条件的人{act}{campaign.item}：{asked}。"
    if campaign.room is None:
        return f"{told}符合条件的人人有份，不分先后。"
    return f"{told}{_how_many(campaign, names or {})}{_how_shared(campaign)}{_in_what_order(campaign)}"


def _how_many(campaign: Campaign, names: Mapping[str, str]) -> str:
    stock = campaign.stock
    seats = sum(place.seats for place in campaign.places)
    places = f"场次共有 {seats} 个名额；" if seats else ""
    if stock is None:
        return places
    here = "、".join(
        f"{names.get(place, place) or '全市'} {number} 份" for place, number in sorted(stock.at_hand().items())
    )
    return f"{places}现有物资：{here}{_from_whom(stock)}；{_kept_back(stock, names)}"


def _from_whom(stock: Stock) -> str:
    return f"（其中{'、'.join(gift.told() for gift in stock.donated)}）" if stock.donated else ""


def _kept_back(stock: Stock, names: Mapping[str, str]) -> str:
    back = {place: number for place, number in sorted(stock.kept_back().items()) if number}
    if not back:
        return ""
    said = "、".join(
        f"{number} 份" if place == CITY else f"{names.get(place, place)} {number} 份" for place, number in back.items()
    )
    return f"其中 {stock.reserve}%（{said}）留给后补的人员；"


def _how_shared(campaign: Campaign) -> str:
    if campaign.shares is not None and CITY not in campaign.shares:
        return (
            "不够时在各区县内分配：先保证每个有符合条件人员的单位至少一份，其余按各单位符合条件的人数用除数法"
            "（圣拉格法）分到各单位；"
        )
    return (
        "不够时先保证每个有符合条件人员的区县至少一份，并尽量使每个单位至少一份，其余按符合条件的人数用除数法"
        "（圣拉格法）分到各区县，区县内再照此分到各单位；"
    )


def _in_what_order(campaign: Campaign) -> str:
    words = [ORDER_WORDS[criterion] for criterion in campaign.order]
    if not words:
        return "同一区县、同一单位内由系统抽签决定，抽签种子记入名单，任何人不能挑选。"
    by = "（以往期回执登记的领取为准）" if campaign.served_by == "received" else ""
    return f"同一区县、同一单位内依次为：{'，'.join(words)}{by}；仍相同的由系统抽签决定，抽签种子记入名单，任何人不能挑选。"
