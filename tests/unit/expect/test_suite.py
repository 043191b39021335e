"""The suite that Great Expectations runs: named after the partner, each rule by its own name, described in two languages."""

from __future__ import annotations

import importlib

import pytest

from rosters import Office, person
from talentpool.expect import run_suite
from talentpool.expect.rules import ROW_RULES, Dimension
from talentpool.expect.suite import flag_of, predicates, suite_of


def test_every_rule_stands_under_its_name_with_its_dimension_and_two_languages() -> None:
    suite = suite_of(importlib.import_module("great_expectations"), 3, "sf")
    assert suite.name == "sf_roster"
    by_code = {one.meta["code"]: one for one in suite.expectations}
    for rule in ROW_RULES:
        one = by_code[rule.code]
        assert one.column == rule.code
        assert Dimension(one.meta["dimension"]) is rule.dimension
        chinese, english = one.description.split(" / ")
        assert english == rule.said and any("一" <= sign <= "龥" for sign in chinese)


def test_no_two_predicates_share_a_column() -> None:
    names = [flag_of(code) for code in predicates()]
    assert len(set(names)) == len(names) and all(len(name) <= 63 and name.isidentifier() for name in names)


def test_a_delivery_is_judged_by_the_checkpoint(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "count", run_suite)
    rows = [person(1), person(2, staff_no=""), person(3, county="110101")]
    found = office.deliver("2026-10-31", rows)
    assert (found.status, found.accepted) == ("published", 1)
    assert found.reasons == {"staff_no_missing": 1, "county_unknown": 1}
