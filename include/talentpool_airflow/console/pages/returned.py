"""Serve 疑似已撤回者: the city decides whether a row is a person who withdrew. No value of the row is shown."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException, Request, Response
from starlette.datastructures import FormData

from talentpool.acquire import partner_names
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.services.rights import doubtful_rows, say_of_row
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages.consents import show_consents
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY, WITHDREW

door = Door()
DECIDES = ("city_officer",)
GONE = "这一行已不再等待判定：可能已由他人判定，或已被更新的名册取代。以下是现在的情况。"
FOLLOWS = {
    "same": "留存的这一行已删除，以后同一工号的此人不再收录。",
    "different": "从该单位下一份含有此人的名册起收录；已经入库的各份名册不补收。",
}


@door.acts("/consents/row", access=DECIDES, rate=limits.SEARCHES)
def look(request: Request, user: SignedIn, form: Posted) -> Response:
    """Where the row stands, and what each of the two words means."""
    row = _waiting(user, form)
    return show_consents(request, user, fault=GONE) if row is None else _show_row(request, row)


@door.acts("/consents/row/say", access=DECIDES, rate=limits.SEARCHES)
def say(request: Request, user: SignedIn, form: Posted) -> Response:
    """The word, once: what somebody else has decided meanwhile is not decided over."""
    row, word, reason = _waiting(user, form), text(form, "word"), text(form, "reason")
    if row is None:
        return show_consents(request, user, fault=GONE)
    if word not in WITHDREW or not reason or text(form, "sure") != "yes":
        return _show_row(request, row, fault="请选择结论，填写依据，并勾选“已核对”。")
    try:
        say_of_row(
            state.office(), row["delivery_id"], row["row_no"], word, by=user.name,
            reason=reason, seen=text(form, "taken_in") == "yes",
        )  # fmt: skip
    except RefusedError as refusal:
        record.refused(user, f"record:{row['record_id']}", refusal.code)
        return show_consents(request, user, fault=NOT_THEIR_DUTY)
    except (ConflictError, UsageError):
        return show_consents(request, user, fault=GONE)
    return show_consents(request, user, done=f"已记录：{WITHDREW[word]}", words=FOLLOWS[word])


def _waiting(user: User, form: FormData) -> dict[str, Any] | None:
    """The row a form names, where it waits still."""
    if not user.scope.city:
        raise HTTPException(404)
    wanted = number(form, "delivery"), number(form, "row")
    with state.pipeline().connect() as conn:
        rows = doubtful_rows(conn, state.keys())
    return next((row for row in rows if (row["delivery_id"], row["row_no"]) == wanted), None)


def _show_row(request: Request, row: dict[str, Any], *, fault: str = "") -> Response:
    return show(
        request, "returned.html", 422 if fault else 200, row=row, fault=fault, WITHDREW=WITHDREW,
        partners=partner_names(state.settings()),
    )  # fmt: skip
