"""Build the app of the hand-out page: one page without anybody's data, and the answers that its script asks for.

Its policy runs our one script and nothing else; the camera is open to this page alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse

from talentpool.errors import (
    ConflictError,
    KeyMissingError,
    RefusedError,
    TamperedError,
    UnavailableError,
    UsageError,
)
from talentpool.handout_host.page import HEADERS, POLICY, PREFIX, page, static_file
from talentpool.handout_host.said import UNREADABLE
from talentpool_airflow.console.app import AWAY, BROKEN, NO_KEY, TAMPERED
from talentpool_airflow.console.frame import area_name
from talentpool_airflow.console.security import Shield
from talentpool_airflow.handout import answers

__all__ = ["PREFIX", "app", "build"]


def build() -> FastAPI:
    """The app with its routes."""
    made = FastAPI(title="talentpool handout", docs_url=None, redoc_url=None, openapi_url=None)
    made.add_api_route("/static/{name}", static_file, methods=["GET"], openapi_extra={"holder": answers.ANYBODY})
    made.include_router(answers.door)
    made.add_api_route(
        "/{list_id}", _page, methods=["GET"], response_class=HTMLResponse, openapi_extra={"holder": answers.ANYBODY}
    )
    made.add_middleware(Shield, policy=POLICY, headers=HEADERS)
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


def _page(request: Request, list_id: int) -> HTMLResponse:
    return page(request, list_id, area_name())


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
    return JSONResponse({"detail": BROKEN}, 500, headers={"Content-Security-Policy": POLICY, **HEADERS})


app = build()
