"""One pair of 复核: both records side by side, what speaks for and against one person, and on request the values in plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from fastapi import HTTPException, Request, Response

from talentpool.errors import UsageError
from talentpool.guard import Personal, scoped
from talentpool.model import record_person, source_record
from talentpool.report.reading import partner_names
from talentpool.rights.reveal import LEAST_NOTE, REASONS
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.plain import COUNTED_AS, show_plain
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.waterfall import draw
from talentpool_airflow.console.words import GROUNDS, LONGEST_NOTE, STATUS, VERDICTS_ON_PAIRS

door = Door()
SIDES = {"left": (0,), "right": (1,), "both": (0, 1)}


@door.looks("/review/{pair_id}", access=OFFICERS)
def pair_page(request: Request, user: SignedIn, pair_id: str) -> Response:
    """One pair with its evidence; masked, and on record."""
    return show_pair(request, user, pair_id)


@door.acts("/review/{pair_id}/plain", access=OFFICERS, rate=limits.REVEALS, counted_as=COUNTED_AS)
def reveal_sides(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """One side or both in plain, once, for a reason that goes on record: one line and one of the day's looks a record."""
    from talentpool.match import sides

    pair = visible(user, pair_id)
    wanted = [pair[at] for at in SIDES.get(text(form, "side"), ())]
    if not wanted:
        raise HTTPException(422, "请选择显示哪一方。")
    for _ in wanted[1:]:
        limits.count(user.name, COUNTED_AS, limits.REVEALS)
    with scoped(state.console(), user.scope) as conn:
        known = sides(conn, state.keys(), set(wanted))
    if len(known) < len(wanted):
        raise HTTPException(404)
    plain: dict[UUID, Personal] = {}
    for one in wanted:
        found = show_plain(user, UUID(known[one]["person_id"]), reason=text(form, "reason"),
                           note=text(form, "note", most=500), record=one)  # fmt: skip
        if isinstance(found, str):
            return show_pair(request, user, pair_id, plain=plain, refusal=found)
        plain[one] = found
    return show_pair(request, user, pair_id, plain=plain)


def visible(user: User, pair_id: str) -> tuple[UUID, UUID]:
    """Both records, where the user's own connection sees them; else 404, as if there were no such pair."""
    from talentpool.match import pair_of

    try:
        with state.pipeline().connect() as conn:
            pair = pair_of(conn, pair_id)
    except UsageError:
        raise HTTPException(404) from None
    with scoped(state.console(), user.scope) as conn:
        seen = conn.scalar(sa.select(sa.func.count()).where(source_record.c.record_id.in_(pair)))
    if seen != len(pair):
        record.refused(user, f"pair:{pair_id}", "scope")
        raise HTTPException(404)
    return pair


def reaches_others(user: User, records: Sequence[UUID]) -> bool:
    """Whether somebody of these records is also another county's: then the city decides."""
    mine = sa.select(record_person.c.person_id).where(record_person.c.record_id.in_(records))
    theirs = sa.select(sa.func.count()).where(record_person.c.person_id.in_(mine), record_person.c.live)
    with scoped(state.console(), user.scope) as conn:
        seen = conn.scalar(theirs)
    with state.pipeline().connect() as conn:
        return seen != conn.scalar(theirs)


def show_pair(
    request: Request,
    user: User,
    pair_id: str,
    *,
    fault: str = "",
    refusal: str = "",
    plain: Mapping[UUID, Personal] | None = None,
) -> Response:
    """The page of one pair. `fault`: why a word was not taken; `plain`: what is shown by record; `refusal`: why not more."""
    from talentpool.match import active_weights, sides, standing, weigh

    pair = left, right = visible(user, pair_id)
    with scoped(state.console(), user.scope) as conn:
        both = sides(conn, state.keys(), {left, right})
        if not plain and not refusal:
            record.written(conn, user, "view", f"pair:{pair_id}")
    with state.pipeline().begin() as conn:
        score, found = weigh(conn, state.keys(), left, right)
        bands, seen = active_weights(conn).bands, standing(conn, left, right).state
    return show(
        request, "pair.html", 422 if fault or refusal else 200, pair_id=pair_id, sides=[(both.get(one), one) for one in pair],
        score=score, chart=draw(found, bands.review, bands.same), bands=bands, fault=fault, refusal=refusal,
        plain=plain or {}, partners=partner_names(state.settings()), counties=county_names(), STATUS=STATUS,
        WORDS=VERDICTS_ON_PAIRS, GROUNDS=GROUNDS, reasons=REASONS, least=LEAST_NOTE, longest=LONGEST_NOTE, seen=seen,
        may_decide=bool(user.kinds & set(JUDGES)) and not reaches_others(user, pair),
    )  # fmt: skip
