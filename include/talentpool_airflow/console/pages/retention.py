"""Serve 保存期限: every promise beside what was done, what went in counts, and legal holds, placed and ended by the city."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.errors import RefusedError, UsageError
from talentpool.office_day import today_in_office
from talentpool.services.retention import Hold, all_holds, defaults, end, place, promises, went
from talentpool.services.retention.holding import LONGEST_DAYS
from talentpool.services.retention.reporting import PARTS, SHOWN_DAYS
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.entitled import said
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
READERS = (*CITY, "auditor")
PLACES = ("city_officer",)
KINDS = {"kind": "整类", "partner": "合作单位", "delivery": "交付", "person": "人员"}
NOT_WHOLE = "没有执行：请写明暂停删除的范围、截止日和理由，并勾选确认。"
SAME_PERSON = "没有执行：提出结束的人不能自己确认，请由另一位市级人员确认。"


@door.looks("/retention", access=READERS, rate=limits.ACTS)
def retention_page(request: Request, user: SignedIn) -> Response:
    """What is promised, due, gone and held."""
    return _page(request, user)


@door.acts("/retention/hold", access=PLACES)
def keep(request: Request, user: SignedIn, form: Posted) -> Response:
    """Place a hold."""
    what, which, reason = text(form, "what"), text(form, f"which_{text(form, 'what')}"), text(form, "reason")
    try:
        until = date.fromisoformat(text(form, "until"))
    except ValueError:
        return _page(request, user, fault=NOT_WHOLE)
    if what not in KINDS or not which or not reason or text(form, "sure") != "yes":
        return _page(request, user, fault=NOT_WHOLE)
    try:
        place(state.office(), f"{what}:{which}", until=until, by=user.name, reason=reason)
    except UsageError as error:
        return _not_done(request, user, error, f"hold:{what}")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/retention", 303)


@door.acts("/retention/{number}/end", access=CITY)
def let_go(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """Say that a hold ends; the second person's word ends it."""
    reason = text(form, "reason")
    if not reason or text(form, "sure") != "yes" or not 0 < number < 2**53:
        return _page(request, user, fault="没有执行：请写明理由，并勾选确认。")
    try:
        end(state.office(), number, by=user.name, reason=reason)
    except UsageError as error:
        return _not_done(request, user, error, f"hold:{number}")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/retention", 303)


def _not_done(request: Request, user: User, error: UsageError, subject: str) -> Response:
    if isinstance(error, RefusedError):
        record.refused(user, subject, error.code)
        fault = SAME_PERSON if error.code == "same_person" else said(error)[1]
        return _page(request, user, fault=fault, status=403)
    return _page(request, user, fault=said(error)[1])


def _page(request: Request, user: User, *, fault: str = "", status: int = 422) -> Response:
    office, today = state.office(), today_in_office(state.settings())
    names = partner_names(state.settings())
    with state.pipeline().connect() as conn:
        gone, holds = went(conn, today), all_holds(conn)
    return show(
        request, "retention.html", status if fault else 200, fault=fault, promises=promises(office, today), went=gone,
        holds=[(one, _about(one, names), one.holds(today)) for one in holds], names=_names(), days=SHOWN_DAYS,
        may_place=bool(user.kinds & set(PLACES)), may_end=bool(user.kinds & set(CITY)), KINDS=KINDS, partners=names,
        today=today, longest=date.fromordinal(today.toordinal() + LONGEST_DAYS), me=user.name,
        kinds={code: term.name for code, term in defaults().items() if code not in PARTS},
    )  # fmt: skip


def _names() -> dict[str, str]:
    return {code: term.name for code, term in defaults().items()}


def _about(hold: Hold, partners: dict[str, str]) -> str:
    """What is held, in words; a person by the opaque id."""
    what, _, which = hold.about.partition(":")
    words: dict[str, Any] = {"kind": _names(), "partner": partners}
    return f"{KINDS.get(what, what)}：{words.get(what, {}).get(which, which)}"
