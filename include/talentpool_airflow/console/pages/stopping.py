"""Serve 停报名单: write a partner a letter with the staff numbers to stop sending; each letter is an export on record."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response

from talentpool.acquire import partner_names
from talentpool.errors import ConflictError, RefusedError
from talentpool.office_day import today_in_office
from talentpool.reference.contact import contact_for
from talentpool.services.rights import hand_out, stop_letter, told_to_stop
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages.consents import show_consents
from talentpool_airflow.console.plain import NEEDS_FACTOR, by_password_alone
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()
TELLS = ("city_officer",)
NOBODY = "没有需要告知这个单位的工号：可能已由他人告知。"
MORE = "取出之后名单有了变化，没有清除。以下是现在的名单，请重新发函。"


@door.acts("/consents/stop", access=TELLS, rate=limits.UPLOADS)
def letter(request: Request, user: SignedIn, form: Posted) -> Response:
    """The letter with the numbers, in plain, once a press."""
    return _letter(request, user, text(form, "partner"))


@door.acts("/consents/stop/told", access=TELLS, rate=limits.UPLOADS)
def told(request: Request, user: SignedIn, form: Posted) -> Response:
    """The partner was told: the numbers handed out are forgotten, and none that came meanwhile."""
    partner, seen = text(form, "partner"), text(form, "seen")
    if not user.scope.city:
        raise HTTPException(404)
    if text(form, "sure") != "yes" or not seen:
        return _letter(request, user, partner, fault="请先勾选“已发函告知”，没有清除。")
    try:
        count = told_to_stop(state.office(), partner, by=user.name, seen=seen)
    except ConflictError:
        return _letter(request, user, partner, fault=MORE)
    except RefusedError as refusal:
        return _not_theirs(request, user, partner, refusal)
    return show_consents(request, user, done=f"已记录：已告知 {count} 个工号", words="系统中不再保留这些工号。")


def _letter(request: Request, user: User, partner: str, *, fault: str = "") -> Response:
    if not user.scope.city:
        raise HTTPException(404)
    if by_password_alone(user, f"partner:{partner}"):
        return show_consents(request, user, fault=NEEDS_FACTOR)
    try:
        found = hand_out(state.office(), partner, by=user.name)
    except RefusedError as refusal:
        return _not_theirs(request, user, partner, refusal)
    if not found.numbers:
        return show_consents(request, user, fault=NOBODY)
    name = partner_names(state.settings()).get(partner, partner)
    with state.pipeline().connect() as conn:
        sender = contact_for(conn, state.settings().area)
    return show(
        request, "stopping.html", 422 if fault else 200, partner=partner, name=name, count=len(found.numbers),
        seen=found.seen, letter=stop_letter(name, sender, found.numbers, today_in_office(state.settings())), fault=fault,
    )  # fmt: skip


def _not_theirs(request: Request, user: User, partner: str, refusal: RefusedError) -> Response:
    record.refused(user, f"partner:{partner}", refusal.code)
    return show_consents(request, user, fault=NOT_THEIR_DUTY)
