"""The rule of a campaign in one paragraph: from the declaration alone, for every campaign that ships."""

from __future__ import annotations

import pytest

from talentpool.campaigns.sharing import paragraph
from talentpool.declare import campaign_files, load_campaign
from talentpool.declare.rules import conditions
from talentpool.declare.stock import Stock
from talentpool.settings import INCLUDE

FOLDERS = [INCLUDE / "campaigns"]


@pytest.mark.parametrize("code", campaign_files(FOLDERS))
def test_every_campaign_says_its_rule_in_one_paragraph(code: str) -> None:
    campaign = load_campaign(FOLDERS, code)
    told = paragraph(campaign)
    assert "\n" not in told
    assert told.endswith("。")
    for words in (campaign.name, campaign.item, *conditions(campaign.eligibility)):
        assert words in told
    assert ("人人有份" in told) is (campaign.room is None)
    short = paragraph(campaign.model_copy(update={"stock": Stock(total=30, reserve=10)}))
    assert "现有物资：全市 30 份；其中 10%（3 份）留给后补的人员；不够时" in short
    assert "抽签种子记入名单" in short


def test_the_paragraph_of_a_short_stock() -> None:
    winter = load_campaign(FOLDERS, "warm_winter").model_copy(update={"stock": Stock(total=800)})
    assert paragraph(winter) == (
        "暖冬行动向符合下列全部条件的人发放暖冬慰问包（手套、暖手宝、方便食品）：在岗、身份信息足以确认是同一人、"
        "年满 16 周岁、35 周岁以下（含 35）、工作区县明确、授权时的告知书包含本次活动用途。现有物资：全市 800 份；"
        "不够时先保证每个有符合条件人员的区县至少一份，并尽量使每个单位至少一份，其余按符合条件的人数用除数法"
        "（圣拉格法）分到各区县，区县内再照此分到各单位；同一区县、同一单位内依次为：从未享受过本项活动的优先，"
        "距上次享受时间最长的优先，在现岗位工作时间最长的优先（以往期回执登记的领取为准）；仍相同的由系统抽签决定，抽签种子记入名单，任何人不能挑选。"
    )


def test_a_county_is_said_by_its_name() -> None:
    winter = load_campaign(FOLDERS, "warm_winter")
    own = winter.model_copy(update={"stock": Stock(counties={"140403": 50, "140404": 30}, reserve=10)})
    told = paragraph(own, {"140403": "潞州区", "140404": "上党区"})
    assert (
        "潞州区 50 份、上党区 30 份；其中 10%（潞州区 5 份、上党区 3 份）留给后补的人员；不够时在各区县内分配" in told
    )
