"""已作的结论: what people said of pairs, the newest first; the city takes one back."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response

from talentpool.errors import UsageError
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import GROUNDS, LONGEST_NOTE, VERDICTS_ON_PAIRS

door = Door()
UNDOES = ("city_officer",)
SHOWN = 100


@door.looks("/review/decided", access=CITY)
def decided_page(request: Request, user: SignedIn) -> Response:
    """Whose word on which pair, when and why; no values of people."""
    return _list(request, user)


@door.acts("/review/{pair_id}/undo", access=UNDOES, rate=limits.SEARCHES)
def take_back(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """Take a word back: the evidence speaks again, and the pair may wait anew."""
    from talentpool.match import undo

    if not user.scope.city:
        raise HTTPException(404)
    ground, more = text(form, "ground"), text(form, "more")[:LONGEST_NOTE]
    if ground not in GROUNDS:
        return _list(request, user, fault="请选择依据。")
    note = " ".join(("撤销：" + GROUNDS[ground], more)).strip()
    try:
        undo(state.pipeline(), state.keys(), pair_id, by=user.name, note=note)
    except UsageError:
        return _list(request, user, fault="这个结论已不在了：可能已被他人撤销。以下是现在的情况。")
    return _list(request, user, done="已撤销，人员编号已随之更新；这一对可能重新待复核。")


def _list(request: Request, user: User, *, done: str = "", fault: str = "") -> Response:
    from talentpool.match import count_judgements, judgements

    if not user.scope.city:
        raise HTTPException(404)
    with state.pipeline().begin() as conn:
        found, total = judgements(conn, most=SHOWN), count_judgements(conn)
        record.written(conn, user, "view", "review:decisions", details={"decisions": len(found)})
    return show(
        request, "decided.html", 422 if fault else 200, rows=found, total=total, done=done, fault=fault,
        WORDS=VERDICTS_ON_PAIRS, GROUNDS=GROUNDS, longest=LONGEST_NOTE, may_undo=bool(user.kinds & set(UNDOES)),
    )  # fmt: skip
