"""Serve 复核: pairs that may be one person, those with the largest effect first, and the judgement on them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response

from talentpool.acquire import partner_names
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.model import source_record
from talentpool.office_day import OFFICE_TIME
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.onward import go_on, own_judgement, place_of
from talentpool_airflow.console.pages.pair import show_pair
from talentpool_airflow.console.sight import reaches_others, visible
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import (
    GROUNDS,
    HELD,
    JUDGEMENTS,
    LONGEST_NOTE,
    NOT_THEIR_OFFICE,
    PUT_OFF,
    REVIEW_WHY,
)

door = Door()
SHOWN = 50
CONTRARY = (
    "与已有的判定或证件冲突：这一对已有他人作出不同的判定，或两人证件号码不同。请先与对方核对，由市级撤销后再定。"
)


@door.looks("/review", access=OFFICERS)
def review_page(request: Request, user: SignedIn, after: str = "") -> Response:
    """The pairs that wait, those first whose judgement changes most. A county judges those of which both sides are its
    own; of those that reach elsewhere it sees its own side. `after`: the pair that the user judged last."""
    from talentpool.match import active_bands, review_pending
    from talentpool.review import pending

    with scoped(state.console(), user.scope) as conn:
        pairs = pending(conn, state.keys(), limit=SHOWN)
        waiting = review_pending(conn)
        shared = _own_sides(conn, user)
        record.written(conn, user, "view", "review:pairs", details={"pairs": len(pairs), "across": len(shared)})
    with state.pipeline().connect() as conn:
        same = active_bands(conn).same
    return show(
        request, "review.html", pairs=pairs, waiting=waiting, shown=SHOWN, last=own_judgement(user, after), shared=shared,
        put_off=_put_off(user),
        partners=partner_names(state.settings()), counties=county_names(), WHY=REVIEW_WHY, HELD=HELD, JUDGEMENTS=JUDGEMENTS,
        same=same, lists_judgements=bool(user.kinds & set(CITY)),
    )  # fmt: skip


@door.acts("/review/{pair_id}", access=JUDGES, rate=limits.SEARCHES)
def judge_pair(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """A judgement on a pair that the user sees, and on to the next; carried out by the pipeline's login, after the scope."""
    from talentpool.review import judge

    pair = visible(user, pair_id)
    verdict, ground, more = text(form, "verdict"), text(form, "ground"), text(form, "more")[:LONGEST_NOTE]
    if reaches_others(user, pair):
        return show_pair(request, user, pair_id, fault="其中一人在其他区县也有记录，由市级判定。")
    grounds = GROUNDS | PUT_OFF if verdict == "unsure" else GROUNDS
    if ground in PUT_OFF and ground not in grounds:
        return show_pair(request, user, pair_id, fault=f"依据“{PUT_OFF[ground]}”只能用于“{JUDGEMENTS['unsure']}”。")
    if verdict not in JUDGEMENTS or ground not in grounds:
        return show_pair(request, user, pair_id, fault="请选择判定和依据。")
    note = " ".join((grounds[ground], more)).strip()
    at = place_of(user, pair)
    try:
        judge(state.office(), pair_id, verdict, by=user.name, note=note,  # type: ignore[arg-type]
              seen=text(form, "seen") or None)  # fmt: skip
    except ConflictError:
        return show_pair(request, user, pair_id, fault=_meanwhile(pair_id))
    except RefusedError:
        return show_pair(request, user, pair_id, fault=NOT_THEIR_OFFICE)
    except UsageError:
        return show_pair(request, user, pair_id, fault=CONTRARY)
    return go_on(request, user, at, pair, after=pair_id)


def _meanwhile(pair_id: str) -> str:
    """What became of a pair since it was looked at: nothing of what was posted was done."""
    from talentpool.review import judgement_on, pair_of

    with state.pipeline().connect() as conn:
        judgement = judgement_on(conn, *pair_of(conn, pair_id))
    if judgement.verdict is None or judgement.at is None:
        return "您查看之后，这一对的记录或人员有了变化，刚才的判定没有记录。以下是现在的情况，请重新判定。"
    when = judgement.at.astimezone(OFFICE_TIME).strftime("%m 月 %d 日 %H:%M")
    label = JUDGEMENTS[judgement.verdict]
    return (
        f"{judgement.by} 已于 {when} 判定为“{label}”，刚才的判定没有记录。如需更改，请先与对方核对，由市级撤销后再定。"
    )


def _put_off(user: User) -> list[Any]:
    """Pairs that wait for an answer from outside, of which the user sees both sides: each can be judged when it is there."""
    from talentpool.match import put_off

    with state.pipeline().connect() as every:
        pairs = put_off(every)
    records = {record for pair in pairs for record in (pair.left_record, pair.right_record)}
    with scoped(state.console(), user.scope) as conn:
        seen = set(conn.scalars(sa.select(source_record.c.record_id).where(source_record.c.record_id.in_(records))))
    return [pair for pair in pairs if {pair.left_record, pair.right_record} <= seen][:SHOWN]


def _own_sides(conn: sa.Connection, user: User) -> list[dict[str, Any]]:
    """Of a county's officer: its own side of pairs that reach other counties, as its own connection sees it."""
    from talentpool.review import across, sides

    if user.scope.city or not user.scope.counties:
        return []
    with state.pipeline().connect() as every:
        records = across(every, user.scope.counties)[:SHOWN]
    return [side for _, side in sorted(sides(conn, state.keys(), set(records)).items())]
