"""Who asks: the user behind a request's token, as Airflow knows them, and how far they see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import Depends, HTTPException, Request

from talentpool.guard.scope import Scope, counties_in, scope_of
from talentpool_airflow.sign_in.visit import here

COUNTY = "county_officer"
KINDS = ("city_officer", "city_approver", COUNTY, "auditor", "operator", "Admin")
"""Kinds of roles. A county's officer has a role of the county's own, `county_officer_<code>`."""
TITLES = {"city_officer": "市级专员", "city_approver": "市级审批", COUNTY: "区县专员", "auditor": "审计", "operator": "运维",
          "Admin": "系统管理员"}  # fmt: skip


class SignedOutError(Exception):
    """No valid token came with the request."""


@dataclass(frozen=True, repr=False)
class User:
    """`kinds`: of KINDS; `session`: the token the request came with, which form tokens are bound to; `second_factor`: whether
    one was shown when that session began."""

    scope: Scope
    kinds: frozenset[str]
    session: str
    second_factor: bool = False

    @property
    def name(self) -> str:
        return self.scope.actor

    @property
    def titles(self) -> str:
        """What an officer reads of the roles."""
        return "、".join(TITLES[kind] for kind in KINDS if kind in self.kinds) or "无角色"

    @property
    def sees_people(self) -> bool:
        return self.scope.city or bool(self.scope.counties)


async def signed_in(request: Request) -> User:
    """The user behind the request's token (bearer first, then the UI's cookie); SignedOutError when there is none.

    Airflow answers 401 for an expired token and 403 for a forged one or a deleted user; here all are signed out.
    """
    known: User | None = getattr(request.state, "console_user", None)
    if known is not None:
        return known
    bearer = await bearer_scheme(request)
    try:
        found: Any = await get_user(request, None, bearer)
    except HTTPException as refusal:
        raise SignedOutError from refusal
    session = bearer.credentials if bearer else request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")
    name = found.get_name()
    second = here().signed_in[-1:] == [(name, True)]
    user = replace(user_of(name, frozenset(role.name for role in found.roles), session), second_factor=second)
    request.state.console_user = user
    return user


def user_of(name: str, roles: frozenset[str], session: str = "") -> User:
    """A user of these roles; a role that is none of ours counts for nothing."""
    kinds = {role for role in roles if role in KINDS and role != COUNTY}
    if counties_in(roles):
        kinds.add(COUNTY)
    return User(scope_of(name, roles), frozenset(kinds), session)


SignedIn = Annotated[User, Depends(signed_in)]
