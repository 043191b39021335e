"""Serve 问题反馈单: which letters were sent, could not be, or wait; the city's officer takes one out, sealed."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response

from talentpool.decide import STANDS
from talentpool.errors import RefusedError, UsageError
from talentpool.office_day import today_in_office
from talentpool.services.letters import overview, take_out
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages.quality import READERS
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()
HANDS_ON = ("city_officer",)


@door.looks("/letters", access=READERS)
def letters_page(request: Request, user: SignedIn) -> Response:
    """Letters of the last months, and deliveries that wait for one. Counts and states, no value of a delivery."""
    return _page(request, user)


@door.acts("/letters/download", access=HANDS_ON, rate=limits.UPLOADS)
def download(request: Request, user: SignedIn, form: Posted) -> Response:
    """The sealed file as it was recorded; that it was taken out is on record first."""
    wanted = number(form, "letter")
    if text(form, "sure") != "yes" or wanted is None:
        return _page(request, user, fault="请先勾选“仅转交给该合作单位”。")
    try:
        name, sealed = take_out(state.office(), wanted, by=user.name)
    except RefusedError as refusal:
        record.refused(user, f"letter:{wanted}", refusal.code)
        return _page(request, user, fault=NOT_THEIR_DUTY, status=403)
    except UsageError as error:
        return _page(request, user, fault=f"{error}。", status=404)
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(sealed, media_type="application/octet-stream", headers={"Content-Disposition": said})


def _page(request: Request, user: User, *, fault: str = "", status: int = 422) -> Response:
    with state.pipeline().connect() as conn:
        found = overview(conn, state.settings(), today_in_office(state.settings()))
    return show(
        request, "letters.html", status if fault else 200, fault=fault, STANDS=STANDS,
        waiting=[one for one in found if one.is_unsent], sent=[one for one in found if not one.is_unsent],
        hands_on=bool(user.kinds & set(HANDS_ON)),
    )  # fmt: skip
