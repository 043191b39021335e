"""Set what surrounds every answer of the console: what a browser may do with it, and how much it may send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talentpool.handout_host import shield
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


class Shield(shield.Shield):
    """The same, as the pages inside Airflow have it."""

    def __init__(
        self, app: Any, uploads: tuple[str, ...] = (), policy: str = POLICY, headers: Mapping[str, str] = HEADERS
    ) -> None:
        """`uploads`: how the paths end that take files; `policy`, `headers`: of answers that bring none of their own."""

        def most(path: str) -> int:
            return MOST_UPLOAD + ENVELOPE if path.endswith(uploads) else MOST_BYTES

        super().__init__(app, policy=policy, headers=headers, most=most, too_large=TOO_LARGE)
