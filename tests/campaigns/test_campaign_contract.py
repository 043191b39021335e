"""Every campaign file as shipped: typed, told in Chinese, covered by a notice, with an occasion that comes round."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from talentpool.campaigns import event_dates, turn_of, turns
from talentpool.declare import campaign_files, load_campaign
from talentpool.declare.rules import RULES, conditions
from talentpool.settings import INCLUDE

FILES = campaign_files([INCLUDE / "campaigns"])
YEARS = range(2026, 2036)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


NOT_YET_LAWFUL = {"mid_autumn", "spring_festival", "traffic_safety", "courier_letter"}
"""Campaigns whose purpose the office's first notice did not name: its next version is the office's act."""


def test_the_nine_campaigns_ship_in_four_forms() -> None:
    forms = {code: load_campaign([INCLUDE / "campaigns"], code).form for code in FILES}
    assert forms == {
        "warm_winter": "kit", "dragon_boat": "kit", "mid_autumn": "kit", "spring_festival": "kit", "summer_cooling": "kit",
        "health_check": "session", "riders_day": "event", "traffic_safety": "event", "courier_letter": "letter",
    }  # fmt: skip


@pytest.mark.parametrize("code", FILES)
def test_a_campaign_loads_and_reads_in_chinese(code: str) -> None:
    campaign = load_campaign([INCLUDE / "campaigns"], code)
    for text in (campaign.name, campaign.owner, campaign.item, *conditions(campaign.eligibility)):
        assert _chinese(text), text


@pytest.mark.parametrize("code", FILES)
def test_a_notice_that_people_have_agreed_to_names_the_purpose_or_the_campaign_waits_for_one(code: str) -> None:
    campaign = load_campaign([INCLUDE / "campaigns"], code)
    with (INCLUDE / "reference/notices.csv").open(encoding="utf-8", newline="") as lines:
        covered = campaign.purpose in {row["purpose"] for row in csv.DictReader(lines)}
    assert covered is (code not in NOT_YET_LAWFUL)


@pytest.mark.parametrize("code", FILES)
def test_a_list_is_drawn_before_each_occasion_and_serves_that_cycle(code: str) -> None:
    campaign = load_campaign([INCLUDE / "campaigns"], code)
    drawn, due = event_dates(campaign, YEARS), turns(campaign, YEARS)
    assert len(set(drawn)) == len(due) >= len(YEARS)
    for turn, day in zip(due, drawn, strict=True):
        assert day + timedelta(days=campaign.lead_days) == turn.first
        assert turn_of(campaign, day) == turn


@pytest.mark.parametrize("code", FILES)
def test_the_declared_rules_are_rules_and_nobody_is_served_without_notice(code: str) -> None:
    campaign = load_campaign([INCLUDE / "campaigns"], code)
    assert set(campaign.eligibility) <= set(RULES)
    assert campaign.eligibility["notice"] is True
    assert campaign.eligibility["active"] is True


def test_a_campaign_is_one_file(tmp_path: Path) -> None:
    facts = yaml.safe_load(FILES["warm_winter"].read_text(encoding="utf-8"))
    facts |= {"code": "dragon_boat_more", "name": "端午送粽子", "purpose": "dragon_boat", "item": "粽子",
              "occasion": {"festival": "端午"}, "lead_days": 10, "leads": {"freeze": 5, "buy": 4}}  # fmt: skip
    (tmp_path / "dragon_boat_more.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    added = load_campaign([INCLUDE / "campaigns", tmp_path], "dragon_boat_more")
    assert event_dates(added, [2027]) == [date(2027, 5, 30)]
