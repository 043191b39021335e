"""A role's name is typed by hand: only a county of today, of the office's own area, spelt as it is, grants anything."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from talentpool.area import current_counties
from talentpool.guard import scope_of
from talentpool.settings import Settings

NO_COUNTY = (
    "999999", "abc", "", "1404", "14042", "140400", "140000", "140425x", "x140425", "140425 ", " 140425", "140425\n",
    "140425,140403", "140425_140403", "*", "%", "１４０４２５", "140107", "110101", "-140425", "140425\x00",
)  # fmt: skip
"""The last but some: the city's and the province's own codes, and counties of other areas."""


@pytest.mark.parametrize("code", NO_COUNTY, ids=ascii)
def test_a_name_that_is_no_county_of_the_area_grants_nothing(code: str) -> None:
    assert scope_of("x", frozenset({f"county_officer_{code}"})).counties == ()


@pytest.mark.parametrize("role", ["County_officer_140425", "county_officer140425", "xcounty_officer_140425"])
def test_a_name_that_is_nearly_the_role_grants_nothing(role: str) -> None:
    assert scope_of("x", frozenset({role})).counties == ()


def test_one_true_county_beside_false_ones_is_all_there_is() -> None:
    roles = frozenset({"county_officer_140425", "county_officer_140400", "county_officer_999999"})
    assert scope_of("x", roles).counties == ("140425",)


def test_another_office_has_other_counties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_AREA", "140107")
    assert scope_of("x", frozenset({"county_officer_140425"})).counties == ()
    assert scope_of("x", frozenset({"county_officer_140107"})).counties == ("140107",)


def test_a_county_that_the_division_table_has_abolished_grants_nothing(engine: sa.Engine, settings: Settings) -> None:
    role = frozenset({"county_officer_140425"})
    with engine.begin() as conn:
        known = current_counties(conn, settings.area)
        assert scope_of("x", role, known).counties == ("140425",)
        assert all(code.startswith("1404") and not code.endswith("00") for code in known)
        conn.execute(sa.text("update division set status = 'abolished' where code = '140425'"))
        assert scope_of("x", role, current_counties(conn, settings.area)).counties == ()
