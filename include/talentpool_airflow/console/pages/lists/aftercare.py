"""Serve 回访与投诉: a random sample of a list, what people answered who were called back, and what people complained of.

Names are masked here. A number is seen on the person's page, for a reason, by the same door as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.following.complaints import CATEGORIES, answer_complaint, complaints, note_complaint
from talentpool.campaigns.following.spot_check import (
    ANSWER_WORDS,
    MOST,
    Answer,
    Called,
    called,
    draw_sample,
    note_answer,
    sample_of,
)
from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, OUTCOME_WORDS
from talentpool.declare.occasion import say_cycle
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.desk.list_rows import masked_names
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.entitled import REFUSED, approver_of, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
DRAWS = ("city_officer",)
NOT_READY = "请把要填的都填上，并先勾选确认。"
DONE = {"draw": "已抽取回访样本", "answer": "已登记", "complaint": "投诉已登记", "answered": "答复已登记"}


@door.looks("/lists/{list_id}/aftercare", access=OFFICERS)
def aftercare(request: Request, user: SignedIn, list_id: int) -> Response:
    """The sample and the complaints, as far as the user sees them."""
    return _page(request, user, list_id, done=DONE.get(request.query_params.get("done", ""), ""))


@door.acts("/lists/{list_id}/aftercare/draw", access=DRAWS)
def draw(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The list's one sample."""
    size = text(form, "size", most=6)
    ready = size.isdecimal() and text(form, "sure") == "yes"

    def act() -> None:
        draw_sample(state.office(), list_id, int(size), approver_of(user))

    return _acted(request, user, list_id, "draw", act, ready=ready)


@door.acts("/lists/{list_id}/aftercare/answer", access=JUDGES)
def answer(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """What somebody answered who was called back."""
    row, said = text(form, "row", most=12), text(form, "answer", most=20)

    def act() -> None:
        note_answer(state.office(), list_id, row, Answer(said), approver_of(user))

    return _acted(request, user, list_id, "answer", act, ready=bool(row) and said in list(Answer))


@door.acts("/lists/{list_id}/aftercare/complaint", access=JUDGES)
def complain(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """A complaint is noted."""
    given = {name: text(form, name, most=200) for name in ("category", "county", "day", "row", "note")}

    def act() -> None:
        note_complaint(
            state.office(), list_id, given["category"], given["county"], _day(given["day"]), approver_of(user),
            today=_today(), row_id=given["row"], note=given["note"],
        )  # fmt: skip

    ready = all(given[name] for name in ("category", "county", "day"))
    return _acted(request, user, list_id, "complaint", act, ready=ready)


@door.acts("/lists/{list_id}/aftercare/answered", access=JUDGES)
def answered(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """What was done about a complaint."""
    number, said = text(form, "number", most=18), text(form, "said", most=200)

    def act() -> None:
        answer_complaint(state.office(), list_id, int(number), said, approver_of(user))

    return _acted(request, user, list_id, "answered", act, ready=number.isdecimal() and bool(said))


def _acted(request: Request, user: User, list_id: int, name: str, act: Callable[[], Any], *, ready: bool) -> Response:
    visible_list(user, list_id)
    if not ready:
        return _page(request, user, list_id, fault=NOT_READY)
    try:
        act()
    except RefusedError as error:
        record.refused(user, f"list:{list_id}", error.code)
        return _page(request, user, list_id, fault=REFUSED.get(error.code, REFUSED["role"]), status=403)
    except UsageError as error:
        status = 409 if isinstance(error, ConflictError) else 422
        return _page(request, user, list_id, fault=f"{error}。", status=status)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}/aftercare?done={name}", 303)


def _today() -> date:
    return today_in_office(state.settings())


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError("日期请写成 2026-12-01 的形式") from None


def _page(
    request: Request, user: User, list_id: int, *, fault: str = "", status: int = 422, done: str = ""
) -> Response:
    stored = visible_list(user, list_id)
    with scoped(state.console(), user.scope) as conn:
        sample, heard = sample_of(conn, list_id), complaints(conn, list_id)
        rows = _callable(user, list_id)
        names, pages = masked_names(conn, state.keys(), [(row.person, row.record) for row in rows])
        record.written(conn, user, "view", f"list:{list_id}", details={"called": len(rows), "complaints": len(heard)})
    everywhere = county_names()
    own = everywhere if user.scope.city else {code: everywhere.get(code, code) for code in user.scope.counties or ()}
    return show(
        request, "aftercare.html", status if fault else 200, list=stored, passport=stored.passport, fault=fault,
        done=done, sample=sample, rows=rows, names=names, pages=pages, heard=heard, own=own, counties=everywhere,
        partners=partner_names(state.settings()), ANSWERS=ANSWER_WORDS, OUTCOMES=OUTCOME_WORDS, CATEGORIES=CATEGORIES,
        say_cycle=say_cycle, city=user.scope.city, today=_today(), most=MOST, **_offers(user, stored),
    )  # fmt: skip


def _callable(user: User, list_id: int) -> list[Called]:
    """The user's rows of the sample, but of who withdrew: which no reader's login sees."""
    own = None if user.scope.city else frozenset(user.scope.counties or ())
    with state.pipeline().connect() as conn:
        return [row for row in called(conn, list_id) if own is None or row.county in own]


def _offers(user: User, stored: Stored) -> dict[str, bool]:
    """Which forms the page has."""
    out = stored.state in FROZEN
    speaks = bool(user.kinds & set(JUDGES))
    by_row = stored.passport.get("form", "kit") not in COUNTED_ONLY
    return {
        "out": out,
        "by_row": by_row,
        "may_draw": out and by_row and "city_officer" in user.kinds,
        "may_answer": out and by_row and speaks,
        "may_note": out and speaks,
    }
