"""Carry out what officers decide of a list: approve, return, lock, go on without counties, cancel, resume, withdraw, close.

Who acts is the signed-in user, held to the office's tables; what they looked at goes with the form (`seen`), and another list by
now is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from talentpool.campaigns.life.acting import cancel, close, resume, set_apart, withdraw
from talentpool.campaigns.life.approving import LONGEST, decide
from talentpool.campaigns.life.as_seen import lock_as_seen
from talentpool.campaigns.lists import Stored
from talentpool.declare import Campaign, load_campaign
from talentpool.errors import ConflictError, RefusedError, UsageError, WaitingError
from talentpool.office_day import today_in_office
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.entitled import approver_of, said, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.pages.lists.one import show_list
from talentpool_airflow.console.user import SignedIn, User

door = Door()
MOVES = ("city_officer",)
NOT_SURE = "请先勾选确认；需要理由或意见的，请一并填写。"


@door.acts("/lists/{list_id}/approve", access=OFFICERS)
def approve(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The step that is the user's is approved."""
    return _decided(request, user, form, list_id, approve=True)


@door.acts("/lists/{list_id}/return", access=OFFICERS)
def send_back(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The step that is the user's is returned, with a comment."""
    return _decided(request, user, form, list_id, approve=False)


def _decided(request: Request, user: User, form: FormData, list_id: int, *, approve: bool) -> Response:
    county, comment = text(form, "county"), text(form, "comment", most=LONGEST)
    ready = approve or bool(comment)

    def act(stored: Stored, seen: str) -> None:
        if county and not user.scope.city and county not in (user.scope.counties or ()):
            raise RefusedError("scope", f"{user.name} sees nobody of {county}")
        if not county and not user.scope.city and len(user.scope.counties or ()) != 1:
            raise UsageError("请从页面上对应区县的按钮操作")
        own = county or next(iter(user.scope.counties or ()), None)
        decide(state.office(), stored.list_id, approver_of(user), today=today_in_office(state.settings()),
               approve=approve, county=own, comment=comment, seen=seen)  # fmt: skip

    return _acted(request, user, form, list_id, "approve" if approve else "return", act, ready=ready)


@door.acts("/lists/{list_id}/lock", access=MOVES)
def lock(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The list is frozen as it was looked at."""

    def act(stored: Stored, seen: str) -> None:
        lock_as_seen(state.office(), _declared(stored), stored.list_id, approver_of(user), seen=seen)

    return _acted(request, user, form, list_id, "lock", act)


@door.acts("/lists/{list_id}/without", access=MOVES)
def go_on_without(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The counties that have not approved wait for a supplement."""
    reason = text(form, "reason")

    def act(stored: Stored, seen: str) -> None:
        if seen != stored.content_hash:
            raise ConflictError("another list by now")
        set_apart(state.office(), stored.list_id, approver_of(user), reason=reason)

    return _acted(request, user, form, list_id, "without", act, ready=bool(reason))


@door.acts("/lists/{list_id}/cancel", access=MOVES)
def cancel_round(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The round does not take place, whatever was drawn for it meanwhile."""

    def move(stored: Stored, reason: str) -> None:
        cancel(state.office(), _declared(stored), stored.cycle, approver_of(user), reason=reason)

    return _moved(request, user, form, list_id, "cancel", move)


@door.acts("/lists/{list_id}/resume", access=MOVES)
def resume_round(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The round takes place after all."""

    def move(stored: Stored, reason: str) -> None:
        resume(state.office(), _declared(stored), stored.cycle, approver_of(user), reason=reason)

    return _moved(request, user, form, list_id, "resume", move)


@door.acts("/lists/{list_id}/withdraw", access=MOVES)
def withdraw_draft(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """A draft beside the round's own list is not wanted."""

    def move(stored: Stored, reason: str) -> None:
        withdraw(state.office(), stored.list_id, approver_of(user), reason=reason)

    return _moved(request, user, form, list_id, "withdraw", move)


@door.acts("/lists/{list_id}/close", access=MOVES)
def close_list(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """What the list was for is done."""

    def move(stored: Stored, reason: str) -> None:
        close(state.office(), stored.list_id, approver_of(user), reason=reason)

    return _moved(request, user, form, list_id, "close", move)


def _declared(stored: Stored) -> Campaign:
    return load_campaign(state.settings().campaign_dirs, stored.campaign)


def _moved(
    request: Request, user: User, form: FormData, list_id: int, name: str, move: Callable[[Stored, str], None]
) -> Response:
    """`move` with the reason that the form gives."""
    reason = text(form, "reason")
    return _acted(request, user, form, list_id, name, lambda stored, _: move(stored, reason), ready=bool(reason))


def _acted(
    request: Request,
    user: User,
    form: FormData,
    list_id: int,
    name: str,
    act: Callable[[Stored, str], Any],
    *,
    ready: bool = True,
) -> Response:
    """Do it, and show the list as it stands then, at an address that can be loaded again."""
    stored = visible_list(user, list_id)
    seen = text(form, "seen")
    if not ready or not seen or text(form, "sure") != "yes":
        return show_list(request, user, list_id, fault=NOT_SURE)
    try:
        act(stored, seen)
    except (UsageError, WaitingError) as error:
        if isinstance(error, RefusedError):
            record.refused(user, f"list:{list_id}", error.code)
        status, fault = said(error)
        return show_list(request, user, list_id, fault=fault, status=status)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}?done={name}", 303)
