"""What the page 试算 offers means the settings of a dry run, and a wrong one is named in Chinese."""

from __future__ import annotations

import re

import pytest

from talentpool.campaigns.dry_run import changed
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.stock import Stock
from talentpool.errors import UsageError
from talentpool.services.desk.try_settings import OFFERED, ORDERS, declared_words, read_settings, told
from talentpool.settings import Settings

DIRS = Settings().campaign_dirs


def campaign(**facts: object) -> Campaign:
    return load_campaign(DIRS, "warm_winter").model_copy(update=facts)


def test_what_is_filled_in_is_what_is_tried() -> None:
    given = {"stock": "500", "reserve": "10", "age_min": "18", "age_max": "40", "order": "trade", "not_served": "90",
             "unit_cost": "12.50"}  # fmt: skip
    tried = changed(campaign(), read_settings(campaign(), given))
    assert tried.stock == Stock(total=500, reserve=10)
    assert (tried.eligibility["age"].min, tried.eligibility["age"].max) == (18, 40)
    assert tried.eligibility["not_served"].days == 90 and str(tried.unit_cost) == "12.5"
    assert tried.order == ORDERS["trade"] and set(given) == set(OFFERED)
    assert [name for name, *_ in told(given)] == list(OFFERED)


def test_a_field_left_empty_is_as_declared_and_what_is_kept_back_stays() -> None:
    assert read_settings(campaign(), dict.fromkeys(OFFERED, "")) == {}
    short = campaign(stock=Stock(total=100, reserve=20))
    assert changed(short, read_settings(short, {"stock": "50"})).stock == Stock(total=50, reserve=20)
    assert changed(short, read_settings(short, {"reserve": "0"})).stock == Stock(total=100)
    by_county = campaign(stock=Stock(counties={"140403": 5, "140404": 6}))
    assert changed(by_county, read_settings(by_county, {"stock": "50"})).stock == Stock(total=50)
    assert changed(campaign(), read_settings(campaign(), {"order": "lottery"})).order == ()


@pytest.mark.parametrize("name", sorted(OFFERED))
@pytest.mark.parametrize("value", ["-1", "[1", "nan", "9" * 30, "0x1", "1e9", "{total: 1}", "一"])
def test_what_is_no_value_of_the_field_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_settings(campaign(), {name: value})
    words = str(refused.value)
    assert OFFERED[name].label in words and value not in words.replace("100", "")
    assert not re.search(r"[A-Za-z]{3}", words)


def test_what_does_not_fit_the_declaration_says_what_is_missing() -> None:
    rules = {name: rule for name, rule in campaign().eligibility.items() if name != "age"}
    for asked, given, words in (
        (campaign(), {"reserve": "5"}, "须同时填“物资总数”"),
        (campaign(), {"age_min": "36"}, "大于“最大年龄”（35）"),
        (campaign(eligibility=rules), {"age_max": "40"}, "须一起填"),
        (campaign(), {"party": "x"}, "不能试算的设定"),
    ):
        with pytest.raises(UsageError, match=words):
            read_settings(asked, given)
    both = changed(
        campaign(eligibility=rules), read_settings(campaign(eligibility=rules), {"age_min": "20", "age_max": "40"})
    )
    assert both.eligibility["age"].max == 40


def test_every_campaign_that_ships_says_what_it_declares() -> None:
    for path in sorted(DIRS[0].glob("*.yml")):
        one = load_campaign(DIRS, path.stem)
        words = declared_words(one)
        assert set(words) == set(OFFERED) and all(words.values())
        read_settings(one, {"stock": "10", "age_min": "18", "age_max": "30", "order": "new", "unit_cost": "3"})
