"""Guard every route by the access that it declares; docs/access.md is made from the declarations.

A route without a declaration is closed. What is not a look (GET) must come from our own page: its origin and the
token of the form are checked before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from talentpool.area import current_counties
from talentpool.guard.duties import clash, shows_people
from talentpool.guard.officers import standing
from talentpool.office_day import today_in_office
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.forms import check_our_page, posted_form, refuse_control
from talentpool_airflow.console.record import refused
from talentpool_airflow.console.user import ELSEWHERE, GONE, KINDS, TITLES, User, shut, signed_in, user_of

SIGNED_IN = "signed_in"
"""Anybody with a valid token, whatever their roles."""
CITY = ("city_officer", "city_approver")
OFFICERS = (*CITY, "county_officer")
STATIC = "/static/{name}"
JUDGES = ("city_officer", "county_officer")
"""Who says whether records are one person."""


@dataclass(frozen=True)
class Access:
    """`to`: kinds of roles, or SIGNED_IN. `rate`: how often one user may, in the words of the `limits` library; routes
    `counted_as` one thing share it. `files`: a file comes with it, which is memory: it is counted before any of it is read."""

    to: tuple[str, ...]
    rate: str = limits.LOOKS
    counted_as: str = ""
    files: bool = False

    def admits(self, user: User) -> bool:
        return SIGNED_IN in self.to or (not user.clashing and bool(user.kinds & set(self.to)))

    @property
    def titles(self) -> str:
        """Whose it is, in words."""
        return "、".join(TITLES[kind] for kind in KINDS if kind in self.to)


class Door(APIRouter):
    """A router whose routes all say who may use them."""

    def looks(self, path: str, *, access: tuple[str, ...], rate: str = limits.LOOKS) -> Callable[..., Any]:
        """A GET."""
        return self._declared("GET", path, Access(access, rate))

    def acts(
        self, path: str, *, access: tuple[str, ...], rate: str = limits.ACTS, counted_as: str = "", files: bool = False
    ) -> Callable[..., Any]:
        """A POST: from a form of ours, and from nowhere else."""
        return self._declared("POST", path, Access(access, rate, counted_as, files))

    def _declared(self, method: Literal["GET", "POST"], path: str, access: Access) -> Callable[..., Any]:
        wrong = set(access.to) - {*KINDS, SIGNED_IN}
        if wrong or not access.to:
            raise ValueError(f"{method} {path}: access is one of {', '.join((*KINDS, SIGNED_IN))}, not {wrong}")
        return self.api_route(
            path, methods=[method], response_model=None, response_class=HTMLResponse, openapi_extra={"access": access}
        )


def declared(route: Any) -> Access | None:
    """What a route says of itself."""
    found = (getattr(route, "openapi_extra", None) or {}).get("access")
    return found if isinstance(found, Access) else None


def routes(app: FastAPI) -> Iterator[tuple[str, str, Access | None]]:
    """(method, path, access) of every route there is, in order."""
    for route in app.routes:
        for method in sorted(getattr(route, "methods", None) or {"*"}):
            yield method, str(getattr(route, "path", route)), declared(route)


def held_to_office(user: User) -> User:
    """The user as the office's own tables leave them, at this moment: today's counties, one duty, still in office."""
    if user.clashing:
        return user
    with state.pipeline().connect() as conn:
        counties = current_counties(conn, state.settings().area)
        role, in_office = standing(conn, user.name)
    held = replace(
        user_of(user.name, user.scope.roles, user.session, counties=counties), second_factor=user.second_factor
    )
    if not in_office:
        return shut(held, GONE)
    if role is not None and clash({role, *user.scope.roles}):
        return shut(held, ELSEWHERE)
    return held


def stands_in(user: User, assigned: Collection[str]) -> bool:
    """Whether the user is a deputy, today, of one of the roles that a question is assigned to (`role:<name>`)."""
    from talentpool.campaigns.life.deputies import stands_in_for

    roles, today = [one.removeprefix("role:") for one in assigned], today_in_office(state.settings())
    with state.pipeline().connect() as conn:
        return any(stands_in_for(conn, role, user.name, user.scope.roles, today) for role in roles)


async def admit(request: Request) -> None:
    """The one guard of every route: signed in, entitled, no foreign form, and not too often (a foreign one counts not)."""
    user = await signed_in(request)
    route = request.scope.get("route")
    limits.count(user.name, f"try {request.method} {getattr(route, 'path', '')}", limits.LOOKS)
    access = declared(route) if isinstance(route, APIRoute) else None
    if access is not None and getattr(route, "path", "") != STATIC and shows_people(user.scope.roles):
        user = request.state.console_user = await run_in_threadpool(held_to_office, user)
    if access is None or not access.admits(user):
        limits.count(user.name, "refused", limits.REFUSALS)  # each is a line of a log that nobody can shorten
        await run_in_threadpool(
            refused, user, f"page:{getattr(route, 'path', '')}", "duties" if user.clashing else "role"
        )
        request.state.refusal_on_record = True
        raise HTTPException(403, user.clashing or _not_yours(access))
    refuse_control(request.scope["path"], *(word for pair in request.query_params.multi_items() for word in pair))
    counted = (user.name, access.counted_as or f"{request.method} {getattr(route, 'path', '')}", access.rate)
    if access.files:
        check_our_page(request)
        limits.count(*counted)
    if request.method not in ("GET", "HEAD"):
        request.state.form = await posted_form(request, user)
    if not access.files:
        limits.count(*counted)


def _not_yours(access: Access | None) -> str:
    """Why a page stays shut, and who may open it."""
    whose = f"此页面由{access.titles}使用，" if access is not None and access.titles else ""
    return f"{whose}您的角色不能使用此页面；如工作需要，请联系市级管理员调整。"
