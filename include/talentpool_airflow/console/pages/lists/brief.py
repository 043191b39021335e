"""Serve 活动小结 of a list: numbers of the whole city, for who sees the whole city; to be read, printed or saved."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Stored
from talentpool.office_day import today_in_office
from talentpool.paper.setting import PaperError
from talentpool.report.brief import brief, brief_docx, brief_pdf, render_brief
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
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@door.looks("/lists/{list_id}/brief", access=CITY, rate=limits.ACTS)
def brief_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The page, with our bar above it."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NONE_YET, status=409)
    link, bar = around(request)
    page = _page(user, stored).replace("</head>", f"{link}</head>", 1)
    here = f"{request.scope.get('root_path', '')}/lists/{list_id}"
    saved = "　".join(
        f'<a href="{here}/brief.{kind}">{words}</a>'
        for kind, words in (("html", "保存这一页"), ("pdf", "下载 PDF"), ("docx", "下载 Word 文档"))
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
    try:
        pdf = brief_pdf(brief(state.office(), list_id), today_in_office(state.settings()))
    except PaperError:
        return show_list(request, user, list_id, fault=NOT_SET, status=503)
    return _file(user, stored, pdf, "pdf", "application/pdf")


@door.looks("/lists/{list_id}/brief.docx", access=CITY, rate=limits.UPLOADS)
def brief_document(request: Request, user: SignedIn, list_id: int) -> Response:
    """The same figures as a document that an office edits further."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NONE_YET, status=409)
    made = brief_docx(brief(state.office(), list_id), today_in_office(state.settings()))
    return _file(user, stored, made, "docx", WORD)


def _file(user: User, stored: Stored, made: bytes, kind: str, media: str) -> Response:
    with state.pipeline().begin() as conn:
        record.written(conn, user, "view", f"list:{stored.list_id}", details={"brief": kind})
    name = quote(f"活动小结_{stored.passport['name']}_{stored.cycle}.{kind}")
    return Response(made, media_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


def _page(user: User, stored: Stored) -> str:
    with state.pipeline().begin() as conn:
        record.written(conn, user, "view", f"list:{stored.list_id}", details={"brief": True})
    return render_brief(brief(state.office(), stored.list_id), today_in_office(state.settings()))
