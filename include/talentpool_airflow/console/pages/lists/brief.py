"""Serve 活动小结 of a list: numbers of the whole city, for who sees the whole city; to be read, printed or saved."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY
from talentpool.office_day import today_in_office
from talentpool.paper.setting import PaperError
from talentpool.report.brief import brief, render_brief
from talentpool.report.brief_paper import brief_pdf
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.entitled import visible_list
from talentpool_airflow.console.frame import around
from talentpool_airflow.console.pages.lists.one import show_list
from talentpool_airflow.console.pages.quality import policy
from talentpool_airflow.console.user import SignedIn, User

door = Door()
NOT_SET = "PDF 没有做成，请稍后再试，或保存网页版；仍不行请联系运维人员。"
NONE_YET = "名单锁定并下发以后才有小结。"
NO_PAPER = "场次活动的小结只有网页，没有 PDF；请保存网页版。"


@door.looks("/lists/{list_id}/brief", access=CITY, rate=limits.ACTS)
def brief_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The page, with our bar above it."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NONE_YET, status=409)
    link, bar = around(request)
    page = _page(user, stored).replace("</head>", f"{link}</head>", 1)
    here = f"{request.scope.get('root_path', '')}/lists/{list_id}"
    paper = stored.passport.get("form", "kit") not in COUNTED_ONLY
    saved = f'<a href="{here}/brief.html">保存这一页</a>' + (
        f'　<a href="{here}/brief.pdf">下载 PDF</a>' if paper else ""
    )
    ways = f'<p class="sub"><a href="{here}">返回名单</a>　{saved}</p>'
    page = page.replace("<body>", f"<body>{bar}", 1).replace("<main>", f"<main>{ways}", 1)
    return HTMLResponse(page, headers={"Content-Security-Policy": policy()})


@door.looks("/lists/{list_id}/brief.html", access=CITY, rate=limits.ACTS)
def brief_file(request: Request, user: SignedIn, list_id: int) -> Response:
    """The same as a file that opens without a network."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NONE_YET, status=409)
    name = quote(f"活动小结_{stored.passport['name']}_{stored.cycle}.html")
    return HTMLResponse(
        _page(user, stored), headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )  # fmt: skip


@door.looks("/lists/{list_id}/brief.pdf", access=CITY, rate=limits.UPLOADS)
def brief_paper(request: Request, user: SignedIn, list_id: int) -> Response:
    """The same figures to print, set in a process of its own."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NONE_YET, status=409)
    if stored.passport.get("form", "kit") in COUNTED_ONLY:
        return show_list(request, user, list_id, fault=NO_PAPER, status=409)
    try:
        pdf = brief_pdf(brief(state.office(), list_id), today_in_office(state.settings()))
    except PaperError:
        return show_list(request, user, list_id, fault=NOT_SET, status=503)
    with state.pipeline().begin() as conn:
        record.written(conn, user, "view", f"list:{list_id}", details={"brief": "pdf"})
    name = quote(f"活动小结_{stored.passport['name']}_{stored.cycle}.pdf")
    said = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(pdf, media_type="application/pdf", headers=said)


def _page(user: User, stored: Stored) -> str:
    with state.pipeline().begin() as conn:
        record.written(conn, user, "view", f"list:{stored.list_id}", details={"brief": True})
    return render_brief(brief(state.office(), stored.list_id), today_in_office(state.settings()))
