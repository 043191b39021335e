"""Serve 已作的判定: list judgements, newest first; the city's officer takes back any, others only their own last one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from talentpool.acquire import partner_names
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import record_id
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, JUDGES, Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.onward import own_judgement
from talentpool_airflow.console.pages.pair import show_pair
from talentpool_airflow.console.sight import reaches_others, visible
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import JUDGEMENTS, LONGEST_NOTE, NOT_THEIR_OFFICE, UNDO_GROUNDS

door = Door()
UNDOES = ("city_officer",)
"""Who takes back what others judged."""
GONE = "这个判定已不在了，或已是另一个判定：可能已被他人撤销或更改。以下是现在的情况。"
SHOWN = 50


@dataclass(frozen=True)
class Asked:
    """Which judgements are looked for: of one officer, about one record; '' leaves open. `page` counts from 1."""

    by: str = ""
    partner: str = ""
    staff_no: str = ""
    page: int = 1


@door.looks("/review/decided", access=CITY)
def decided_page(request: Request, user: SignedIn) -> Response:
    """Whose judgement on which pair, when and why; no values of people."""
    return _list(request, user, Asked())


@door.acts("/review/decided", access=CITY)
def search(request: Request, user: SignedIn, form: Posted) -> Response:
    """Of one officer or about one staff number, and further pages: in the body, so that no address holds a number."""
    return _list(request, user, _asked(form))


@door.acts("/review/{pair_id}/undo", access=JUDGES, rate=limits.SEARCHES)
def take_back(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """Take a judgement back: the evidence decides again, and the pair may wait anew. The city takes back any judgement;
    others take back their own last one, on the pages that follow it."""
    from talentpool.review import undo

    at_once = bool(text(form, "at_once"))
    if not user.scope.city and not at_once:
        raise HTTPException(404)
    if at_once and (own_judgement(user, pair_id) is None or reaches_others(user, visible(user, pair_id))):
        return show_pair(request, user, pair_id, fault=GONE)
    note = _note(form)
    if note is None:
        return _list(request, user, _asked(form), fault="请选择依据。")
    try:
        undo(state.office(), pair_id, by=user.name, note=note, seen=text(form, "seen") or None)
    except UsageError as error:
        fault = _fault(error)
        if at_once:
            return show_pair(request, user, pair_id, fault=fault)
        return _list(request, user, _asked(form), fault=fault)
    if at_once:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/review/{pair_id}?undone=1", 303)
    return _list(request, user, _asked(form), done="已撤销，人员编号已随之更新；这一对可能重新待复核。")


@door.acts("/review/split/{split_id}/undo", access=UNDOES, rate=limits.SEARCHES)
def take_back_split(request: Request, user: SignedIn, form: Posted, split_id: UUID) -> Response:
    """Take back the judgements of one split, and nothing else."""
    from talentpool.review import undo_split

    if not user.scope.city:
        raise HTTPException(404)
    note = _note(form)
    if note is None:
        return _list(request, user, _asked(form), fault="请选择依据。")
    try:
        undo_split(state.office(), split_id, by=user.name, note=note, seen=number(form, "seen"))
    except UsageError as error:
        return _list(request, user, _asked(form), fault=_fault(error))
    return _list(request, user, _asked(form), done="已撤销这次拆分的全部判定，人员编号已随之更新。")


def _fault(error: UsageError) -> str:
    return NOT_THEIR_OFFICE if isinstance(error, RefusedError) else GONE


def _note(form: FormData) -> str | None:
    """Why a judgement is taken back, as it stands on record; None without a ground."""
    ground, more = text(form, "ground"), text(form, "more")[:LONGEST_NOTE]
    return " ".join(("撤销：" + UNDO_GROUNDS[ground], more)).strip() if ground in UNDO_GROUNDS else None


def _asked(form: FormData) -> Asked:
    return Asked(text(form, "by"), text(form, "partner"), text(form, "staff_no"), max(number(form, "page") or 1, 1))


def _list(request: Request, user: User, asked: Asked, *, done: str = "", fault: str = "") -> Response:
    from talentpool.review import entries, who_judged

    if not user.scope.city:
        raise HTTPException(404)
    about = record_id(state.keys(), asked.partner, asked.staff_no) if asked.partner and asked.staff_no else None
    with state.pipeline().begin() as conn:
        listed, total = entries(conn, SHOWN, (asked.page - 1) * SHOWN, by=asked.by, record=about)
        officers = who_judged(conn)
        record.written(conn, user, "view", "review:decisions", details={"decisions": len(listed)})
    return show(
        request, "judgements.html", 422 if fault else 200, listed=listed, total=total,
        pages=max(1, -(-total // SHOWN)), asked=asked, officers=officers, partners=partner_names(state.settings()),
        done=done, fault=fault, JUDGEMENTS=JUDGEMENTS, GROUNDS=UNDO_GROUNDS,
        longest=LONGEST_NOTE, may_undo=bool(user.kinds & set(UNDOES)),
    )  # fmt: skip
