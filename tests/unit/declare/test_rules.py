"""Eligibility rules: typed by the declaration, told in Chinese, and a new one is one function."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from talentpool.campaigns import list_reasons
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.rules import RULES, Candidate, conditions, judge, parse_rules, rule
from talentpool.errors import DeclarationError
from talentpool.settings import INCLUDE

AS_OF = date(2026, 10, 31)


def _candidate(**facts: Any) -> Candidate:
    known: dict[str, Any] = {
        "as_of": AS_OF,
        "birth_date": date(2000, 1, 1),
        "occupation": "courier",
        "active": True,
        "weak_identity": False,
        "home_county": "140403",
        "notice_covers": True,
    }
    return Candidate(**{**known, **facts})


def _campaign(folder: Path, eligibility: Any) -> Campaign:
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    (folder / "warm_winter.yml").write_text(
        yaml.safe_dump({**facts, "eligibility": eligibility}, allow_unicode=True), encoding="utf-8"
    )
    return load_campaign([folder], "warm_winter")


@pytest.mark.parametrize(
    ("born", "reason"),
    [
        (date(1991, 10, 31), "eligible"),  # 35 today
        (date(1990, 11, 1), "eligible"),  # 35 until tomorrow
        (date(1990, 10, 31), "age_outside"),  # 36 today
        (date(2012, 10, 31), "eligible"),  # 14 today
        (date(2012, 11, 1), "age_outside"),
        (None, "age_unknown"),
    ],
)
def test_thirty_five_and_under_includes_thirty_five(born: date | None, reason: str) -> None:
    rules = parse_rules({"age": {"min": 14, "max": 35}})
    assert judge(_candidate(birth_date=born), rules) == reason


def test_the_day_after_rule_makes_a_person_older_a_day_later() -> None:
    rules = parse_rules({"age": {"min": 14, "max": 35, "birthday_rule": "day_after"}})
    assert judge(_candidate(birth_date=date(1990, 10, 31)), rules) == "eligible"
    assert judge(_candidate(birth_date=date(1990, 10, 30)), rules) == "age_outside"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"active": False}, "not_active"),
        ({"weak_identity": True}, "weak_identity"),
        ({"home_county": None}, "county_unknown"),
        ({"notice_covers": False}, "no_notice"),
        ({"occupation": "sorter"}, "occupation_outside"),
        ({"occupation": "food_rider"}, "eligible"),
    ],
)
def test_the_first_rule_that_does_not_hold_is_the_reason(facts: dict[str, Any], reason: str) -> None:
    rules = parse_rules({"occupations": ["courier", "food_rider"]})
    assert judge(_candidate(**facts), rules) == reason
    assert reason in list_reasons()


def test_a_campaign_may_list_people_without_evidence_but_never_people_without_notice(tmp_path: Path) -> None:
    rules = _campaign(tmp_path, {"weak_identity": True}).eligibility
    assert judge(_candidate(weak_identity=True), rules) == "eligible"
    with pytest.raises(DeclarationError, match=r"warm_winter\.yml: field eligibility.*notice: Input should be True"):
        _campaign(tmp_path, {"notice": False})


@pytest.mark.parametrize(
    ("eligibility", "words"),
    [
        (
            {"star_rating": 5},
            ["unknown rule star_rating", "valid rules: active, opted_out, weak_identity, age, occupations"],
        ),
        ({"age": {"min": 14, "max": 35, "limit": 1}}, ["unknown key age.limit", "birthday_rule", "inclusive"]),
        ({"age": {"min": 14, "max": "old"}}, ["age.max", "integer"]),
        ({"age": {"min": 36, "max": 35}}, ["age", "min is above max"]),
        ({"occupations": ["No Such!"]}, ["occupations.0"]),
        ([], ["field eligibility", "dictionary"]),
    ],
)
def test_a_wrong_rule_is_refused_naming_file_field_and_what_is_valid(
    tmp_path: Path, eligibility: Any, words: list[str]
) -> None:
    with pytest.raises(DeclarationError) as refusal:
        _campaign(tmp_path, eligibility)
    for word in ["warm_winter.yml", "eligibility", *words]:
        assert word in str(refusal.value)


@pytest.fixture
def night_shift() -> Iterator[None]:
    """A rule that is not shipped: this one function is all there is to it."""

    @rule(
        Literal["ride_hailing", "courier"],
        reasons={"day_worker": "不属于夜间从业类别"},
        says=lambda occupation: f"夜间从业类别 {occupation}",
    )
    def night_shift(person: Candidate, wanted: str) -> str | None:
        return None if person.occupation == wanted else "day_worker"

    yield
    del RULES["night_shift"]


def test_a_new_rule_is_one_function_and_a_line_of_yaml(tmp_path: Path, night_shift: None) -> None:
    rules = _campaign(tmp_path, {"night_shift": "ride_hailing"}).eligibility
    assert judge(_candidate(), rules) == "day_worker"
    assert judge(_candidate(occupation="ride_hailing"), rules) == "eligible"
    assert list_reasons()["day_worker"] == "不属于夜间从业类别"
    assert "夜间从业类别 ride_hailing" in conditions(rules)
    with pytest.raises(DeclarationError, match="'ride_hailing' or 'courier'"):
        _campaign(tmp_path, {"night_shift": "sorter"})


def test_a_rule_that_is_not_declared_changes_no_hash(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    before = _campaign(tmp_path, {"active": True}).hash
    request.getfixturevalue("night_shift")
    assert _campaign(tmp_path, {"active": True}).hash == before
    assert _campaign(tmp_path, {"weak_identity": True}).hash != before


def test_two_rules_never_share_a_reason() -> None:
    with pytest.raises(ValueError, match="another rule"):
        rule(bool, reasons={"no_notice": "重复"}, says=lambda _: "")(lambda _person, _wanted: None)


def test_every_reason_and_condition_reads_in_chinese() -> None:
    assert len(list_reasons()) >= 9
    for text in list_reasons().values():
        assert any("\u4e00" <= character <= "\u9fff" for character in text)
    assert conditions(parse_rules({"age": {"min": 14, "max": 35}})) == [
        "在岗",
        "身份信息足以确认是同一人",
        "年满 14 周岁、35 周岁以下（含 35）",
        "工作区县明确",
        "授权时的告知书包含本次活动用途",
    ]
