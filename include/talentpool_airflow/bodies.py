"""What a request to Airflow's own API may hold: no number that Airflow itself cannot carry.

Airflow takes any JSON as conf, params or XCom, and hands it on between its processes in a form that knows integers of 64
bits. A greater one ends the process that reads it, the dag-processor with every DAG included, long after whoever sent
it was told "created". So it is refused here, before anything is stored.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from fastapi.responses import JSONResponse

MOST_BYTES = 4 * 1024**2
API = re.compile(r".*/(api/v2|ui)/.*")
WRITES = frozenset({"POST", "PUT", "PATCH"})
UNBOUNDED = "提交的内容中有超出范围的数字或无法处理的内容，未执行任何操作；整数须在 64 位以内。"
TOO_LARGE = f"提交的内容过大（上限 {MOST_BYTES // 1024**2} MB），未执行任何操作。"


class TooLargeError(Exception):
    """More than a request to the API may hold."""


class Bounded:
    """ASGI: JSON sent to Airflow's API is read once before Airflow reads it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in WRITES or not API.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            body = await read(receive)
        except TooLargeError:
            await JSONResponse({"detail": TOO_LARGE}, 413)(scope, receive, send)
            return
        if not bounded(body):
            await JSONResponse({"detail": UNBOUNDED}, 422)(scope, receive, send)
            return
        await self._app(scope, replay(body), send)


def bounded(body: bytes) -> bool:
    """Whether all numbers of a JSON text are ones that Airflow can carry; a text that is no JSON is not ours to judge."""
    try:
        json.loads(body, parse_int=_whole, parse_float=_real, parse_constant=_none)
    except (_UnboundedError, RecursionError):
        return False
    except ValueError:
        return True
    return True


class _UnboundedError(Exception):
    """A number that is too great, or none."""


def _whole(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise _UnboundedError
    return int(text)


def _real(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise _UnboundedError
    return found


def _none(_: str) -> None:
    raise _UnboundedError


async def read(receive: Any) -> bytes:
    """The whole body; TooLargeError beyond MOST_BYTES."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the other side has gone
            return body
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise TooLargeError
        if not message.get("more_body"):
            return body


def replay(body: bytes) -> Any:
    """A `receive` that gives `body` once and then waits for nothing more."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return left.pop() if left else {"type": "http.disconnect"}

    return receive
