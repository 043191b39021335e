"""Roles and demo users of an area: counties have officers of their own unless the area is one county."""

from __future__ import annotations

import pytest

from talentpool.guard.duties import clash, shows_people
from talentpool.settings import Settings
from talentpool_airflow.console.user import CHANGING, GIVING
from talentpool_airflow.users import demo_users, roles

CITY = {"city_officer", "city_approver", "auditor", "operator"}


@pytest.mark.parametrize(
    ("area", "officers", "users"),
    [("140400", 12, 12), ("140107", 0, 0), ("140000", 117, 11), ("141000", 17, 17)],
)
def test_every_county_has_a_role_and_a_province_shows_one_user_of_each_prefecture(
    area: str, officers: int, users: int
) -> None:
    settings = Settings(area=area)
    of_counties = {name for name in roles(settings) if name.startswith("county_officer_")}
    assert set(roles(settings)) - of_counties == CITY
    assert len(of_counties) == officers
    shown = demo_users(settings)
    assert shown["admin"] == "Admin"
    assert set(shown.values()) <= {"Admin"} | CITY | of_counties
    assert len(set(shown.values()) & of_counties) == users
    assert not any(clash({role}) for role in shown.values())
    for name, permissions in roles(settings).items():
        gives = any(what in GIVING and action in CHANGING for action, what in permissions)
        assert gives == (name == "operator") != shows_people({name}), name
