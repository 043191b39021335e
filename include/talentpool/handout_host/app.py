"""Build the app of the host apart: the hand-out page at the same address as in the office, and whether it is alive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from talentpool.handout_host import answers, said
from talentpool.handout_host.page import HEADERS, POLICY, PREFIX, page, static_file
from talentpool.handout_host.shield import Shield
from talentpool.handout_host.store import Store
from talentpool.handout_host.tries import Pace, Tries

log = logging.getLogger(__name__)
MOST_BYTES = 128 * 1024
"""Of a body: 200 entries are some 50,000."""
EVERY = 60
"""Seconds between two looks for what is over."""


def build(folder: Path) -> FastAPI:
    """The app of a folder (store.py)."""
    store = Store(folder)

    async def sweep() -> None:
        while True:
            with suppress(OSError):
                await asyncio.to_thread(store.sweep)
            await asyncio.sleep(EVERY)

    @asynccontextmanager
    async def lives(_: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(sweep())
        yield
        sweeping.cancel()

    made = FastAPI(title="talentpool handout host", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lives)
    made.add_api_route("/healthz", lambda: PlainTextResponse("ok"), methods=["GET"])
    made.add_api_route("/favicon.ico", lambda: Response(status_code=204), methods=["GET"])
    made.mount(PREFIX, _at_a_place(store))
    made.add_middleware(Shield, policy=POLICY, headers=HEADERS, most=lambda _: MOST_BYTES, too_large=said.UNREADABLE)
    return made


def _at_a_place(store: Store) -> FastAPI:
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    made.state.store, made.state.tries, made.state.pace = store, Tries(), Pace()
    made.add_api_route("/static/{name}", static_file, methods=["GET"])
    made.include_router(answers.door)
    made.add_api_route("/{list_id}", _page, methods=["GET"], response_class=HTMLResponse)
    made.add_exception_handler(HTTPException, _refuse)
    made.add_exception_handler(RequestValidationError, _unreadable)
    made.add_exception_handler(Exception, _broken)
    return made


def _page(request: Request, list_id: int) -> HTMLResponse:
    return page(request, list_id)


async def _refuse(_: Request, error: Any) -> Response:
    return JSONResponse({"detail": str(error.detail)}, error.status_code, headers=error.headers)


async def _unreadable(_: Request, __: Exception) -> Response:
    """What was sent is not repeated."""
    return JSONResponse({"detail": said.UNREADABLE}, 422)


async def _broken(_: Request, error: Exception) -> Response:
    """What nobody foresaw; its kind alone is logged, for its text may hold a row."""
    log.error("unexpected %s", type(error).__name__)
    return JSONResponse({"detail": said.BROKEN}, 500)
