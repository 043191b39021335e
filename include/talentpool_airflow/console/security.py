"""Set what surrounds every answer of the console: what a browser may do with it, and how much it may send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talentpool_airflow.console.forms import ENVELOPE, MOST_BYTES, MOST_UPLOAD

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""No script at all: pages are drawn on the server. Style and pictures are files of our own."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TOO_LARGE = f"提交的内容过大，上传文件不得超过 {MOST_UPLOAD // 1024 // 1024} MB。"


class _TooLargeError(Exception):
    """More came than was announced, or than may come."""


class Shield:
    """ASGI: headers on every answer; a body that is too large is refused before it is read, or where it passes the limit."""

    def __init__(
        self, app: Any, uploads: tuple[str, ...] = (), policy: str = POLICY, headers: Mapping[str, str] = HEADERS
    ) -> None:
        """`uploads`: how the paths end that take files; `policy`, `headers`: of answers that bring none of their own."""
        self._app, self._uploads, self._policy, self._headers = app, uploads, policy, headers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_UPLOAD + ENVELOPE if scope["path"].endswith(self._uploads) else MOST_BYTES
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
            await _say(guarded, 413, TOO_LARGE)

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
