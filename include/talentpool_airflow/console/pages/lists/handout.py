"""Serve 现场发放: begin and end an event of a list, and hand out the codes by which stations and officers sign in for it.

The code is shown once, with the address as a QR code: the page that it opens stands outside of Airflow's frame, on a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow.configuration import conf
from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.handout import events, passes
from talentpool.campaigns.handout.apart.collecting import Carried, carried, set_aside
from talentpool.campaigns.handout.apart.packing import issue_apart, remove_ended
from talentpool.campaigns.handout.events import MOST_DAYS, Event, events_of
from talentpool.campaigns.handout.passes import OUT, Account, issue
from talentpool.campaigns.handout.reserve import reserve_left, walk_ins
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.standing import tally
from talentpool.campaigns.receipts.taking import COUNTED_ONLY
from talentpool.declare.occasion import say_cycle
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.paper.code import qr_svg
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import JUDGES, Door
from talentpool_airflow.console.entitled import REFUSED, approver_of, visible_list
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES
from talentpool_airflow.sign_in.sessions import bound_of, find

door = Door()
OWN, APART = "own", "apart"
"""Instead of a station: the officer's own phone; where the code is good: on the host apart."""
DONE = {"start": "已开始发放", "end": "已结束发放，所有登录已失效", "revoke": "已作废"}
NOT_SURE = "请先勾选确认。"


@dataclass(frozen=True)
class Code:
    """A code as it is shown, once. `address`: where it is typed in; `svg`: that and the code, to be scanned."""

    code: str
    whose: str
    address: str
    svg: str


@door.looks("/lists/{list_id}/handout", access=JUDGES)
def handout_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The events of the list that the user sees, who is signed in, and the forms."""
    return _page(request, user, list_id, done=DONE.get(request.query_params.get("done", ""), ""))


@door.acts("/lists/{list_id}/handout/start", access=JUDGES)
def start(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """Begin an event in a county."""
    county, days, reserve = text(form, "county"), number(form, "days") or 0, number(form, "reserve") or 0

    def act() -> None:
        events.start(state.office(), list_id, county, approver_of(user), days=days, reserve=reserve)

    return _acted(request, user, list_id, "start", act, sure=text(form, "sure") == "yes")


@door.acts("/lists/{list_id}/handout/end", access=JUDGES)
def end(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """End an event now."""

    def act() -> None:
        events.end(state.office(), number(form, "event") or 0, approver_of(user))
        remove_ended(state.office())

    return _acted(request, user, list_id, "end", act, sure=text(form, "sure") == "yes")


@door.acts("/lists/{list_id}/handout/code", access=JUDGES)
def code(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """A code for a station, or for the officer's own phone; the page shows it, and nothing does again."""
    visible_list(user, list_id)
    partner, _, station = text(form, "place").partition("|")
    place = _account(user) if partner == OWN else (partner, station)
    apart = text(form, "where") == APART and _offers_host()
    try:
        made = (issue_apart if apart else issue)(state.office(), number(form, "event") or 0, place, approver_of(user))
    except UsageError as error:
        return _page(request, user, list_id, fault=_why(user, list_id, error))
    whose = "您本人的手机" if partner == OWN else f"{partner_names(state.settings()).get(partner, partner)} · {station}"
    home = state.settings().handout_address if apart else conf.get("api", "base_url", fallback="").rstrip("/")
    address = f"{home}/handout/{list_id}"
    return _page(request, user, list_id, shown=Code(made, whose, address, qr_svg(f"{address}#{made}")))


@door.acts("/lists/{list_id}/handout/revoke", access=JUDGES)
def revoke(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """End one sign-in."""

    def act() -> None:
        passes.revoke(state.office(), number(form, "pass") or 0, approver_of(user))
        remove_ended(state.office())

    return _acted(request, user, list_id, "revoke", act, sure=True)


def _account(user: User) -> Account:
    found = find(user.name)
    if found is None:
        raise HTTPException(403, "没有找到您的账号，没有发码。")
    return Account(found[0], bound_of(found[1]))


def _acted(
    request: Request, user: User, list_id: int, name: str, act: Callable[[], Any], *, sure: bool
) -> Response:  # fmt: skip
    visible_list(user, list_id)
    if not sure:
        return _page(request, user, list_id, fault=(NOT_SURE, 422))
    try:
        act()
    except UsageError as error:
        return _page(request, user, list_id, fault=_why(user, list_id, error))
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}/handout?done={name}", 303)


def _why(user: User, list_id: int, error: UsageError) -> tuple[str, int]:
    if isinstance(error, RefusedError):
        record.refused(user, f"list:{list_id}", error.code)
        return REFUSED.get(error.code, REFUSED["role"]), 403
    return f"{error}。", 422


@dataclass(frozen=True)
class Shown:
    """An event with what came of it and who may sign in."""

    event: Event
    walked: int
    signed: int
    signings: int
    passes: list[passes.Issued]
    carried: Carried
    stations: list[tuple[str, str]]


def _page(
    request: Request,
    user: User,
    list_id: int,
    *,
    fault: tuple[str, int] = ("", 200),
    done: str = "",
    shown: Code | None = None,
) -> Response:
    stored = visible_list(user, list_id)
    with scoped(state.console(), user.scope) as conn:
        groups = list(tally(conn, list_id, "county", "partner", "station"))
        seen = events_of(conn, list_id)
        record.written(conn, user, "view", f"list:{list_id}", details={"handouts": len(seen)})
    with state.pipeline().connect() as conn:
        every = passes.issued(conn, [event.event_id for event in seen])
        each = [
            Shown(event, walk_ins(conn, event.event_id), *events.signed(conn, event.event_id),
                  [one for one in every if one.event_id == event.event_id], carried(conn, event.event_id),
                  [(partner, station) for county, partner, station in groups if county == event.county])
            for event in seen
        ]  # fmt: skip
        left = {county: reserve_left(conn, stored, county) for county in sorted({group[0] for group in groups} - {""})}
    lasting = {one.event.county for one in each if one.event.lasts}
    return show(
        request, "handout.html", fault[1], list=stored, passport=stored.passport, fault=fault[0], done=done, code=shown,
        shown=each, left=left, free=[county for county in left if county not in lasting], offers=_may_begin(stored),
        counted_only=stored.passport.get("form", "kit") in COUNTED_ONLY, counties=county_names(), city=user.scope.city,
        partners=partner_names(state.settings()), STATES=LIST_STATES, say_cycle=say_cycle, days=range(1, MOST_DAYS + 1),
        me=user.name, own=OWN, apart=APART, hosts=_offers_host(), aside=set_aside(state.settings()),
    )  # fmt: skip


def _offers_host() -> bool:
    return state.settings().handout_address != "none"


def _may_begin(stored: Stored) -> bool:
    return stored.state in OUT and stored.passport.get("form", "kit") not in COUNTED_ONLY
