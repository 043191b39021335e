"""Build the app of the hand-out page: one page without anybody's data, and the answers that its script asks for.

Its policy runs our one script and nothing else; the camera is open to this page alone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from talentpool.errors import (
    ConflictError,
    KeyMissingError,
    RefusedError,
    TamperedError,
    UnavailableError,
    UsageError,
)
from talentpool_airflow.console.app import AWAY, BROKEN, NO_KEY, TAMPERED
from talentpool_airflow.console.frame import area_name
from talentpool_airflow.console.security import HEADERS, Shield
from talentpool_airflow.handout import answers
from talentpool_airflow.handout.guard import GREATEST

PREFIX = "/handout"
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
CAMERA = {
    **HEADERS,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
HERE = Path(__file__).parent
FILES = {path.name: path for path in (HERE / "static").iterdir()}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
UNREADABLE = "内容不完整或格式不对，没有登记；请刷新页面后重试。"


def build() -> FastAPI:
    """The app with its routes."""
    made = FastAPI(title="talentpool handout", docs_url=None, redoc_url=None, openapi_url=None)
    made.add_api_route("/static/{name}", static_file, methods=["GET"], openapi_extra={"holder": answers.ANYBODY})
    made.include_router(answers.door)
    made.add_api_route(
        "/{list_id}", page, methods=["GET"], response_class=HTMLResponse, openapi_extra={"holder": answers.ANYBODY}
    )
    made.add_middleware(Shield, policy=POLICY, headers=CAMERA)
    made.add_exception_handler(HTTPException, _refuse)
    made.add_exception_handler(RequestValidationError, _unreadable)
    for error, status in ((ConflictError, 409), (RefusedError, 403), (UsageError, 422)):
        made.add_exception_handler(error, _because(status))
    for away in (UnavailableError, sa.exc.OperationalError, sa.exc.InterfaceError):
        made.add_exception_handler(away, _saying(503, AWAY))
    made.add_exception_handler(KeyMissingError, _saying(503, NO_KEY))
    made.add_exception_handler(TamperedError, _saying(503, TAMPERED))
    made.add_exception_handler(Exception, _broken)
    return made


def page(request: Request, list_id: int) -> HTMLResponse:
    """The page, the same for everybody and for every list: whether there is such a list is told to nobody."""
    if not 0 < list_id < GREATEST:
        raise HTTPException(404, "没有这个页面")
    base = request.scope.get("root_path", "")
    return HTMLResponse(_template().render(base=base, list_id=list_id, area_name=area_name()))


def static_file(request: Request, name: str) -> FileResponse:
    """One of the files that are there; a name is looked up, never put together to a path. The script is a worker, too, for every
    path of this app."""
    if name not in FILES:
        raise HTTPException(404, "没有这个文件")
    headers = {"Service-Worker-Allowed": f"{request.scope.get('root_path', '')}/"} if name.endswith(".js") else {}
    return FileResponse(FILES[name], media_type=TYPES[FILES[name].suffix], headers=headers)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    return made.get_template("page.html")


async def _refuse(_: Request, error: Any) -> Response:
    return JSONResponse({"detail": str(error.detail)}, error.status_code, headers=error.headers)


async def _unreadable(_: Request, __: Exception) -> Response:
    """What was sent is not repeated."""
    return JSONResponse({"detail": UNREADABLE}, 422)


def _because(status: int) -> Any:
    async def said(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": f"{error}。"}, status)

    return said


def _saying(status: int, words: str) -> Any:
    async def said(_: Request, __: Exception) -> Response:
        return JSONResponse({"detail": words}, status)

    return said


async def _broken(_: Request, __: Exception) -> Response:
    """What nobody foresaw: logged with its trace; the shield stands inside of this handler."""
    return JSONResponse({"detail": BROKEN}, 500, headers={"Content-Security-Policy": POLICY, **CAMERA})


app = build()
