"""Serve the hand-out page's own files: one page without anybody's data, one script, one style. The office and the host apart
serve the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

PREFIX = "/handout"
GREATEST = 2**53
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The camera is open to this page alone."""
HERE = Path(__file__).parent / "files"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FILES = {path.name: path for path in HERE.iterdir() if path.suffix in TYPES}


def page(request: Request, list_id: int, area_name: str = "") -> HTMLResponse:
    """The page, the same for everybody and for every list: whether there is such a list is told to nobody."""
    if not 0 < list_id < GREATEST:
        raise HTTPException(404, "没有这个页面")
    base = request.scope.get("root_path", "")
    return HTMLResponse(_template().render(base=base, list_id=list_id, area_name=area_name))


def static_file(request: Request, name: str) -> FileResponse:
    """One of the files that are there; a name is looked up, never put together to a path. The script is a worker, too, for every
    path of this app."""
    if name not in FILES:
        raise HTTPException(404, "没有这个文件")
    headers = {"Service-Worker-Allowed": f"{request.scope.get('root_path', '')}/"} if name.endswith(".js") else {}
    return FileResponse(FILES[name], media_type=TYPES[FILES[name].suffix], headers=headers)


def cookie_of(list_id: int) -> str:
    """The name of the cookie for a list: a browser may hand out several."""
    return f"handout_{list_id}"


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return made.get_template("page.html")
