"""已作的结论: what people said of pairs, the newest first; the city takes one back."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from talentpool.errors import UsageError
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, JUDGES, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.onward import said_by
from talentpool_airflow.console.pages.pair import show_pair
from talentpool_airflow.console.sight import reaches_others, visible
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LONGEST_NOTE, UNDO_GROUNDS, VERDICTS_ON_PAIRS

door = Door()
UNDOES = ("city_officer",)
"""Who takes back what others said."""
GONE = "这个结论已不在了，或已是另一个结论：可能已被他人撤销或更改。以下是现在的情况。"
SHOWN = 100


@door.looks("/review/decided", access=CITY)
def decided_page(request: Request, user: SignedIn) -> Response:
    """Whose word on which pair, when and why; no values of people."""
    return _list(request, user)


@door.acts("/review/{pair_id}/undo", access=JUDGES, rate=limits.SEARCHES)
def take_back(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """Take a word back: the evidence speaks again, and the pair may wait anew. The city takes back any, whoever judged
    the own one, on the pages that follow it."""
    from talentpool.match import undo

    at_once = bool(text(form, "at_once"))
    if not user.scope.city and not at_once:
        raise HTTPException(404)
    if at_once and (said_by(user, pair_id) is None or reaches_others(user, visible(user, pair_id))):
        return show_pair(request, user, pair_id, fault=GONE)
    ground, more = text(form, "ground"), text(form, "more")[:LONGEST_NOTE]
    if ground not in UNDO_GROUNDS:
        return _list(request, user, fault="请选择依据。")
    note = " ".join(("撤销：" + UNDO_GROUNDS[ground], more)).strip()
    try:
        undo(state.pipeline(), state.keys(), pair_id, by=user.name, note=note, seen=text(form, "seen") or None)
    except UsageError:
        return show_pair(request, user, pair_id, fault=GONE) if at_once else _list(request, user, fault=GONE)
    if at_once:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/review/{pair_id}?undone=1", 303)
    return _list(request, user, done="已撤销，人员编号已随之更新；这一对可能重新待复核。")


def _list(request: Request, user: User, *, done: str = "", fault: str = "") -> Response:
    from talentpool.match import judgements

    if not user.scope.city:
        raise HTTPException(404)
    with state.pipeline().begin() as conn:
        found = judgements(conn)
        record.written(conn, user, "view", "review:decisions", details={"decisions": len(found)})
    newest = sorted(found, key=lambda one: (one.at, one.pair_id), reverse=True)
    return show(
        request, "decided.html", 422 if fault else 200, rows=newest[:SHOWN], total=len(found), done=done, fault=fault,
        WORDS=VERDICTS_ON_PAIRS, GROUNDS=UNDO_GROUNDS, longest=LONGEST_NOTE, may_undo=bool(user.kinds & set(UNDOES)),
    )  # fmt: skip
