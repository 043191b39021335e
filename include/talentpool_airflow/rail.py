"""Show on Airflow's own navigation rail only those of our pages that the user may open.

Airflow lists the pages of plugins to everybody alike (GET /api/v2/plugins); entries that answer 403 are taken out here.
"""

from __future__ import annotations

import json
import re
from typing import Any

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request

LIST = re.compile(r".*/api/v2/plugins")
OURS = "/console"


class Rail:
    """ASGI: the answer that lists plugins, without our pages that are closed to whoever asks."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not LIST.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        parts: list[bytes] = []

        async def held(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            if start["status"] == 200:
                body = without_closed(body, await _opened(Request(scope)))
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, held)


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

    try:
        found: Any = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return set()
    roles = frozenset(role.name for role in found.roles)
    return {entry.path for entry in opened_to(user_of(found.get_name(), roles, gives=gives_rights(found)))}
