"""Serve one row that was set aside: masked, in plain for a reason, and what may be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from talentpool import mend
from talentpool.acquire import load_partner, partner_names
from talentpool.errors import ConflictError, DeclarationError, RefusedError, UsageError
from talentpool.guard import Personal, scoped
from talentpool.office_day import today_in_office
from talentpool.services.mending import (
    Act,
    Place,
    ReplacesError,
    Waiting,
    correct,
    give_back,
    holding,
    release,
    waiting,
)
from talentpool.services.mending.allowed import FIELDS, correctable, releasable, why_not_corrected, why_not_released
from talentpool.services.mending.rows import masked
from talentpool.services.rights.reveal import LEAST_NOTE, REASONS
from talentpool.texts.reasons import reasons
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.pages.quarantine import FIELD_NAMES, place_of, show_waiting
from talentpool_airflow.console.plain import COUNTED_AS, show_plain_row
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()


@door.looks("/quarantine/row", access=OFFICERS)
def row_page(request: Request, user: SignedIn, delivery: int = 0, row: int = 0) -> Response:
    """One row, masked; without one the list."""
    if not delivery:
        return show_waiting(request, user)
    one = _row(user, place_of(delivery, row))
    if one is None:
        record.refused(user, f"delivery:{delivery}", "scope")
        raise HTTPException(404, "这一行已不再等待，或者不在您的管理范围内。请从“待更正”页打开。")
    return _show(request, user, one)


@door.acts("/quarantine/plain", access=OFFICERS, rate=limits.REVEALS, counted_as=COUNTED_AS)
def plain(request: Request, user: SignedIn, form: Posted) -> Response:
    """The row's values in plain, once, for a reason that goes on record."""
    one = _row(user, _place(form))
    if one is None:
        return show_waiting(request, user, fault=_GONE)
    shown = show_plain_row(user, one.place, reason=text(form, "reason"), note=text(form, "note"))
    if isinstance(shown, str):
        return _show(request, user, one, refusal=shown)
    return _show(request, user, one, plain=shown, cells=_cells(one))


@door.acts("/quarantine/correct", access=JUDGES, rate=limits.TRIES)
def correct_row(request: Request, user: SignedIn, form: Posted) -> Response:
    """Another value in one field; tried by the rules, remembered, and the row taken in."""
    field, value = text(form, "field"), text(form, "value")
    return _acted(request, user, form, lambda place, act: correct(state.office(), place, field, value, act).outcome)


@door.acts("/quarantine/release", access=JUDGES, rate=limits.TRIES)
def release_row(request: Request, user: SignedIn, form: Posted) -> Response:
    """The row as it is."""
    if text(form, "sure") != "yes":
        one = _row(user, _place(form))
        fault = "请勾选“已向单位核实”后再收下。"
        return show_waiting(request, user, fault=_GONE) if one is None else _show(request, user, one, fault=fault)
    return _acted(request, user, form, lambda place, act: release(state.office(), place, act).outcome)


@door.acts("/quarantine/return", access=JUDGES)
def return_row(request: Request, user: SignedIn, form: Posted) -> Response:
    """The partner was told, and is to correct it."""

    def act_on(place: Place, act: Act) -> str:
        give_back(state.office(), place, act)
        return "returned"

    return _acted(request, user, form, act_on)


_GONE = "这一行已不再等待：可能已由他人处理、已到期删除，或已被更新的名册取代。以下是现在的情况。"


def _acted(request: Request, user: User, form: FormData, act_on: Callable[[Place, Act], str]) -> Response:
    one = _row(user, _place(form))
    if one is None:
        return show_waiting(request, user, fault=_GONE)
    act = Act(user.name, text(form, "reason"), user.scope.counties, number(form, "replaces"))
    try:
        outcome = act_on(one.place, act)
    except ReplacesError as other:
        return _show(
            request,
            user,
            one,
            other=other.held,
            asked={name: text(form, name) for name in ("field", "value", "reason")},
        )
    except RefusedError as refusal:
        record.refused(user, f"record:{one.record}", refusal.code)
        return _show(request, user, one, fault=NOT_THEIR_DUTY)
    except ConflictError as changed:
        return show_waiting(request, user, fault=f"{changed}。")
    except UsageError as error:
        return _show(request, user, one, fault=f"{error}。")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/quarantine?done={outcome}", 303)


def _place(form: FormData) -> Place | None:
    return place_of(number(form, "delivery"), number(form, "row"))


def _row(user: User, place: Place | None) -> Waiting | None:
    """The row, where it waits and the user's own connection sees it."""
    if place is None:
        return None
    with state.pipeline().connect() as conn:
        found = waiting(conn, today_in_office(state.settings()), user.scope.counties, place)
    with scoped(state.console(), user.scope) as conn:
        return found[0] if found and place in masked(conn, state.keys(), [place]) else None


def _cells(one: Waiting) -> list[tuple[str, str]]:
    """The row as it was delivered, as long as its file is kept. Called when the look is on record."""
    try:
        partner = load_partner(state.settings().partner_dirs, one.partner)
    except DeclarationError:
        return []
    row = mend.read_row(state.office(), partner, one.place.delivery_id, row_no=one.place.row_no)
    return (
        [(FIELD_NAMES[name], cell) for name, cell in row.cells.items() if name in FIELD_NAMES]
        if row and row.record == one.record
        else []
    )


def _show(
    request: Request,
    user: User,
    one: Waiting,
    *,
    plain: Personal | None = None,
    refusal: str = "",
    fault: str = "",
    **more: Any,
) -> Response:
    city = user.scope.city
    with scoped(state.console(), user.scope) as conn:
        person = masked(conn, state.keys(), [one.place])[one.place]
        held = holding(conn, record=one.record)
        if plain is None:
            record.written(conn, user, "view", f"record:{one.record}", details={"delivery": one.place.delivery_id})
    may, may_release = correctable(one.codes, city=city), releasable(one.codes)
    values: dict[str, Any] = {"cells": [], "other": None, "asked": {"field": "", "value": "", "reason": ""}} | more
    return show(
        request, "set_aside.html", 422 if fault or refusal or values["other"] else 200, one=one, person=person, plain=plain,
        refusal=refusal, fault=fault, held=held, known=reasons(), FIELDS=FIELDS, FIELD_NAMES=FIELD_NAMES, reasons=REASONS,
        least=LEAST_NOTE, partners=partner_names(state.settings()), counties=county_names(),
        may_act=bool(user.kinds & set(JUDGES)), may_correct=may, may_release=may_release,
        why_not="" if may else why_not_corrected(one.codes), why_not_release="" if may_release else why_not_released(one.codes),
        **values,
    )  # fmt: skip
