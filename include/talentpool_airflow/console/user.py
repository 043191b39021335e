"""Find the user behind a request's token, as Airflow knows them, and how far they see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import Depends, HTTPException, Request

from talentpool.guard.duties import clash, shows_people
from talentpool.guard.scope import Scope, counties_in, scope_of
from talentpool_airflow.sign_in.visit import here

COUNTY = "county_officer"
KINDS = ("city_officer", "city_approver", COUNTY, "auditor", "operator", "Admin")
"""Kinds of roles. A county's officer has a role of the county's own, `county_officer_<code>`."""
TITLES = {"city_officer": "市级专员", "city_approver": "市级审批", COUNTY: "区县专员", "auditor": "审计", "operator": "运维",
          "Admin": "系统管理员"}  # fmt: skip

TOGETHER = (
    "您的账号同时具有不能由一人兼任的权限（例如系统管理与查看人员数据、经办与审批、审计与业务），因此暂停使用。"
    "请由系统管理员收回其中一项，分别使用两个账号。"
)
ELSEWHERE = (
    "您的账号在页面上的角色与职务登记表不一致或不能兼任，因此暂停使用。请由系统管理员核对："
    "收回多余的角色，或用 talentpool_airflow.officers 重新登记。"
)
GONE = "职务登记表中，这个名字已离任，因此不能使用。如仍需使用，请由系统管理员以新的名字登记。"
CHANGING = frozenset({"can_create", "can_edit", "can_delete"})
GIVING = frozenset(
    {"Users", "Passwords", "Roles", "Permissions", "Permission Views", "View Menus", "Connections", "Variables"}
)


class SignedOutError(Exception):
    """No valid token came with the request."""


@dataclass(frozen=True, repr=False)
class User:
    """`kinds`: of KINDS; `session`: the token the request came with, which form tokens are bound to; `second_factor`: whether
    one was shown when that session began; `clashing`: rights that nobody may have together, in words: with any, every page
    that is not for everybody is closed."""

    scope: Scope
    kinds: frozenset[str]
    session: str
    second_factor: bool = False
    clashing: str = ""

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
    roles = frozenset(role.name for role in found.roles)
    user = replace(user_of(name, roles, session, gives=gives_rights(found)), second_factor=second)
    request.state.console_user = user
    return user


def user_of(
    name: str,
    roles: frozenset[str],
    session: str = "",
    *,
    gives: bool = False,
    counties: Collection[str] | None = None,
) -> User:
    """A user of these roles; a role that is none of ours counts for nothing. `gives`: as gives_rights; `counties`: today's."""
    kinds = {role for role in roles if role in KINDS and role != COUNTY}
    if counties_in(roles, counties):
        kinds.add(COUNTY)
    user = User(scope_of(name, roles, counties), frozenset(kinds), session)
    if clash(roles) or (gives and shows_people(roles)):
        return shut(user, TOGETHER)
    return user


def shut(user: User, why: str) -> User:
    """The same user, who sees nobody. `why`: in words, what to do included."""
    return replace(user, scope=Scope(user.name, user.scope.roles, ()), clashing=why)


def gives_rights(user: Any) -> bool:
    """Whether an Airflow user's rights, by whatever role, reach users, roles, connections or variables."""
    return any(what in GIVING and action in CHANGING for action, what in user.perms)


SignedIn = Annotated[User, Depends(signed_in)]
