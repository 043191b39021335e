"""Airflow's home page is made for operators: to an officer it shows red refusals. So an officer is sent on to our page."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from airflow.configuration import conf
from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse

OFFICERS = frozenset({"city_officer", "city_approver"})
"""Roles that read our pages and nothing of Airflow's own."""
THEIR_PAGE = "plugin/quality"


class FrontDoor:
    """ASGI: a GET of the home page by somebody with no other role than OFFICERS is answered with the way to THEIR_PAGE."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/":
            roles = await _roles(Request(scope))
            if roles and roles <= OFFICERS:
                home = conf.get("api", "base_url", fallback="").rstrip("/")
                await RedirectResponse(f"{home}/{THEIR_PAGE}", 303)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _roles(request: Request) -> set[str]:
    """Of the user behind the request's cookie; empty for anybody else, whom Airflow sends to the login."""
    try:
        user: Any = await get_user(request, None, None)
    except HTTPException:
        return set()
    return {role.name for role in user.roles}
