"""Set what surrounds every answer: what a browser may do with it, and how much it may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class _TooLargeError(Exception):
    """More came than was announced, or than may come."""


class Shield:
    """ASGI: headers on every answer; a body that is too large is refused before it is read, or where it passes the limit."""

    def __init__(
        self, app: Any, *, policy: str, headers: Mapping[str, str], most: Callable[[str], int], too_large: str
    ) -> None:
        """`policy`, `headers`: of answers that bring none of their own; `most`: bytes of a body, by its path."""
        self._app, self._policy, self._headers, self._most, self._too_large = app, policy, headers, most, too_large

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        came, begun = 0, False

        async def counted() -> Any:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLargeError
            return message

        async def guarded(message: Any) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = self._with_ours(message.get("headers", []))
            await send(message)

        try:
            if not announced.isdigit() or int(announced) > most:
                raise _TooLargeError
            await self._app(scope, counted, guarded)
        except _TooLargeError:
            if begun:
                raise
            await _say(guarded, 413, self._too_large)

    def _with_ours(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """A page may bring a policy of its own; everything else is the same everywhere."""
        titled = {name.title() for name in self._headers}
        kept = [(name, value) for name, value in headers if name.decode("latin-1").title() not in titled]
        if not any(name.lower() == b"content-security-policy" for name, _ in kept):
            kept.append((b"content-security-policy", self._policy.encode()))
        return kept + [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]


async def _say(send: Any, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
