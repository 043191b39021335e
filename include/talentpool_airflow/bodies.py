"""Limit what a request to Airflow may hold: its bytes, and numbers and nesting that Airflow itself cannot carry.

Airflow takes any JSON as conf, params or XCom, and hands it on between its processes in a form that knows integers of 64
bits and so much nesting. What is beyond ends the process that reads it, the dag-processor with every DAG or the scheduler
included, long after whoever sent it was told "created". So it is refused here, before anything is stored. So is a NUL,
which no text of the database can hold: Airflow and FAB answer it with an error of their own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from fastapi.responses import JSONResponse

MOST_BYTES = 4 * 1024**2
DEEPEST = 50
"""Objects and lists in one another; Airflow's own writer fails at about 255."""
AIRFLOWS = re.compile(r".*/(api/v2|ui|auth)/.*")
OURS = re.compile(r".*/(console|execution|handout)(/.*)?")
"""Our pages bound what they read by themselves; what tasks say comes with a task's token."""
API = re.compile(r".*/(api/v2|ui)/.*")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = b"application/x-www-form-urlencoded"
UNBOUNDED = "提交的内容中有超出范围的数字或无法处理的内容，未执行任何操作；整数须在 64 位以内。"
NUL_ASKED = "网址中有空字符（%00），未执行任何操作。"
NUL_SENT = "提交的内容中有空字符（NUL），未执行任何操作；请删去后重新提交。"
TOO_LARGE = f"提交的内容过大（上限 {MOST_BYTES // 1024**2} MB），未执行任何操作。"


class TooLargeError(Exception):
    """More than a request to the API may hold."""


class Bounded:
    """ASGI: what is sent to Airflow, by whomever and to whatever door, is read once before Airflow reads it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            await JSONResponse({"detail": NUL_ASKED}, 400)(scope, receive, send)
            return
        if scope["method"] in READS:
            await self._app(scope, receive, send)
            return
        try:
            body = await read(receive)
        except TooLargeError:
            await JSONResponse({"detail": TOO_LARGE}, 413)(scope, receive, send)
            return
        if holds_nul(body, dict(scope["headers"]).get(b"content-type", b"")):
            await JSONResponse({"detail": NUL_SENT}, 422)(scope, receive, send)
            return
        if API.fullmatch(scope["path"]) and not bounded(body):
            await JSONResponse({"detail": UNBOUNDED}, 422)(scope, receive, send)
            return
        await self._app(scope, replay(body), send)


def _ours(path: str) -> bool:
    return OURS.fullmatch(path) is not None and AIRFLOWS.fullmatch(path) is None


def holds_nul(body: bytes, kind: bytes) -> bool:
    """Whether a body holds a NUL: as it is, escaped in a JSON text, or escaped in a form. `kind`: its Content-Type."""
    if b"\0" in body or (b"%00" in body and kind.lower().startswith(FORM)):
        return True
    if b"\\u0000" not in body:
        return False
    try:
        return any("\0" in text for level in _levels(json.loads(body)) for text in level if isinstance(text, str))
    except (ValueError, RecursionError):  # no JSON: the six characters are what they are
        return False


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
    return sum(1 for _ in _levels(found))


def _levels(found: Any) -> Iterator[list[Any]]:
    """What stands in a JSON value, level by level; of an object its names too."""
    level = [found]
    while level:
        yield level
        level = [
            each
            for one in level
            if isinstance(one, (dict, list))
            for each in ((*one, *one.values()) if isinstance(one, dict) else one)
        ]


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
