"""Build the FastAPI app that the plugin mounts: one guard before every route, one shield around every answer.

Airflow does not protect what a plugin mounts. Programs without a valid token get 401, browsers are sent to the login
page and come back; forged tokens and deleted users are treated the same.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from airflow.configuration import conf
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from talentpool.errors import KeyMissingError, TamperedError, UnavailableError, UsageError
from talentpool_airflow.console.access import admit
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages import PAGES
from talentpool_airflow.console.security import HEADERS, POLICY, Shield
from talentpool_airflow.console.user import SignedOutError, signed_in

TITLES = {403: "没有权限", 404: "没有找到", 405: "不支持的操作", 413: "内容过大", 422: "填写有误", 429: "操作过于频繁",
          500: "系统错误", 503: "暂时无法使用"}  # fmt: skip
WORDS = {
    404: "没有这个页面或这个人，或者不在您的管理范围内。",
    405: "请从页面上的按钮操作。",
    422: "网址或填写的内容不完整、格式不对，未执行任何操作。",
}
BROKEN = "系统出现意外错误，未完成操作。请稍后再试；如仍出现，请把时间告诉运维人员。"
AWAY = "人才库数据库暂时无法访问，请稍后再试或联系运维人员。"
NO_KEY = "密钥缺失或不匹配，未触碰任何数据。请联系运维人员核对密钥。"
TAMPERED = "此人的加密记录未通过校验，可能被改动过，已停止显示。请立即联系运维人员与审计人员。"


def build() -> FastAPI:
    """The app with all its pages."""
    made = FastAPI(
        title="talentpool console", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(admit)]
    )
    for page in PAGES:
        made.include_router(page.door)
    made.add_middleware(Shield, uploads=("/upload/check", "/receipts/upload", "/sessions/upload"))
    made.add_exception_handler(SignedOutError, _send_to_login)
    made.add_exception_handler(HTTPException, _refuse)
    made.add_exception_handler(RequestValidationError, _refuse_values)
    for error in (UnavailableError, sa.exc.OperationalError, sa.exc.InterfaceError):
        made.add_exception_handler(error, _say_away)
    made.add_exception_handler(KeyMissingError, _say_no_key)
    made.add_exception_handler(TamperedError, _say_tampered)
    made.add_exception_handler(UsageError, _say_usage)
    made.add_exception_handler(Exception, _say_broken)
    return made


async def _send_to_login(request: Request, _: Exception) -> Response:
    """Browsers come back after the login to the page they asked for; programs get a plain 401."""
    if not _browser(request) or request.method not in ("GET", "HEAD"):
        return JSONResponse({"detail": "Not authenticated"}, 401, headers={"WWW-Authenticate": "Bearer"})
    prefix = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{prefix}/auth/login/?next={quote(wanted, safe='')}", 303)


async def _refuse(request: Request, error: Any) -> Response:
    with suppress(SignedOutError):  # a path that is none of ours has passed no guard: the frame still says who one is
        await signed_in(request)
    words = WORDS.get(error.status_code) if error.detail in (None, "", "Not Found", "Method Not Allowed") else None
    return _say(request, error.status_code, words or str(error.detail), error.headers)


async def _refuse_values(request: Request, _: Exception) -> Response:
    """What was sent is not repeated: it may be about a person."""
    return _say(request, 422, WORDS[422])


async def _say_away(request: Request, _: Exception) -> Response:
    """The database is away; nothing about it is told."""
    return _say(request, 503, AWAY)


async def _say_no_key(request: Request, _: Exception) -> Response:
    return _say(request, 503, NO_KEY)


async def _say_tampered(request: Request, _: Exception) -> Response:
    return _say(request, 503, TAMPERED)


async def _say_usage(request: Request, error: Exception) -> Response:
    return _say(request, 422, f"请求与现有数据矛盾，未执行任何操作。（{error}）")


async def _say_broken(request: Request, _: Exception) -> Response:
    """What nobody foresaw: it is logged with its trace, and answered without; the shield stands inside of this handler."""
    answer = _say(request, 500, BROKEN)
    answer.headers.update({"Content-Security-Policy": POLICY, **HEADERS})
    return answer


def _say(request: Request, status: int, words: str, headers: Any = None) -> Response:
    if not _browser(request):
        return JSONResponse({"detail": words}, status, headers=headers)
    answer = show(request, "error.html", status, title=TITLES.get(status, "无法完成"), words=words, status_code=status,
                  on_record=getattr(request.state, "refusal_on_record", False))  # fmt: skip
    answer.headers.update(headers or {})
    return answer


def _browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


app = build()
