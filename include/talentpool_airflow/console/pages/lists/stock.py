"""Serve 物资台账 of a list's round: what is where, who entered what, who answers for how many; and the forms for an entry.

Who enters is the signed-in user: the city's officer everything, a county's what lies in that county. What was handed out is no
form here: it is read from the receipts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.ledger.accounts import (
    CITY,
    KINDS,
    SOURCES,
    county_account,
    county_of,
    say_account,
    station_account,
    station_of,
)
from talentpool.campaigns.ledger.balance import Balance, balance, entries
from talentpool.campaigns.ledger.moving import LONGEST, Entry, enter, is_open, turn_back
from talentpool.campaigns.ledger.signed import signed
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.standing import tally
from talentpool.declare.occasion import say_cycle
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.entitled import REFUSED, approver_of, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES

door = Door()
DONE = {"move": "已登记", "correct": "已更正"}
NOT_SURE = "没有登记：请填写完整，份数为六位以内的整数，并勾选确认"


@door.looks("/lists/{list_id}/stock", access=OFFICERS)
def stock_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The round's accounts that the user sees."""
    return _page(request, user, list_id, done=DONE.get(request.query_params.get("done", ""), ""))


@door.acts("/lists/{list_id}/stock/move", access=JUDGES)
def add_entry(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """An entry from one account to another."""
    given = {name: text(form, name) for name in ("from", "to", "number", "donor", "note")}
    count = _whole(given["number"])

    def act() -> None:
        entry = Entry(given["from"], given["to"], count or 0, given["note"], given["donor"])
        enter(state.office(), list_id, entry, approver_of(user))

    ready = bool(count) and text(form, "sure") == "yes"
    return _acted(request, user, list_id, "move", act, ready=ready, kept=given)


@door.acts("/lists/{list_id}/stock/correct", access=JUDGES)
def correct_entry(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """An entry turned back, or a part of it, with a reason."""
    given = {name: text(form, name) for name in ("entry", "part", "reason")}
    entry, part = _whole(given["entry"]), _whole(given["part"])

    def act() -> None:
        turn_back(state.office(), list_id, entry or 0, part, approver_of(user), reason=given["reason"])

    ready = bool(entry and given["reason"]) and (part is not None or not given["part"]) and text(form, "sure") == "yes"
    return _acted(request, user, list_id, "correct", act, ready=ready, kept=given)


def _whole(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) <= 6 else None


def _acted(
    request: Request, user: User, list_id: int, name: str, act: Callable[[], Any], *, ready: bool, kept: dict[str, str]
) -> Response:
    visible_list(user, list_id)
    if not ready:
        return _page(request, user, list_id, fault=NOT_SURE, kept=kept)
    try:
        act()
    except UsageError as error:
        if isinstance(error, RefusedError):
            record.refused(user, f"list:{list_id}", error.code)
            fault, status = REFUSED.get(error.code, REFUSED["role"]), 403
        else:
            fault, status = str(error), 409 if isinstance(error, ConflictError) else 422
        return _page(request, user, list_id, fault=fault, status=status, kept=kept)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}/stock?done={name}", 303)


def _page(
    request: Request,
    user: User,
    list_id: int,
    *,
    fault: str = "",
    status: int = 422,
    done: str = "",
    kept: dict[str, str] | None = None,
) -> Response:
    stored = visible_list(user, list_id)
    own = None if user.scope.city else frozenset(user.scope.counties or ())
    with scoped(state.console(), user.scope) as conn:
        found = balance(conn, stored.campaign, stored.cycle, own)
        made = entries(conn, stored.campaign, stored.cycle)
        answers = [one for one in signed(conn, stored.campaign, stored.cycle) if own is None or one.county in own]
        stations = _stations(conn, stored, found, own)
        record.written(conn, user, "view", f"list:{list_id}", details={"stock": len(made)})
    with state.pipeline().connect() as conn:
        opened = is_open(conn, stored.campaign, stored.cycle)
    names, partners = county_names(), partner_names(state.settings())
    return show(
        request, "stock.html", status if fault else 200, list=stored, passport=stored.passport, fault=fault, done=done,
        found=found, made=made, signed=answers, opened=opened, may_enter=opened and bool(user.kinds & set(JUDGES)),
        offered=_offered(user, stations), say=lambda account: say_account(account, names, partners), KINDS=KINDS,
        STATES=LIST_STATES, say_cycle=say_cycle, city=user.scope.city, kept=kept or {}, counties=names,
        partners=partners, longest=LONGEST, is_station=lambda account: station_of(account) is not None,
    )  # fmt: skip


def _stations(conn: sa.Connection, stored: Stored, found: Balance, own: frozenset[str] | None) -> list[str]:
    """Accounts of the stations of the list, and of those that have one already."""
    listed = {station_account(partner, county, name) for county, partner, name in
              tally(conn, stored.list_id, "county", "partner", "station") if county and name}  # fmt: skip
    known = {place.account for place in found.places if station_of(place.account)}
    return sorted(one for one in listed | known if own is None or county_of(one) in own)


def _offered(user: User, stations: list[str]) -> dict[str, list[str]]:
    """Accounts that the form offers: from where, and where to."""
    codes = county_names() if user.scope.city else sorted(user.scope.counties or ())
    counties = [county_account(code) for code in codes]
    places = [CITY] if user.scope.city else []
    return {
        "from": [*SOURCES, *places, *counties, *stations],
        "to": [CITY, *counties, *stations, "returned", "damaged"],
    }
