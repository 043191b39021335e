"""Receive each request of the api-server first: note where it comes from, end sessions at a logout, and keep cookies off
plain HTTP where the site is served by TLS."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from talentpool_airflow.sign_in.visit import Visit, enter

LOGOUTS = ("/auth/logout", "/api/v2/auth/logout")
"""FAB's, and Airflow's own, which leads to it."""


class Entrance:
    """ASGI, around everything that looks at tokens. `FabAuthManager.get_fastapi_middlewares` puts it there."""

    def __init__(self, app: Any) -> None:
        self._app = app
        base = urlsplit(conf.get("api", "base_url", fallback=""))
        self._tls, self._prefix = base.scheme == "https", base.path.rstrip("/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        enter(visit_of(request))
        if scope["path"].removeprefix(self._prefix).rstrip("/") in LOGOUTS:  # a proxy may take the prefix away
            from airflow.api_fastapi.app import get_auth_manager

            manager: Any = get_auth_manager()
            await run_in_threadpool(manager.sign_out, request)

        async def closed(message: Any) -> None:
            if self._tls and message["type"] == "http.response.start":
                message["headers"] = [_closed(*header) for header in message.get("headers", [])]
            await send(message)

        await self._app(scope, receive, closed)


def visit_of(request: Request) -> Visit:
    """As far as the request tells. Browsers say what fetches: a picture, a page, or a script in the background."""
    background = request.method == "GET" and request.headers.get("sec-fetch-dest") == "empty"
    return Visit(request.client.host if request.client else "", request.url.path, request.method, background)


def _closed(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name.lower() == b"set-cookie" and b"; secure" not in value.lower():
        return name, value + b"; Secure"
    return name, value
