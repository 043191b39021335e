"""Set what surrounds every answer of the console: what a browser may do with it, and how much it may send."""

from __future__ import annotations

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

    def __init__(self, app: Any, uploads: tuple[str, ...]) -> None:
        """`uploads`: how the paths end that take files."""
        self._app, self._uploads = app, uploads

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
                message["headers"] = _with_ours(message.get("headers", []))
            await send(message)

        try:
            if not announced.isdigit() or int(announced) > most:
                raise _TooLargeError
            await self._app(scope, counted, guarded)
        except _TooLargeError:
            if begun:
                raise
            await _say(guarded, 413, TOO_LARGE)


def _with_ours(headers: Any) -> list[tuple[bytes, bytes]]:
    """A page may bring a policy of its own; everything else is the same everywhere."""
    kept = [(name, value) for name, value in headers if name.decode("latin-1").title() not in _TITLED]
    if not any(name.lower() == b"content-security-policy" for name, _ in kept):
        kept.append((b"content-security-policy", POLICY.encode()))
    return kept + [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


_TITLED = {name.title() for name in HEADERS}


async def _say(send: Any, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
