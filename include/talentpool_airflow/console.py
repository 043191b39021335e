"""The console: our pages inside the Airflow UI, as one FastAPI app that guards itself.

Airflow does not protect what a plugin mounts, so every route here depends on `signed_in`: programs without a valid
token get 401, browsers are sent to the login page and come back. Forged tokens and deleted users are treated the same.
What a role may see is asked on the route. Pages run no script and may be framed by Airflow alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from functools import cache
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.configuration import conf
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from talentpool.database import connect
from talentpool.errors import UnavailableError
from talentpool.report import content_security_policy, fingerprint, quality, render
from talentpool.settings import Settings

CITY_ROLES = frozenset({"Admin", "city_officer", "city_approver", "auditor", "operator"})
"""Who reads figures of the whole city. A county's officer reads the own county's pages only."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
KEPT_PAGES = 8

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-linecap="round" '
    'stroke-linejoin="round"><defs><path id="m" d="M4 20V10M10 20V4M16 20v-7M3 20h18m-7-12 2.5 2.5L21 6"/></defs>'
    '<use href="#m" stroke="#fff" stroke-width="4.5"/><use href="#m" stroke="#4a5568" stroke-width="2"/></svg>'
)
"""With a white rim: the bar behind it is light, and dark where the page is open."""


class SignedOutError(Exception):
    """No valid token came with the request."""


async def signed_in(request: Request) -> Any:
    """The user behind the request's token (bearer first, then the UI's cookie); SignedOutError when there is none."""
    try:
        return await get_user(request, None, await bearer_scheme(request))
    except HTTPException as refusal:
        raise SignedOutError from refusal


def city_reader(user: Annotated[Any, Depends(signed_in)]) -> Any:
    """A signed-in user with a role of the city; 403 for everybody else."""
    if not CITY_ROLES & {role.name for role in user.roles}:
        raise HTTPException(403, "本页面仅供市级人员查看")
    return user


app = FastAPI(
    title="talentpool console", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(signed_in)]
)


@app.middleware("http")
async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer says what a browser may do with it; a page may allow itself its own style."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", CLOSED_POLICY)
    return response


@app.exception_handler(SignedOutError)
async def send_to_login(request: Request, _: SignedOutError) -> Response:
    """Browsers come back after the login to the page they asked for; programs get a plain 401."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": "Not authenticated"}, 401, headers={"WWW-Authenticate": "Bearer"})
    prefix = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{prefix}/auth/login/?next={quote(wanted, safe='')}", 303)


@app.exception_handler(UnavailableError)
@app.exception_handler(sa.exc.OperationalError)
async def say_unavailable(_: Request, __: Exception) -> Response:
    """The database is away; nothing about it is told."""
    return PlainTextResponse("人才库数据库暂时无法访问，请稍后再试或联系运维人员。", 503)


@app.get("/quality", dependencies=[Depends(city_reader)])
def quality_page(as_of: date | None = None) -> Response:
    """数据质量: newest figures, or those up to `as_of`."""
    page = _quality_html(_engine(), _settings(), as_of)
    return HTMLResponse(page, headers={"Content-Security-Policy": content_security_policy()})


@app.get("/quality.svg")
def quality_icon() -> Response:
    """The page's mark in the navigation bar."""
    return Response(ICON, media_type="image/svg+xml")


_pages: dict[tuple[Any, ...], str] = {}
_drawing = Lock()


def _quality_html(engine: sa.Engine, settings: Settings, as_of: date | None) -> str:
    """The page, drawn again only when the figures may have changed: charts take half a second, a look-up does not."""
    key = (str(engine.url), settings.area, as_of, *fingerprint(engine))
    with _drawing:
        if key not in _pages:
            while len(_pages) >= KEPT_PAGES:
                _pages.pop(next(iter(_pages)))
            _pages[key] = render(quality(engine, settings, as_of))
        return _pages[key]


@cache
def _settings() -> Settings:
    return Settings()


@cache
def _engine() -> sa.Engine:
    return connect(_settings())
