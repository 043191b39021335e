"""Serve one request: its steps, the next one and whose it is. A second person confirms what cannot be undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.guard.sealing import LEAST_SIGNS
from talentpool.office_day import today_in_office
from talentpool.services.desk.requests import masked, purposes
from talentpool.services.mending import Act, Held, ReplacesError, answer
from talentpool.services.mending.allowed import FIELDS
from talentpool.services.rights import IDENTITY, REVOKED, Entry, entry
from talentpool.services.rights.copies import new_password
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.forms import number as number_in
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.pages.quarantine import FIELD_NAMES
from talentpool_airflow.console.plain import NEEDS_FACTOR, by_password_alone
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY, REQUEST_STATES, REQUEST_STEPS, REQUESTS

door = Door()
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGED = "没有执行：这件申请的情况已变化（已核对、已确认、已撤销或已办结）。以下是现在的情况。"
TOO_SHORT = f"口令太短：至少要有 {LEAST_SIGNS} 个字符。副本没有生成，申请仍未办结；请用下面显示的新口令重新下载。"
SPLIT = "没有执行：登记之后，此人的记录被拆分成了两个人，无法确认是谁提出的。请登记人撤销，再按单位和工号重新登记。"
SAME_PERSON = "没有执行：登记人不能确认自己登记的申请，请由另一位市级人员确认。"
ON_HOLD = "没有执行：此人的信息在暂停删除的范围内。使用已经停止；暂停删除结束后再确认删除（见“保存期限”页）。"
NOT_THE_MISTAKE = "没有执行：“登记错误”只能由登记人本人撤销；本人收回申请的，请选“本人书面收回申请”并填写材料编号。"


@door.looks("/requests/{number}", access=OFFICERS)
def request_page(request: Request, user: SignedIn, number: int) -> Response:
    """The request as it stands."""
    return _page(request, user, _entry(user, number))


@door.acts("/requests/{number}/identity", access=JUDGES)
def identity(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """The identity of who asks was verified."""
    from talentpool.services.rights import verify

    how = text(form, "identity")
    if how not in IDENTITY:
        return _page(request, user, _entry(user, number), fault="请选择身份是怎样核对的。")
    return _acted(
        request, user, number,
        lambda: verify(state.office(), number, how, by=user.name, counties=user.scope.counties),
    )  # fmt: skip


@door.acts("/requests/{number}/confirm", access=CITY)
def second_person(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """A second person confirms an erasure, which is carried out, or a copy on paper. There is no word against it."""
    from talentpool.services.rights import confirm

    one = _entry(user, number)
    if text(form, "sure") != "yes":
        return _page(request, user, one, fault="请勾选“我已知悉”后再确认。")
    if by_password_alone(user, one.subject):
        return _page(request, user, one, fault=NEEDS_FACTOR)
    return _acted(
        request, user, number,
        lambda: confirm(state.office(), number, by=user.name),
    )  # fmt: skip


@door.acts("/requests/{number}/revoke", access=JUDGES)
def take_back(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """It was a mistake of the user's own, or the person takes it back in writing."""
    from talentpool.services.rights import revoke

    why, proof = text(form, "why"), text(form, "proof")
    if why not in REVOKED or (why == "own_wish" and not proof):
        return _page(request, user, _entry(user, number), fault="请选择撤销的原因；本人书面收回的，请填写材料编号。")
    return _acted(
        request, user, number,
        lambda: revoke(
            state.office(), number, why, by=user.name, proof=proof,
            counties=user.scope.counties,
        ),
    )  # fmt: skip


@door.acts("/requests/{number}/copy", access=("city_officer",), rate=limits.REVEALS)
def copy(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """The copy as a download under a neutral name: nothing of it stays here. An encrypted one under the password that the
    page has shown, which is kept nowhere."""
    from talentpool.services.rights import hand_over

    one, password = _entry(user, number), text(form, "password")
    if by_password_alone(user, one.subject):
        return _page(request, user, one, fault=NEEDS_FACTOR)
    if _is_ready(one) and not one.on_paper and len(password) < LEAST_SIGNS:
        return _page(request, user, one, fault=TOO_SHORT)
    try:
        made = hand_over(state.office(), number, by=user.name, password=password)
    except RefusedError as refusal:
        record.refused(user, one.subject, refusal.code)
        return _page(request, user, one, fault=NOT_THEIR_DUTY)
    except UsageError:
        return _page(request, user, _entry(user, number), fault=CHANGED)
    return Response(
        made.content, media_type=SHEET if made.suffix == ".xlsx" else "application/pdf",
        headers={"Content-Disposition": f'attachment; filename="request_{number}{made.suffix}"'},
    )  # fmt: skip


@door.acts("/requests/{number}/correct", access=JUDGES, rate=limits.TRIES)
def correct(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """The correction that the person asked for; it closes the request."""
    one = _entry(user, number)
    act = Act(user.name, text(form, "reason"), user.scope.counties, number_in(form, "replaces"))
    try:
        answer(state.office(), number, UUID(text(form, "record")), text(form, "field"), text(form, "value"), act)
    except ReplacesError as other:
        return _page(request, user, one, fault=f"{other}。", other=other.held)
    except RefusedError as refusal:
        record.refused(user, f"request:{number}", refusal.code)
        return _page(request, user, one, fault=NOT_THEIR_DUTY)
    except ValueError:
        return _page(request, user, one, fault="请选择要更正的记录。")
    except UsageError as error:
        return _page(request, user, _entry(user, number), fault=f"{error}。")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/requests/{number}", 303)


def _acted(request: Request, user: User, number: int, act: Any) -> Response:
    """Do it, and show the request as it stands then, at an address that can be loaded again."""
    _entry(user, number)
    try:
        act()
    except RefusedError as refusal:
        record.refused(user, f"request:{number}", refusal.code)
        fault = ON_HOLD if refusal.code == "hold" else NOT_THEIR_DUTY
        if refusal.code == "same_person":
            fault = NOT_THE_MISTAKE if request.url.path.endswith("/revoke") else SAME_PERSON
        return _page(request, user, _entry(user, number), fault=fault)
    except ConflictError:
        return _page(request, user, _entry(user, number), fault=SPLIT)
    except UsageError:
        return _page(request, user, _entry(user, number), fault=CHANGED)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/requests/{number}", 303)


def _entry(user: User, number: int) -> Entry:
    """The request, where it is about one of the user's people; 404 for every other."""
    try:
        with state.pipeline().connect() as conn:
            if not 0 < number < 2**53:
                raise UsageError("no request has that number")
            return entry(conn, number, user.scope.counties)
    except RefusedError as refusal:
        record.refused(user, f"request:{number}", refusal.code)
    except UsageError:
        pass
    raise HTTPException(404)


def _is_ready(one: Entry) -> bool:
    """Whether a copy may be handed out."""
    return one.kind == "access" and one.state == ("confirmed" if one.on_paper else "verified")


def _of_lists(one: Entry) -> str:
    """What became of the lists that the person stood on. Of a request that was revoked: what did not come back."""
    cut, flagged = (len(one.proof.get(f"lists_{name}", ())) for name in ("cut", "flagged"))
    told = [f"草稿 {cut} 份已取消，须重新拟定"] if cut else []
    if flagged and one.state != "revoked":
        told.append(f"已锁定 {flagged} 份，表中不再显示此人")
    return "；".join(told)


def _page(request: Request, user: User, one: Entry, *, fault: str = "", other: Held | None = None) -> Response:
    with state.pipeline().connect() as conn:
        people = masked(conn, state.keys(), one.request_id, user.scope.counties)
    with scoped(state.console(), user.scope) as conn:
        record.written(conn, user, "view", one.subject, details={"request": one.request_id, "records": len(people)})
    ready = _is_ready(one)
    return show(
        request, "request.html", 422 if fault else 200, one=one, fault=fault, late=one.is_late(today_in_office()),
        REQUESTS=REQUESTS, IDENTITY=IDENTITY, REVOKED=REVOKED, STATES=REQUEST_STATES, STEPS=REQUEST_STEPS,
        purposes=purposes(state.settings()), lists=_of_lists(one), people=people,
        partners=partner_names(state.settings()), counties=county_names(),
        may_verify=one.state == "registered" and bool(user.kinds & set(JUDGES)),
        may_confirm=one.needs_second and one.state == "verified" and bool(user.kinds & set(CITY)),
        own=user.name == one.decided_by,
        may_revoke=(one.state in ("registered", "verified") or (one.kind == "opt_out" and one.state == "done"))
        and bool(user.kinds & set(JUDGES)),
        may_correct=one.kind == "correct" and one.state == "verified" and bool(user.kinds & set(JUDGES)) and bool(people),
        MENDABLE=FIELDS, FIELD_NAMES=FIELD_NAMES, other=other,
        may_copy=ready and "city_officer" in user.kinds, password=new_password() if ready and not one.on_paper else "",
    )  # fmt: skip
