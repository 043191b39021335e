"""Eligibility rules: typed by the declaration, told in Chinese, judged by the database, and a new one is one function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import given
from hypothesis import strategies as st

from talentpool.campaigns import list_reasons
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.ages import latest_birth_date
from talentpool.declare.rules import (
    LAWFUL,
    RULES,
    STEPS,
    Known,
    Why,
    conditions,
    every_why,
    judge,
    judge_all,
    parse_rules,
    rule,
)
from talentpool.declare.rules.work import months_before
from talentpool.errors import DeclarationError
from talentpool.settings import INCLUDE

AS_OF, OCCASION = date(2026, 10, 31), date(2026, 12, 22)
TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "birth_date": sa.Date(), "occupation": sa.Text(), "active": sa.Boolean(), "weak_identity": sa.Boolean(),
    "home_county": sa.Text(), "partner": sa.Text(), "station": sa.Text(), "notice_covers": sa.Boolean(),
    "suspended": sa.Boolean(), "stopped": sa.Boolean(), "opted_out": sa.Boolean(), "open_pair": sa.Boolean(),
    "joined_on": sa.Date(),
}  # fmt: skip
USUAL: dict[str, Any] = {
    "birth_date": date(2000, 1, 1), "occupation": "courier", "active": True, "weak_identity": False,
    "home_county": "140403", "partner": "sf", "station": "东街站", "notice_covers": True, "suspended": False,
    "stopped": False, "opted_out": False, "open_pair": False, "joined_on": date(2025, 1, 31),
}  # fmt: skip
SERVED_ON = {"": None, "warm_winter": None}


def _known(served: Mapping[str, date | None] = SERVED_ON, **facts: Any) -> Known:
    """A person as the database would know one: every fact a typed literal."""
    said = {name: sa.literal(value, TYPES[name]) for name, value in {**USUAL, **facts}.items()}
    last = {purpose: sa.literal(day, sa.Date()) for purpose, day in served.items()}
    return Known(as_of=AS_OF, occasion=OCCASION, last_served=last, **said)


class Judge:
    """Asks the database about one person."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def __call__(self, eligibility: dict[str, Any], **facts: Any) -> str:
        with self.engine.connect() as conn:
            return str(conn.scalar(sa.select(judge(_known(**facts), parse_rules(eligibility)))))


@pytest.fixture
def judged(engine: sa.Engine) -> Judge:
    return Judge(engine)


def _campaign(folder: Path, eligibility: Any) -> Campaign:
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    (folder / "warm_winter.yml").write_text(
        yaml.safe_dump({**facts, "eligibility": eligibility}, allow_unicode=True), encoding="utf-8"
    )
    return load_campaign([folder], "warm_winter")


BAND = {"min": 16, "max": 35}
NORTH, EAST = "140430", {"partner": "sf", "county": "140403", "name": "东街站"}


@pytest.mark.parametrize(
    ("age", "born", "reason"),
    [
        (BAND, date(1991, 10, 31), "eligible"),  # 35 today
        (BAND, date(1990, 11, 1), "eligible"),  # 35 until tomorrow
        (BAND, date(1990, 10, 31), "age_outside"),  # 36 today
        (BAND, date(2010, 10, 31), "eligible"),  # 16 today
        (BAND, date(2010, 11, 1), "under_sixteen"),
        (BAND | {"min": 18}, date(2008, 11, 1), "age_outside"),
        (BAND, None, "age_unknown"),
        (BAND | {"inclusive": False}, date(1991, 10, 31), "age_outside"),
        (BAND | {"inclusive": False}, date(1991, 11, 1), "eligible"),
        (BAND | {"birthday_rule": "day_after"}, date(1990, 10, 31), "eligible"),
        (BAND | {"birthday_rule": "day_after"}, date(1990, 10, 30), "age_outside"),
        (BAND | {"on": "occasion"}, date(1990, 12, 22), "age_outside"),  # 36 on the occasion, 35 today
        (BAND | {"on": "occasion"}, date(1990, 12, 23), "eligible"),
        (BAND | {"on": "2027-01-01"}, date(1991, 1, 1), "age_outside"),
        (BAND | {"on": "2027-01-01"}, date(1991, 1, 2), "eligible"),
        (BAND | {"on": "occasion"}, date(2010, 11, 1), "under_sixteen"),  # 16 on the occasion, 15 today
    ],
)
def test_an_age_is_completed_years_on_the_day_that_is_stated(
    judged: Judge, age: dict[str, Any], born: date | None, reason: str
) -> None:
    assert judged({"age": age}, birth_date=born) == reason


def test_nobody_under_sixteen_is_on_a_list_of_whatever_campaign(judged: Judge, tmp_path: Path) -> None:
    assert judged({}, birth_date=date(2010, 11, 1)) == "under_sixteen"
    assert judged({}, birth_date=date(2010, 10, 31)) == "eligible"
    with pytest.raises(DeclarationError, match=r"warm_winter\.yml: field eligibility.*age\.min.*16"):
        _campaign(tmp_path, {"age": {"min": 14, "max": 35}})
    with pytest.raises(DeclarationError, match="youngest: Input should be True"):
        _campaign(tmp_path, {"youngest": False})


@pytest.mark.parametrize(
    ("eligibility", "facts", "reason"),
    [
        ({}, {"active": False}, "not_active"),
        ({"active": False}, {"active": False}, "eligible"),
        ({"active": False}, {"active": False, "suspended": True}, "consent_ended"),
        ({}, {"suspended": True}, "eligible"),
        ({"active": False}, {"stopped": True}, "use_stopped"),
        ({}, {"opted_out": True}, "opted_out"),
        ({}, {"weak_identity": True}, "weak_identity"),
        ({"weak_identity": True}, {"weak_identity": True}, "eligible"),
        ({}, {"home_county": None}, "county_unknown"),
        ({}, {"notice_covers": False}, "no_notice"),
        ({"occupations": ["courier", "food_rider"]}, {"occupation": "sorter"}, "occupation_outside"),
        ({"occupations": ["courier", "food_rider"]}, {"occupation": "food_rider"}, "eligible"),
        ({"occupations": []}, {"occupation": "sorter"}, "eligible"),
        ({"partners": ["postal", "sf"]}, {}, "eligible"),
        ({"partners": ["postal"]}, {}, "partner_outside"),
        ({"counties": ["140403", NORTH]}, {}, "eligible"),
        ({"counties": [NORTH]}, {}, "county_outside"),
        ({"counties": [NORTH]}, {"home_county": None}, "county_unknown"),
        ({"stations": [EAST]}, {}, "eligible"),
        ({"stations": [EAST]}, {"station": "西街站"}, "station_outside"),
        ({"stations": [EAST]}, {"partner": "postal"}, "station_outside"),
        ({"stations": [EAST]}, {"home_county": None}, "station_outside"),
        ({"joined": {"before": "2025-01-31"}}, {}, "joined_later"),
        ({"joined": {"before": "2025-02-01"}}, {}, "eligible"),
        ({"joined": {"months": 21}}, {}, "eligible"),  # on 2025-01-31, 21 months ago
        ({"joined": {"months": 22}}, {}, "joined_later"),
        ({"joined": {"months": 1}}, {"joined_on": None}, "joined_unknown"),
        ({"birthday_month": [1, 2]}, {}, "eligible"),
        ({"birthday_month": [2, 3]}, {}, "birthday_other_month"),
        ({"birthday_month": "occasion"}, {"birth_date": date(1999, 12, 1)}, "eligible"),
        ({"birthday_month": "occasion"}, {}, "birthday_other_month"),
        ({"birthday_month": "occasion"}, {"birth_date": None}, "birthday_unknown"),
        ({"not_served": {"days": 30}}, {}, "eligible"),
        ({"not_served": {"days": 30}}, {"served": {"": date(2026, 10, 1)}}, "served_lately"),
        ({"not_served": {"days": 29}}, {"served": {"": date(2026, 10, 1)}}, "eligible"),
        ({"served": {"purpose": "warm_winter", "days": 400}}, {}, "not_served_before"),
        ({"served": {"purpose": "warm_winter", "days": 400}}, {"served": {"warm_winter": date(2025, 12, 1)}}, "eligible"),
        ({"served": {"purpose": "warm_winter", "days": 30}}, {"served": {"warm_winter": date(2025, 12, 1)}},
         "not_served_before"),
        ({"open_pairs": "wait"}, {"open_pair": True}, "identity_open"),
        ({"open_pairs": "count"}, {"open_pair": True}, "eligible"),
        ({"open_pairs": "wait"}, {}, "eligible"),
    ],
)  # fmt: skip
def test_each_rule_gives_its_reason_where_it_does_not_hold_and_nowhere_else(
    judged: Judge, eligibility: dict[str, Any], facts: dict[str, Any], reason: str
) -> None:
    assert judged(eligibility, **facts) == reason
    assert reason in list_reasons()


def test_the_first_rule_that_does_not_hold_is_the_reason(judged: Judge) -> None:
    declared = {"age": BAND, "occupations": ["food_rider"], "partners": ["postal"]}
    assert judged(declared) == "occupation_outside"
    assert judged(declared, birth_date=None) == "age_unknown"
    assert judged(declared, birth_date=None, notice_covers=False) == "no_notice", (
        "what makes use unlawful is said first"
    )
    assert judged(declared, birth_date=None, notice_covers=False, stopped=True, active=False) == "use_stopped"


def test_every_reason_that_holds_can_be_told_at_once(engine: sa.Engine) -> None:
    rules = parse_rules({"age": BAND, "occupations": ["food_rider"]})
    with engine.connect() as conn:
        held = conn.scalar(sa.select(judge_all(_known(notice_covers=False, active=False, birth_date=None), rules)))
        none = conn.scalar(sa.select(judge_all(_known(occupation="food_rider"), rules)))
    assert held == ["no_notice", "not_active", "age_unknown", "occupation_outside"]
    assert none == []


def test_every_reason_says_what_would_change_it_and_at_which_step_it_stands() -> None:
    for code, why in every_why().items():
        assert why.step in STEPS, code
        assert (why.fix == "") is (code == "eligible"), code
    lawful = {code for code, why in every_why().items() if why.step == LAWFUL}
    assert lawful == {"use_stopped", "consent_ended", "opted_out", "under_sixteen", "no_notice"}


@given(st.dates(date(1930, 1, 1), date(2012, 12, 31)), st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_birth_dates_are_compared_as_birthdays_are_counted(born: date, day: date) -> None:
    had_birthday = (day.month, day.day) >= (born.month, born.day)  # 29 February: on 1 March in common years
    years = day.year - born.year - (0 if had_birthday else 1)
    assert latest_birth_date(years + 1, day) < born <= latest_birth_date(years, day)


def test_months_end_where_a_month_does() -> None:
    assert [months_before(date(2026, 3, 31), months) for months in (1, 13, 3)] == [
        date(2026, 2, 28), date(2025, 2, 28), date(2025, 12, 31),
    ]  # fmt: skip


def test_no_campaign_lists_people_without_notice(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"warm_winter\.yml: field eligibility.*notice: Input should be True"):
        _campaign(tmp_path, {"notice": False})


@pytest.mark.parametrize(
    ("eligibility", "words"),
    [
        (
            {"star_rating": 5},
            ["unknown rule star_rating", "valid rules: active, opted_out, weak_identity, age", "not_served, open_pairs"],
        ),
        ({"age": {"min": 16, "max": 35, "limit": 1}}, ["unknown key age.limit", "birthday_rule", "inclusive", "on"]),
        ({"age": {"min": 16, "max": "old"}}, ["age.max", "integer"]),
        ({"age": {"min": 36, "max": 35}}, ["age", "min is above max"]),
        ({"age": {"min": 16, "max": 35, "on": "tomorrow"}}, ["age.on", "'as_of' or 'occasion'"]),
        ({"occupations": ["No Such!"]}, ["occupations.0"]),
        ({"partners": []}, ["partners", "at least 1"]),
        ({"counties": ["潞州区"]}, ["counties.0", "[0-9]{6}"]),
        ({"stations": [{"partner": "sf", "county": "140403", "head": "x"}]}, ["unknown key stations.0.head", "name"]),
        ({"joined": {"years": 2}}, ["unknown key joined.years; valid keys: before, months"]),
        ({"joined": {"before": "2026-01-01", "months": 2}}, ["joined", "either before or months"]),
        ({"birthday_month": [13]}, ["birthday_month", "less than or equal to 12"]),
        ({"not_served": {"day": 30}}, ["unknown key not_served.day; valid keys: days, purpose"]),
        ({"served": {"days": 0}}, ["served.days"]),
        ({"open_pairs": "hold"}, ["open_pairs", "'wait' or 'count'"]),
        ({"opted_out": None}, ["opted_out: no value", "leave the line out"]),
        ({"active": True, "youngest": None, "notice": None}, ["notice, youngest: no value"]),
        ({"age": None}, ["age: no value"]),
        ([], ["field eligibility", "dictionary"]),
    ],
)  # fmt: skip
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
        reasons={"day_worker": Why("不属于夜间从业类别", "改上夜班")},
        says=lambda occupation: f"夜间从业类别 {occupation}",
    )
    def night_shift(known: Known, wanted: str) -> dict[str, sa.ColumnElement[bool]]:
        return {"day_worker": known.occupation != wanted}

    yield
    del RULES["night_shift"]


def test_a_new_rule_is_one_function_and_a_line_of_yaml(tmp_path: Path, judged: Judge, night_shift: None) -> None:
    rules = _campaign(tmp_path, {"night_shift": "ride_hailing"}).eligibility
    assert judged({"night_shift": "ride_hailing"}) == "day_worker"
    assert judged({"night_shift": "ride_hailing"}, occupation="ride_hailing") == "eligible"
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
        rule(bool, reasons={"no_notice": Why("重复", "重复")}, says=lambda _: "")(lambda _known, _wanted: {})


def test_a_rule_gives_no_reason_that_it_does_not_declare(judged: Judge) -> None:
    @rule(Literal[True], reasons={"one": Why("一", "一")}, says=lambda _: "")
    def stray(_known: Known, _on: bool) -> dict[str, sa.ColumnElement[bool]]:
        return {"two": sa.true()}

    try:
        with pytest.raises(ValueError, match="stray gives a reason"):
            judged({"stray": True})
    finally:
        del RULES["stray"]


EVERY: dict[str, Any] = {
    "age": BAND, "birthday_month": [1], "occupations": ["courier"], "partners": ["sf"], "counties": [NORTH],
    "stations": [EAST], "joined": {"months": 1}, "served": {"days": 1}, "not_served": {"days": 1}, "open_pairs": "wait",
}  # fmt: skip
"""A parameter of every rule that no campaign has by itself."""


def test_every_reason_and_condition_reads_in_chinese() -> None:
    assert len(list_reasons()) >= 24
    told = conditions(parse_rules(EVERY | {"joined": {"before": "2026-01-01"}}))
    assert len(told) >= 12
    for text in (*list_reasons().values(), *told):
        assert any("\u4e00" <= character <= "\u9fff" for character in text)
    assert conditions(parse_rules({"age": {"min": 16, "max": 35}})) == [
        "在岗",
        "身份信息足以确认是同一人",
        "年满 16 周岁、35 周岁以下（含 35）",
        "工作区县明确",
        "授权时的告知书包含本次活动用途",
    ]
