"""Show on Airflow's own navigation rail only what the user may open, and let it fit small screens.

Airflow lists the pages of plugins to everybody alike (GET /api/v2/plugins); entries that answer 403 are taken out here.
Its own entries it only marks as closed, and they lead to a refusal; a style of ours (console/static/rail.css), linked from
the page that Airflow sends, hides them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request

from talentpool_airflow.front_door import first_page

LIST = re.compile(r".*/api/v2/plugins")
OURS = "/console"
ROOT = b'<div id="root"'
"""In Airflow's page, and in no other."""
STYLE = b'<link rel="stylesheet" href="./console/static/rail.css">'
"""Relative to the <base> of Airflow's page."""


class Rail:
    """ASGI: the answer that lists plugins, without our pages that are closed to whoever asks; Airflow's page, with our style."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(f"{OURS}/"):
            await self._app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        listed = LIST.fullmatch(scope["path"]) is not None

        async def held(message: Any) -> None:
            if message["type"] == "http.response.start" and (listed or _is_page(message)):
                start.update(message)
                return
            if not start:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            if start["status"] == 200 and listed:
                body = without_closed(body, await _opened(Request(scope)))
            elif start["status"] == 200 and ROOT in body:
                found = await _who(Request(scope))  # the style opens to whoever is signed in
                body = dressed(body, _names(found)) if found is not None else body
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        wanted = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        await self._app({**scope, "headers": plain} if listed or wanted else scope, receive, held)


def _is_page(start: Any) -> bool:
    """Whether an answer is a page, and not packed."""
    headers = {name.lower(): value for name, value in start.get("headers", [])}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


def dressed(page: bytes, roles: frozenset[str]) -> bytes:
    """Airflow's page with our style; marked for who does not work with Airflow itself, to whom its home page shows refusals."""
    page = page.replace(b"</head>", STYLE + b"</head>", 1)
    return page.replace(b"<html ", b"<html data-office ", 1) if first_page(roles) else page


def without_closed(body: bytes, opened: set[str]) -> bytes:
    """The list without pages of ours that are not among `opened` (their paths)."""
    listed = json.loads(body)
    for plugin in listed["plugins"]:
        plugin["external_views"] = [
            view
            for view in plugin.get("external_views") or ()
            if not view["href"].startswith(OURS) or view["href"].removeprefix(OURS) in opened
        ]
    return json.dumps(listed, ensure_ascii=False).encode()


async def _opened(request: Request) -> set[str]:
    """Paths of our pages that open to whoever asks."""
    from talentpool_airflow.console.frame import opened_to
    from talentpool_airflow.console.user import gives_rights, user_of

    found = await _who(request)
    if found is None:
        return set()
    user = user_of(found.get_name(), _names(found), gives=gives_rights(found))
    return {entry.path for entry in opened_to(user)}


def _names(user: Any) -> frozenset[str]:
    return frozenset(role.name for role in user.roles)


async def _who(request: Request) -> Any:
    """The user behind the request's token; None for anybody else."""
    try:
        return await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return None
