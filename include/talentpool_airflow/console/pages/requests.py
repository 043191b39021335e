"""Serve 撤回与查阅: officers register what people of their area ask about themselves; nothing here erases."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from talentpool.acquire import partner_names
from talentpool.errors import OpenAlreadyError, RefusedError, UsageError
from talentpool.guard import record_id, scoped
from talentpool.model import source_record
from talentpool.office_day import clock, today_in_office
from talentpool.services.desk.look_up import misses_left
from talentpool.services.desk.requests import MOST, is_there, purposes
from talentpool.services.rights import IDENTITY, entries
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import ASKED_HERE, CONSEQUENCES, FORMS, REQUEST_STATES, REQUESTS

door = Door()
STILL_THERE = "名册中仍有此人，删除后下次交付会重新带回。请改为登记“撤回授权”：以后不再收录。"
NOT_THERE = "在您的管理范围内没有这个人。请核对单位和工号；属于其他区县的，请由该区县或市级登记。"
SPENT = "今日按工号查找而没有找到的次数已用完，没有登记；{} 起可以再试。请向合作单位核对工号。"
OTHER_FORM = "此人的第 {} 号查阅申请还没有办结，副本的形式是“{}”。请先办结或撤销那一件，再登记另一种形式。"
NUMBER = "search:staff_no"


@door.looks("/requests", access=OFFICERS)
def requests_page(request: Request, user: SignedIn, person: UUID | None = None, kind: str = "") -> Response:
    """All requests that the user may see; with `kind` the form for one more, of `person` (an opaque id) or by number."""
    return _page(request, user, person, kind if kind in ASKED_HERE else "")


@door.acts("/requests", access=JUDGES, rate=limits.SEARCHES)
def register_request(request: Request, user: SignedIn, form: Posted) -> Response:
    """Register; what is done to the pool is done by the pipeline's login, after role and county were held there."""
    from talentpool.services.rights import register

    kind, reason, identity = text(form, "kind"), text(form, "reason"), text(form, "identity")
    if kind not in ASKED_HERE:
        raise HTTPException(422, "请从人员详情页或“撤回与查阅”页选择申请事项。")
    person, asked, fault = _whom(user, form)
    purpose = text(form, "purpose") or None
    try:
        received = date.fromisoformat(text(form, "received_on"))
    except ValueError:
        fault = fault or "请填写收到申请的日期。"
    if not fault and received > today_in_office():
        fault = "收到申请的日期不得晚于今天。"
    if not fault and (not reason or (identity and identity not in IDENTITY)):
        fault = "请填写说明，并选择身份核对情况。"
    if not fault and kind == "opt_out" and purpose not in purposes(state.settings()):
        fault = "请选择本人不参加的活动。"
    on_paper = text(form, "on_paper")
    if not fault and kind == "access" and on_paper not in FORMS:
        fault = "请选择副本的形式。"
    if fault:
        return _page(request, user, person, kind, fault=fault)
    try:
        entry = register(
            state.office(), kind, asked, by=user.name, reason=reason,
            received_on=received, identity=identity, purpose=purpose if kind == "opt_out" else None,
            on_paper=on_paper == "yes", counties=user.scope.counties,
        )  # fmt: skip
    except RefusedError as refusal:
        record.refused(user, f"request:{kind}", refusal.code)
        return _page(request, user, person, kind, fault=NOT_THERE)
    except OpenAlreadyError as open_:
        other = FORMS["no" if on_paper == "yes" else "yes"]
        return _page(request, user, person, kind, fault=OTHER_FORM.format(open_.number, other), open_=open_.number)
    except UsageError:
        return _page(request, user, person, kind, fault=STILL_THERE if kind == "erase" else NOT_THERE)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/requests/{entry.request_id}", 303)


def _whom(user: User, form: FormData) -> tuple[UUID | None, str, str]:
    """(person of the page, whom to ask the pool for, why nobody). A staff number that is typed is a search by a number: one
    that fits nobody is a miss, of which a day has so many (services/desk/look_up.py)."""
    try:
        person = UUID(text(form, "person")) if text(form, "person") else None
    except ValueError:
        return None, "", NOT_THERE
    if person is not None:
        with scoped(state.console(), user.scope) as conn:
            there = is_there(conn, person)
        if not there:
            record.refused(user, f"person:{person}", "scope")
            raise HTTPException(404)
        return person, str(person), ""
    partner, staff_no = text(form, "partner"), text(form, "staff_no")
    if not partner or not staff_no:
        return None, "", "请选择单位并填写工号。"
    with scoped(state.console(), user.scope) as conn:
        _, opens_at = misses_left(conn, state.settings(), NUMBER, actor=user.name, area=record.area_of(user))
        if opens_at is not None:
            return None, "", SPENT.format(clock(opens_at))
        fits = _works_here(user, partner, staff_no)
        record.written(conn, user, "search", NUMBER, details={"people": int(fits), "usable": True})
    return None, f"{partner}:{staff_no}", "" if fits else NOT_THERE


def _works_here(user: User, partner: str, staff_no: str) -> bool:
    """Whether a record of that number is in the user's counties; those out of use are hidden from every scoped connection."""
    live, counties = source_record, user.scope.counties
    here = sa.true() if counties is None else live.c.county.in_(counties)
    query = sa.select(sa.exists().where(live.c.record_id == record_id(state.keys(), partner, staff_no), here))
    with state.pipeline().connect() as conn:
        return bool(conn.scalar(query))


def _page(request: Request, user: User, person: UUID | None, kind: str, *, fault: str = "", open_: int = 0) -> Response:
    """`open_`: the number of a request that must be seen to first."""
    may_register = bool(user.kinds & set(JUDGES))
    if person is not None:
        with scoped(state.console(), user.scope) as conn:
            if not is_there(conn, person):
                person, fault = None, fault or "没有这个人，或已停止使用、已删除。"
    with state.pipeline().connect() as conn:
        rows = entries(conn, user.scope.counties, limit=MOST)
    today = today_in_office()
    values: dict[str, Any] = {
        "person": person, "kind": kind if may_register else "", "rows": rows, "today": today, "fault": fault, "open": open_,
        "late": {row.request_id for row in rows if row.is_late(today)}, "may_register": may_register,
        "REQUESTS": REQUESTS, "ASKED_HERE": ASKED_HERE, "CONSEQUENCES": CONSEQUENCES, "IDENTITY": IDENTITY,
        "STATES": REQUEST_STATES, "purposes": purposes(state.settings()), "partners": partner_names(state.settings()),
    }  # fmt: skip
    return show(request, "requests.html", 422 if fault else 200, **values)
