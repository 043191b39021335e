"""Serve 审批代理: who approves lists in whose place and until when; whoever has a role names their deputy, and ends it."""

from __future__ import annotations

from datetime import date

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.campaigns.life.deputies import CITY as CITY_ROLES
from talentpool.campaigns.life.deputies import LONGEST, deputies, end_deputy, name_deputy
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.entitled import approver_of, role_word, said
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
NOT_WHOLE = "请选择职务，填写代理人的登录名和起止日期，并勾选确认。"


@door.looks("/lists/deputies", access=OFFICERS)
def deputies_page(request: Request, user: SignedIn) -> Response:
    """Namings of today and later: a county's officer reads those of their county."""
    return _page(request, user)


@door.acts("/lists/deputies", access=OFFICERS)
def name_one(request: Request, user: SignedIn, form: Posted) -> Response:
    """A deputy for some days."""
    role, name = text(form, "role"), text(form, "deputy", most=60)
    try:
        days = date.fromisoformat(text(form, "first")), date.fromisoformat(text(form, "last"))
    except ValueError:
        return _page(request, user, fault=NOT_WHOLE)
    if not role or not name or text(form, "sure") != "yes":
        return _page(request, user, fault=NOT_WHOLE)
    try:
        name_deputy(state.office(), role, name, days, approver_of(user), today_in_office(state.settings()))
    except UsageError as error:
        return _not_done(request, user, error, f"role:{role}")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/deputies", 303)


@door.acts("/lists/deputies/{deputy_id}/end", access=OFFICERS)
def end_one(request: Request, user: SignedIn, form: Posted, deputy_id: int) -> Response:
    """The naming holds no more."""
    if text(form, "sure") != "yes" or not 0 < deputy_id < 2**53:
        return _page(request, user, fault="请先勾选确认收回。")
    try:
        end_deputy(state.office(), deputy_id, approver_of(user))
    except UsageError as error:
        return _not_done(request, user, error, f"deputy:{deputy_id}")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/deputies", 303)


def _not_done(request: Request, user: User, error: UsageError, subject: str) -> Response:
    if isinstance(error, RefusedError):
        record.refused(user, subject, error.code)
    status, fault = said(error)
    return _page(request, user, fault=fault, status=status)


def _page(request: Request, user: User, *, fault: str = "", status: int = 422) -> Response:
    today = today_in_office(state.settings())
    with state.pipeline().connect() as conn:
        named = deputies(conn, today)
    shown = [one for one in named if user.scope.city or one["role"] in user.scope.roles]
    with scoped(state.console(), user.scope) as conn:
        record.written(conn, user, "view", "deputy:all", details={"deputies": len(shown)})
    return show(
        request, "deputies.html", status if fault else 200, named=shown, fault=fault, roles=_may_name(user),
        may_end=lambda role: role in user.scope.roles or "city_officer" in user.kinds, role_word=role_word, today=today,
        longest=LONGEST,
    )  # fmt: skip


def _may_name(user: User) -> list[str]:
    """Roles whose deputy the user names: theirs, and for the city's officer every county's."""
    own = [role for role in CITY_ROLES if role in user.scope.roles]
    counties = county_names() if "city_officer" in user.kinds else user.scope.counties or ()
    return own + [f"county_officer_{code}" for code in counties]
