"""What a request to Airflow may hold: so many bytes, and no number and no nesting that Airflow itself cannot carry.

Airflow takes any JSON as conf, params or XCom, and hands it on between its processes in a form that knows integers of 64
bits and so much nesting. What is beyond ends the process that reads it, the dag-processor with every DAG or the scheduler
included, long after whoever sent it was told "created". So it is refused here, before anything is stored.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from fastapi.responses import JSONResponse

MOST_BYTES = 4 * 1024**2
DEEPEST = 50
"""Objects and lists in one another; Airflow's own writer fails at about 255."""
AIRFLOWS = re.compile(r".*/(api/v2|ui|auth)/.*")
OURS = re.compile(r".*/(console|execution)(/.*)?")
"""Our pages bound what they read by themselves; what tasks say comes with a task's token."""
API = re.compile(r".*/(api/v2|ui)/.*")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
UNBOUNDED = "提交的内容中有超出范围的数字或无法处理的内容，未执行任何操作；整数须在 64 位以内。"
TOO_LARGE = f"提交的内容过大（上限 {MOST_BYTES // 1024**2} MB），未执行任何操作。"


class TooLargeError(Exception):
    """More than a request to the API may hold."""


class Bounded:
    """ASGI: what is sent to Airflow, by whomever and to whatever door, is read once before Airflow reads it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] in READS or _ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            body = await read(receive)
        except TooLargeError:
            await JSONResponse({"detail": TOO_LARGE}, 413)(scope, receive, send)
            return
        if API.fullmatch(scope["path"]) and not bounded(body):
            await JSONResponse({"detail": UNBOUNDED}, 422)(scope, receive, send)
            return
        await self._app(scope, replay(body), send)


def _ours(path: str) -> bool:
    return OURS.fullmatch(path) is not None and AIRFLOWS.fullmatch(path) is None


def bounded(body: bytes) -> bool:
    """Whether a JSON text is one that Airflow can carry; a text that is no JSON is not ours to judge."""
    try:
        found = json.loads(body, parse_int=_whole, parse_float=_real, parse_constant=_none)
        return _depth(found) <= DEEPEST
    except (_UnboundedError, RecursionError):
        return False
    except ValueError:
        return True


def _depth(found: Any) -> int:
    """How many objects and lists stand in one another, at most."""
    deepest, level = 0, [found]
    while level:
        level = [
            each
            for one in level
            if isinstance(one, (dict, list))
            for each in (one.values() if isinstance(one, dict) else one)
        ]
        deepest += 1
    return deepest


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
