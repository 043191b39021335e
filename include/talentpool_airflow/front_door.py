"""Receive requests before Airflow does: note who asks, for the log of role changes, and send officers to our pages.

Airflow's home page is made for operators: to an officer it shows red refusals, so an officer is sent on to our pages.

And what Airflow leaves out of its own answers: who may frame them, that a browser takes types as they are said, and
whose scripts run. The console has the same origin, so a script in one of Airflow's pages could do what an officer may.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.configuration import conf
from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse

from talentpool.guard.scope import counties_in
from talentpool_airflow.role_watch import Asker, asking

OFFICERS = frozenset({"city_officer", "city_approver"})
"""With the officers of counties: roles that read our pages and nothing of Airflow's own."""
USERS_AND_ROLES = "/auth/"
"""FAB's pages and its API."""
FIRST_PAGE = "plugin/to_do"
_OWN = "object-src 'none'; base-uri 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'"
POLICY = f"script-src 'self'; worker-src 'self' blob:; form-action 'self'; {_OWN}".encode()
"""Airflow's pages run the files that Airflow serves, and nothing that stands in a page or elsewhere."""
POLICY_OF_FAB = f"script-src 'self' 'unsafe-inline'; {_OWN}".encode()
"""Flask-AppBuilder writes scripts into its pages, without a nonce in some: nothing from elsewhere, at least."""
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
}


class FrontDoor:
    """ASGI: a GET of the home page by somebody with roles of ours only is answered with the way to their first page."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Any) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", [])}
                policy = POLICY_OF_FAB if scope["path"].startswith(USERS_AND_ROLES) else POLICY
                wanted = {b"content-security-policy": policy, **HEADERS}
                added = [(name, value) for name, value in wanted.items() if name not in there]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        if scope["method"] == "GET" and scope["path"] == "/":
            user = await _user(Request(scope))
            page = first_page(frozenset(role.name for role in user.roles) if user else frozenset())
            if page is not None:
                home = conf.get("api", "base_url", fallback="").rstrip("/")
                await RedirectResponse(f"{home}/{page}", 303)(scope, receive, completed)
                return
        known = asking.set(Asker(await _name(Request(scope))))
        try:
            await self._app(scope, receive, completed)
        finally:
            asking.reset(known)


def first_page(roles: frozenset[str]) -> str | None:
    """Where somebody of these roles begins; None for whoever works with Airflow itself."""
    ours = roles & {*OFFICERS, "auditor"} | {f"county_officer_{code}" for code in counties_in(roles)}
    return FIRST_PAGE if roles and roles == ours else None


async def _name(request: Request) -> str:
    """Who asks for a change where users and roles are kept; empty for a look, and for whom Airflow does not know."""
    if request.method in ("GET", "HEAD", "OPTIONS") or not request.url.path.startswith(USERS_AND_ROLES):
        return ""
    user = await _user(request)
    return str(user.get_name()) if user else ""


async def _user(request: Request) -> Any:
    """The user behind the request's token (bearer first, then the cookie); None for anybody else."""
    try:
        bearer = await bearer_scheme(request)
        return await get_user(request, None, bearer)
    except HTTPException:
        return None
