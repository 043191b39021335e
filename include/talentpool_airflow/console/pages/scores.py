"""Serve 质量评分: overview, delivery, rule, county and partner, each as a page, a saved file or PDF; and Data Docs.

Who reads figures of the whole city reads any of them; a county's officer the county's rows, through the scoped connection, on
the same routes. Where the database shows nothing, nothing is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.paper.setting import PaperError
from talentpool.questions import open_questions
from talentpool.services.letters import words_on
from talentpool.services.quality import (
    Reader,
    Sheet,
    as_file,
    as_paper,
    county_sheet,
    delivery_sheet,
    overview,
    partner_sheet,
    period,
    rule_sheet,
)
from talentpool.services.quality.docs import FOLDER, INDEX
from talentpool.services.quality.render import values
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.frame import area_name, county_names, opened_to, show
from talentpool_airflow.console.pages.quality import READERS
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.decisions import ROLE

door = Door()
READS = (*OFFICERS, "auditor", "operator", "Admin")
NAME = re.compile(r"[a-z]+(?:_[a-z0-9_]+)?\.html")
LETTERS = "/letters"
FARTHEST_NUMBER = 2**53
NO_PAPER = "PDF 没有做成，请稍后再试，或保存网页；仍不行请联系运维人员。"
NO_DOCS = "校验文档还没有生成，或暂时无法读取。数据质量报告流程下一次运行时生成；一直没有的，请联系运维人员。"


@dataclass(frozen=True)
class Asked:
    """What may be asked of every page: `months` up to `until`, of one `county`, as a `form`."""

    months: int | None = None
    until: date | None = None
    county: str = ""
    form: Literal["page", "html", "pdf"] = "page"


Given = Annotated[Asked, Depends()]


@door.looks("/scores", access=READS, rate=limits.ACTS)
def scores_page(request: Request, user: SignedIn, asked: Given) -> Response:
    """The overview; for a county's officer the county."""
    with _reading(user, asked.county) as reader:
        shown = period(asked.months, asked.until, _today())
        names = county_names()
        whole = reader.whole and not reader.side
        sheet = (
            overview(reader, shown, names)
            if whole
            else county_sheet(reader, names.get(reader.side, reader.side), shown)
        )
    return _answer(request, user, sheet, asked)


@door.looks("/scores/partner/{partner}", access=READS, rate=limits.ACTS)
def partner_page(request: Request, user: SignedIn, partner: str, asked: Given) -> Response:
    """One partner, in the reader's scope."""
    with _reading(user, asked.county) as reader:
        sheet = partner_sheet(reader, partner, period(asked.months, asked.until, _today()))
    return _answer(request, user, sheet, asked)


@door.looks("/scores/county/{county}", access=READS, rate=limits.ACTS)
def county_page(request: Request, user: SignedIn, county: str, asked: Given) -> Response:
    """One county: its own officer's, and the city's."""
    with _reading(user, county) as reader:
        sheet = county_sheet(reader, county_names()[county], period(asked.months, asked.until, _today()))
    return _answer(request, user, sheet, asked)


@door.looks("/scores/rule/{rule}", access=READS, rate=limits.ACTS)
def rule_page(request: Request, user: SignedIn, rule: str, asked: Given) -> Response:
    """One rule over time."""
    with _reading(user, asked.county) as reader:
        sheet = rule_sheet(reader, rule, period(asked.months, asked.until, _today()))
    return _answer(request, user, sheet, asked)


@door.looks("/scores/delivery/{delivery_id}", access=READS, rate=limits.ACTS)
def delivery_page(request: Request, user: SignedIn, delivery_id: int, asked: Given) -> Response:
    """One delivery: the whole, or the reader's county's rows of it."""
    if not 0 < delivery_id < FARTHEST_NUMBER:
        raise HTTPException(404)
    with _reading(user, asked.county) as reader:
        names = county_names()
        sheet = delivery_sheet(reader, delivery_id, names)
        if sheet is not None and reader.whole and not reader.side:
            sheet = replace(sheet, alerts=_waits(reader.conn, delivery_id))
    if sheet is None:
        record.refused(user, f"delivery:{delivery_id}", "scope")
    return _answer(request, user, sheet, asked)


def _waits(conn: sa.Connection, delivery_id: int) -> list[tuple[str, str]]:
    """What of a delivery is somebody's turn: the decision on it, and its letter."""
    found = [("本次交付搁置，待裁决", f"/held/{delivery_id}")] if delivery_id in open_questions(conn) else []
    words = words_on(conn, state.settings(), delivery_id)
    return found + ([(f"问题反馈单：{words}", LETTERS)] if words else [])


@door.looks("/scores/docs/{page}", access=READERS)
def docs_page(request: Request, page: str) -> Response:
    """A page of Data Docs, as the flow of the report left it. A name is looked up in one folder."""
    from upath import UPath

    if not NAME.fullmatch(page):
        raise HTTPException(404)
    kept = UPath(state.settings().reports_url) / FOLDER / page
    try:
        found = kept.read_text(encoding="utf-8")
    except OSError:  # not there yet, or what holds reports cannot be reached
        if page == INDEX:
            return show(request, "no_docs.html", told=NO_DOCS)
        raise HTTPException(404) from None
    return HTMLResponse(found)


@contextmanager
def _reading(user: User, county: str) -> Iterator[Reader]:
    """The reader that the user is, of the county asked for; 404 for one that is not theirs, and on record."""
    whole = bool(user.kinds & set(READERS))
    mine = tuple(county_names()) if whole else user.scope.counties or ()
    side = county or ("" if whole else mine[0])
    if side and side not in mine:
        record.refused(user, f"county:{side[:12]}", "scope")
        raise HTTPException(404)
    office = state.office()
    with state.pipeline().connect() as calendar:
        if whole:
            yield Reader(calendar, calendar, office, side)
            return
        with scoped(state.console(), user.scope) as conn:
            yield Reader(conn, calendar, office, side, whole=False)


def _answer(request: Request, user: User, sheet: Sheet | None, asked: Asked) -> Response:
    """The page in our frame, or the file; 404 where there is no such thing."""
    if sheet is None:
        raise HTTPException(404)
    if asked.form == "html":
        return HTMLResponse(as_file(sheet, area_name(), _today()), headers=_saved(sheet, "html"))
    if asked.form == "pdf":
        limits.count(user.name, "pdf of scores", limits.UPLOADS)
        try:
            return Response(
                as_paper(sheet, area_name(), _today()), media_type="application/pdf", headers=_saved(sheet, "pdf")
            )
        except PaperError:
            raise HTTPException(503, NO_PAPER) from None
    given = {"months": asked.months, "until": asked.until, "county": asked.county}
    given = {name: value for name, value in given.items() if value}
    return show(
        request, "sheet.html", **values(sheet), frame="frame.html", county=asked.county,
        saves={form: urlencode(given | {"form": form}) for form in ("html", "pdf")},
        open={entry.path for entry in opened_to(user)}, ways_out=_ways_out(user, sheet),
    )  # fmt: skip


def _ways_out(user: User, sheet: Sheet) -> set[str]:
    """Where what waits is decided, for who decides and where a question is open; and the page of letters, for who reads it."""
    letters = {LETTERS} if user.kinds & set(READERS) else set()
    if not sheet.alerts or ROLE not in user.kinds or user.clashing:
        return letters
    with state.pipeline().connect() as conn:
        return letters | {f"/held/{number}" for number in open_questions(conn)}


def _saved(sheet: Sheet, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{sheet.name}.{ending}')}"}


def _today() -> date:
    return today_in_office(state.settings())
