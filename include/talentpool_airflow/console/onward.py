"""Lead from one pair to the next, and offer to take back the last judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse

from talentpool.guard import scoped
from talentpool_airflow.console import state
from talentpool_airflow.console.sight import others_too, visible
from talentpool_airflow.console.user import User

if TYPE_CHECKING:
    from talentpool.review import Place

AHEAD = 50
"""So many pairs at a time are looked through for one that is the user's to judge."""


@dataclass(frozen=True)
class OwnJudgement:
    """A judgement of the user's own that stands. `moment`: what it is held against when it is taken back."""

    pair_id: str
    verdict: str
    moment: str


def own_judgement(user: User, pair_id: str) -> OwnJudgement | None:
    """The user's own judgement on a pair that the user sees; None when there is none."""
    from talentpool.review import judgement_on

    if not pair_id:
        return None
    try:
        pair = visible(user, pair_id)
    except HTTPException:
        return None
    with state.pipeline().connect() as conn:
        judgement = judgement_on(conn, *pair)
    if judgement.verdict is None or judgement.signed != user.name:
        return None
    return OwnJudgement(pair_id, judgement.verdict, judgement.moment)


def place_of(user: User, pair: tuple[UUID, UUID]) -> Place | None:
    """Where a pair stands in the user's queue; None when it does not wait."""
    from talentpool.review import place

    with scoped(state.console(), user.scope) as conn:
        return place(conn, *pair)


def go_on(
    request: Request, user: User, at: Place | None, pair: tuple[UUID, UUID], *, after: str = ""
) -> RedirectResponse:
    """To the pair that follows `at` in the user's queue, from its end to its beginning; to the list when there is none
    but `pair` itself. `after`: the pair that was just judged."""
    following = _following(user, at, pair) or (_following(user, None, pair) if at else None)
    where = f"/review/{following}" if following else "/review"
    asked = f"?after={after}" if after else ""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{where}{asked}", 303)


def _following(user: User, at: Place | None, but: tuple[UUID, UUID]) -> str | None:
    from talentpool.review import Place, by_worth

    while True:
        with scoped(state.console(), user.scope) as conn:
            rows = by_worth(conn, limit=AHEAD, after=at)
        citys = others_too(user, {one for row in rows for one in (row.left_record, row.right_record)})
        for row in rows:
            if (row.left_record, row.right_record) != but and not {row.left_record, row.right_record} & citys:
                return str(row.pair_id)
        if len(rows) < AHEAD:
            return None
        at = Place(rows[-1].urgent, rows[-1].worth, rows[-1].score, rows[-1].pair_id)
