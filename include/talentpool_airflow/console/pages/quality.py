"""数据质量: the report page as it goes out, drawn anew when the figures may have changed. Figures of the whole area."""

from __future__ import annotations

from datetime import date
from functools import cache
from threading import Lock
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from talentpool.report import content_security_policy, fingerprint, quality, render
from talentpool.settings import Settings
from talentpool_airflow.console import state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.frame import around

door = Door()
READERS = (*CITY, "auditor", "operator", "Admin")
"""Who reads figures of the whole city. A county's officer reads the own county's pages only."""
KEPT_PAGES = 8

_pages: dict[tuple[Any, ...], str] = {}
_drawing = Lock()


@door.looks("/quality", access=READERS)
def quality_page(request: Request, as_of: date | None = None) -> Response:
    """Newest figures, or those up to `as_of`. The page brings its own style, so it brings its own policy; ours on top."""
    page = _quality_html(state.pipeline(), state.settings(), as_of)
    link, bar = around(request)
    page = page.replace("</head>", f"{link}</head>", 1).replace("<body>", f"<body>{bar}", 1)
    return HTMLResponse(page, headers={"Content-Security-Policy": _policy()})


@cache
def _policy() -> str:
    """What the page itself needs, and our bar: a style file, links to other pages, marks, the way out."""
    own = content_security_policy().replace("style-src ", "style-src 'self' ", 1)
    return own.replace("form-action 'none'", "form-action 'self'", 1)


def _quality_html(engine: sa.Engine, settings: Settings, as_of: date | None) -> str:
    """The page, drawn again only when the figures may have changed: charts take half a second, a look-up does not."""
    key = (str(engine.url), settings.area, as_of, *fingerprint(engine))
    with _drawing:
        if key not in _pages:
            while len(_pages) >= KEPT_PAGES:
                _pages.pop(next(iter(_pages)))
            _pages[key] = render(quality(engine, settings, as_of))
        return _pages[key]
