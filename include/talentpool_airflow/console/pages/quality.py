"""Serve 数据质量: the report page, drawn anew when its figures may have changed. Figures of the whole area."""

from __future__ import annotations

import re
from collections import OrderedDict
from concurrent.futures import Future
from datetime import date
from functools import cache
from threading import Lock
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from talentpool.office import Office
from talentpool.questions import open_questions
from talentpool.report import content_security_policy, dates, fingerprint, quality, render
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.frame import around
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.decisions import OFFICERS, ROLE

door = Door()
HELD = re.compile(r'<p class="note" data-held="(\d+)">')
"""Where the report says that a roster waits for a person (report/quality.html)."""
READERS = (*CITY, "auditor", "operator", "Admin")
"""Who reads figures of the whole city. A county's officer reads only that county's pages."""
BESIDE = {"/scores": "质量评分", "/deliveries": "交付日历", "/letters": "问题反馈单"}
KEPT_PAGES, SHOWN_DATES = 16, 6

_pages: OrderedDict[tuple[Any, ...], Future[str]] = OrderedDict()
_looking = Lock()
"""Held for a look at _pages, never while a page is drawn: whoever asks for another one must not wait."""


@door.looks("/quality", access=READERS, rate=limits.ACTS)
def quality_page(request: Request, user: SignedIn, as_of: date | None = None) -> Response:
    """Newest figures, or those up to `as_of`, a date of a roster or a pool. The page brings its own style, so it brings its
    own policy; ours on top."""
    if as_of is not None:
        _check_known(as_of)
    page = _with_ways_out(_quality_html(state.office(), as_of), user, request.scope.get("root_path", ""))
    link, bar = around(request)
    base = request.scope.get("root_path", "")
    ways = "　".join(f'<a href="{base}{path}">{name}</a>' for path, name in BESIDE.items())
    beside = f'<p class="beside">{ways}</p>'
    page = page.replace("</head>", f"{link}</head>", 1).replace("<body>", f"<body>{bar}{beside}", 1)
    return HTMLResponse(page, headers={"Content-Security-Policy": policy()})


def _with_ways_out(page: str, user: User, base: str) -> str:
    """Beside each held roster the link to where it is decided, for who decides; for all others who that is."""
    waiting = HELD.findall(page)
    if not waiting:
        return page
    with state.pipeline().connect() as conn:
        questions = open_questions(conn)
    decides = ROLE in user.kinds and not user.clashing

    def way(found: re.Match[str]) -> str:
        if int(found[1]) not in questions:
            return f"{found[0]}还没有生成提问，请稍后刷新；如一直没有，请联系运维人员。"
        if not decides:
            return f"{found[0]}由{OFFICERS[0]['name']}决定。"
        return f'{found[0]}<a href="{base}/held/{int(found[1])}">去决定</a>　'

    return HELD.sub(way, page)


@cache
def policy() -> str:
    """What the page itself needs, and our bar: a style file, links to other pages, marks, the way out."""
    own = content_security_policy().replace("style-src ", "style-src 'self' ", 1)
    return own.replace("form-action 'none'", "form-action 'self'", 1)


def _check_known(as_of: date) -> None:
    """HTTPException 404 for a day without figures: any day there is would be one more page to draw and keep."""
    known = dates(state.pipeline())
    if as_of not in known:
        nearest = "、".join(map(str, known[:SHOWN_DATES])) or "（还没有）"
        raise HTTPException(
            404, f"{as_of} 没有名册，也没有人才库数据，因此没有这一天的报告。最近有数据的日期：{nearest}。"
        )


def _quality_html(office: Office, as_of: date | None) -> str:
    """The page, drawn again only when the figures may have changed: charts take half a second, a look-up does not.

    Who asks for a page that is being drawn waits for that one; KEPT_PAGES stay, those that were asked for last.
    """
    key = (str(office.engine.url), office.settings.area, as_of, *fingerprint(office.engine))
    with _looking:
        page = _pages.get(key)
        ours = page is None
        if page is None:
            page = _pages[key] = Future()
        _pages.move_to_end(key)
        while len(_pages) > KEPT_PAGES:
            _pages.popitem(last=False)
    if ours:
        _draw(page, key, office, as_of)
    return page.result()


def _draw(page: Future[str], key: tuple[Any, ...], office: Office, as_of: date | None) -> None:
    try:
        page.set_result(render(quality(office, as_of)))
    except BaseException as error:
        with _looking:  # the next one tries again
            _pages.pop(key, None)
        page.set_exception(error)
        raise
