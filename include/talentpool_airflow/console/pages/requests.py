"""撤回与查阅: what people ask about themselves, carried out by the city's officer, with deadlines and proof."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from fastapi import HTTPException, Request, Response

from talentpool.desk.requests import is_late, is_there, requests
from talentpool.errors import UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.plain import NEEDS_FACTOR, by_password_alone
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import ASKED_HERE, REQUESTS

door = Door()
DESK = ("city_officer",)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STILL_THERE = "名册中仍有此人，删除后下次交付会重新带回。请改选“撤回授权”：以后不再收录。"
NO_KEY = "查阅副本须加密给接收人：请填写接收人的 age 公钥（以 age1 开头）。"


@door.looks("/requests", access=DESK)
def requests_page(request: Request, user: SignedIn, person: UUID | None = None) -> Response:
    """All requests; with `person` (an opaque id) the form for one more."""
    return _page(request, user, person)


@door.acts("/requests", access=DESK, rate=limits.UPLOADS)
def carry_out(request: Request, user: SignedIn, form: Posted) -> Response:
    """Withdraw, erase or hand out a copy; what is done to the pool is done by the pipeline's login, after the scope."""
    kind, reason, recipient = text(form, "kind"), text(form, "reason"), text(form, "recipient") or None
    try:
        person, received = UUID(text(form, "person")), date.fromisoformat(text(form, "received_on"))
    except ValueError:
        raise HTTPException(422, "请从人员详情页登记，并填写收到申请的日期。") from None
    if kind not in ASKED_HERE or not reason:
        return _page(request, user, person, fault="请选择申请事项并填写说明。")
    if received > today_in_office():
        return _page(request, user, person, fault="收到申请的日期不得晚于今天。")
    if kind != "access" and text(form, "sure") != "yes":
        return _page(request, user, person, fault="撤回与删除不可恢复，请勾选“已核对本人身份”。")
    with scoped(state.console(), user.scope) as conn:
        there = is_there(conn, person)
    if not there:
        record.refused(user, f"person:{person}", "scope")
        raise HTTPException(404)
    if kind == "access" and by_password_alone(user, f"person:{person}"):
        return _page(request, user, person, fault=NEEDS_FACTOR)
    if kind == "access":
        return _copy(request, user, person, reason, received, recipient)
    from talentpool.rights import erase, withdraw

    act = {"withdraw": withdraw, "erase": erase}[kind]
    try:
        done = act(
            state.pipeline(), state.keys(), state.settings(), str(person), by=user.name, reason=reason,
            received_on=received,
        )  # fmt: skip
    except UsageError:
        return _page(request, user, person, fault=STILL_THERE if kind == "erase" else "没有执行：此人已不在库中。")
    return _page(request, user, None, done=done)


def _copy(request: Request, user: User, person: UUID, reason: str, received: date, recipient: str | None) -> Response:
    """The workbook as a download under a neutral name; its file here is gone with the answer."""
    from talentpool.rights import access

    with TemporaryDirectory(dir=state.settings().home) as folder:
        try:
            done = access(
                state.pipeline(), state.keys(), state.settings(), str(person), by=user.name, reason=reason,
                received_on=received, out=Path(folder) / "copy.xlsx", recipient=recipient,
            )  # fmt: skip
        except UsageError:
            return _page(request, user, person, fault=NO_KEY)
        assert done.file is not None
        written = Path(done.file)
        content, suffix = written.read_bytes(), ".xlsx.age" if written.suffix == ".age" else ".xlsx"
    name = f"request_{done.request_id}{suffix}"
    return Response(
        content, media_type=SHEET if suffix == ".xlsx" else "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _page(request: Request, user: User, person: UUID | None, *, fault: str = "", done: Any = None) -> Response:
    with scoped(state.console(), user.scope) as conn:
        if person is not None and not is_there(conn, person):
            person, fault = None, fault or "没有这个人，或已不在库中。"
        rows = requests(conn)
    today = today_in_office()
    late = {row.request_id for row in rows if is_late(row, today)}
    return show(
        request, "requests.html", 422 if fault else 200, person=person, rows=rows, late=late, today=today, fault=fault,
        done=done, REQUESTS=REQUESTS, ASKED_HERE=ASKED_HERE, plain_allowed=state.settings().embedded,
    )  # fmt: skip
