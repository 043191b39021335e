"""Serve 待更正: rows that were set aside and wait, masked, by partner, reason and age; and what is remembered for rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.declare import TEMPLATE_V1
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.mending import Held, Place, ReplacesError, Waiting, end_value, holding, waiting
from talentpool.services.mending.rows import masked
from talentpool.texts.reasons import reasons
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()
SHOWN = 100
AGES = {"7": "不到 7 天", "30": "7 至 29 天", "more": "30 天以上"}
FIELD_NAMES = {field: header for header, field in TEMPLATE_V1.items()}
DONE = {
    "taken": "已入库。这个人现在可以在“查人”中找到，当晚起计入人才库。",
    "waits": "已记住，但这一行还有别的问题，仍在待更正中。",
    "returned": "已记为退回合作单位；下一份名册到达前，这一行留在这里。",
    "ended": "已停用。从该单位下一份名册起，以单位自己填写的为准。",
}


@door.looks("/quarantine", access=OFFICERS)
def quarantine_page(
    request: Request, user: SignedIn, partner: str = "", code: str = "", age: str = "", done: str = ""
) -> Response:
    """Rows that wait, of the user's counties; `partner`, `code` and `age` pick some of them."""
    return show_waiting(request, user, picked={"partner": partner, "code": code, "age": age}, done=done)


@door.acts("/quarantine/end", access=JUDGES)
def end(request: Request, user: SignedIn, form: Posted) -> Response:
    """End what is remembered for a row: the partner's own value counts again."""
    value, reason = number(form, "value"), text(form, "reason")
    if not value or not reason:
        return show_waiting(request, user, fault="请填写停用的理由。")
    try:
        sure = text(form, "sure") == "yes"
        end_value(state.office(), value, by=user.name, reason=reason, counties=user.scope.counties, others=sure)
    except ReplacesError as other:
        return show_waiting(request, user, fault=f"{other}。", other=other.held, reason=reason)
    except RefusedError as refusal:
        record.refused(user, "quarantine:rows", refusal.code)
        return show_waiting(request, user, fault=NOT_THEIR_DUTY)
    except UsageError as error:
        return show_waiting(request, user, fault=f"{error}。")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/quarantine?done=ended", 303)


def show_waiting(
    request: Request, user: User, *, picked: dict[str, str] | None = None, done: str = "", fault: str = "",
    other: Held | None = None, reason: str = "",
) -> Response:  # fmt: skip
    """The list. `done`: of DONE; `other`: somebody else's word that the user would end, for `reason`."""
    picked = picked or {"partner": "", "code": "", "age": ""}
    with state.pipeline().connect() as conn:
        rows = waiting(conn, today_in_office(state.settings()), user.scope.counties)
    found = [one for one in rows if _is_picked(one, picked)]
    shown = found[:SHOWN]
    with scoped(state.console(), user.scope) as conn:
        people = masked(conn, state.keys(), [one.place for one in shown])
        held = holding(conn)
        record.written(conn, user, "view", "quarantine:rows", details={"rows": len(people)})
    return show(
        request, "quarantine.html", 422 if fault else 200,
        rows=[(one, people[one.place]) for one in shown if one.place in people],
        found=len(found), most=SHOWN, total=len(rows), picked=picked, done=DONE.get(done, ""), fault=fault, held=held,
        by_partner=Counter(one.partner for one in rows), by_code=Counter(code for one in rows for code in one.codes),
        by_age=Counter(_age(one) for one in rows), AGES=AGES, known=reasons(), partners=partner_names(state.settings()),
        counties=county_names(), FIELD_NAMES=FIELD_NAMES, other=other, reason=reason, may_act=bool(user.kinds & set(JUDGES)),
    )  # fmt: skip


def _is_picked(one: Waiting, picked: dict[str, Any]) -> bool:
    return (
        picked["partner"] in ("", one.partner)
        and (not picked["code"] or picked["code"] in one.codes)
        and picked["age"] in ("", _age(one))
    )


def _age(one: Waiting) -> str:
    return "7" if one.days < 7 else "30" if one.days < 30 else "more"


def place_of(delivery: int | None, row: int | None) -> Place | None:
    """A row's place out of an address or a form; None for what is none."""
    return Place(delivery, row) if delivery and row and 0 < delivery < 2**53 and 0 < row < 2**31 else None
