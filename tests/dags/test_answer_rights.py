"""Who answers a question: the role that is named, or its deputy, unless the account has rights that exclude it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import HTTPException

from talentpool.model import deputy
from talentpool.settings import Settings
from talentpool_airflow.auth import TalentpoolAuthManager
from talentpool_airflow.console import state

ASKED = {"role:city_officer"}


@dataclass
class Role:
    name: str


@dataclass
class Account:
    """As FAB hands one over."""

    names: tuple[str, ...]
    perms: set[tuple[str, str]] = field(default_factory=set)

    @property
    def roles(self) -> list[Role]:
        return [Role(name) for name in self.names]

    def get_name(self) -> str:
        return "li"

    def get_id(self) -> str:
        return "7"


@pytest.fixture
def manager(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(state, "pipeline", lambda: engine)
    return TalentpoolAuthManager.__new__(TalentpoolAuthManager)


def test_the_named_role_answers_and_no_other(manager: Any) -> None:
    assert manager.is_authorized_hitl_task(assigned_users=ASKED, user=Account(("city_officer",)))
    assert not manager.is_authorized_hitl_task(assigned_users=ASKED, user=Account(("operator",)))


@pytest.mark.parametrize(
    "account",
    [
        Account(("Admin", "city_officer")),
        Account(("auditor", "city_officer")),
        Account(("city_officer", "helper"), {("can_edit", "Connections")}),
    ],
    ids=lambda account: "+".join(account.names),
)
def test_rights_that_exclude_each_other_answer_nothing_and_are_told_why(manager: Any, account: Account) -> None:
    for asked in (ASKED, {"7"}):
        with pytest.raises(HTTPException) as refusal:
            manager.is_authorized_hitl_task(assigned_users=asked, user=account)
        assert refusal.value.status_code == 403 and "两个账号" in refusal.value.detail


def test_a_deputy_is_let_in_for_the_role_on_the_days_named(
    manager: Any, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "settings", lambda: Settings(today=date(2026, 12, 31)))
    neighbour = Account(("county_officer_140404",))
    asked = {"role:county_officer_140403"}
    assert not manager.is_authorized_hitl_task(assigned_users=asked, user=neighbour)
    with engine.begin() as conn:
        named = {"role": "county_officer_140403", "name": "li", "named_by": "wang"}
        days = {"from_day": date(2026, 12, 30), "until_day": date(2026, 12, 31)}
        conn.execute(deputy.insert(), named | days)
    assert manager.is_authorized_hitl_task(assigned_users=asked, user=neighbour)
    assert not manager.is_authorized_hitl_task(assigned_users={"role:county_officer_140406"}, user=neighbour)
    assert not manager.is_authorized_hitl_task(assigned_users=asked, user=Account(("operator",)))


def test_an_officer_who_left_answers_nothing(manager: Any, engine: sa.Engine) -> None:
    with engine.begin() as conn:
        conn.execute(
            sa.text("insert into officer (name, login, role, counties, added_by, removed_at) values"
                    " ('li', 'officer_li', 'city_officer', null, 'test', now())")
        )  # fmt: skip
    with pytest.raises(HTTPException) as refusal:
        manager.is_authorized_hitl_task(assigned_users=ASKED, user=Account(("city_officer",)))
    assert "已离任" in refusal.value.detail
