"""Serve one pair of 复核: both records side by side, the evidence, and on request the values in plain."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import HTTPException, Request, Response

from talentpool.acquire import partner_names
from talentpool.guard import Personal, scoped
from talentpool.services.rights.reveal import LEAST_NOTE, REASONS
from talentpool.texts.labels import STATUS
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.onward import go_on, own_judgement, place_of
from talentpool_airflow.console.plain import COUNTED_AS, show_plain
from talentpool_airflow.console.sight import reaches_others, visible
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.waterfall import NARROW, WIDE, draw
from talentpool_airflow.console.words import (
    ALIKE,
    FIELDS,
    GROUNDS,
    JUDGEMENTS,
    LONGEST_NOTE,
    PUT_OFF,
    SETTLED,
)

door = Door()
SIDES = {"left": (0,), "right": (1,), "both": (0, 1)}


@door.looks("/review/{pair_id}", access=OFFICERS)
def pair_page(request: Request, user: SignedIn, pair_id: str, after: str = "", undone: bool = False) -> Response:
    """One pair with its evidence; masked, and on record. `after`: the pair that the user judged before this one."""
    return show_pair(request, user, pair_id, after=after, undone=undone)


@door.looks("/review/{pair_id}/next", access=OFFICERS)
def skip(request: Request, user: SignedIn, pair_id: str) -> Response:
    """On to the pair that comes after this one, nothing said of it."""
    pair = visible(user, pair_id)
    return go_on(request, user, place_of(user, pair), pair)


@door.acts("/review/{pair_id}/plain", access=OFFICERS, rate=limits.REVEALS, counted_as=COUNTED_AS)
def reveal_sides(request: Request, user: SignedIn, form: Posted, pair_id: str) -> Response:
    """One side or both in plain, once, for a reason that goes on record: one line and one of the day's looks a record."""
    from talentpool.review import sides

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


def show_pair(
    request: Request,
    user: User,
    pair_id: str,
    *,
    fault: str = "",
    refusal: str = "",
    plain: Mapping[UUID, Personal] | None = None,
    after: str = "",
    undone: bool = False,
) -> Response:
    """The page of one pair. `fault`: why nothing was done; `plain`: what is shown by record; `refusal`: why not more;
    `undone`: the judgement on it was just taken back."""
    from talentpool.match import active_bands
    from talentpool.review import agreement, judgement_on, pair_name, settled_by, sides, weigh

    pair = left, right = visible(user, pair_id)
    with scoped(state.console(), user.scope) as conn:
        both = sides(conn, state.keys(), {left, right})
        fields = agreement(conn, state.keys(), left, right)
        if not plain:
            record.written(conn, user, "view", f"pair:{pair_name(left, right)}")
    with state.pipeline().begin() as conn:
        score, found = weigh(conn, state.keys(), left, right)
        bands, judgement = active_bands(conn), judgement_on(conn, left, right)
    return show(
        request, "pair.html", 422 if fault or refusal else 200, pair_id=pair_id, sides=[(both.get(one), one) for one in pair],
        score=score, bands=bands,
        charts=[draw(found, bands.review, bands.same, form) for form in (WIDE, NARROW)], fault=fault, refusal=refusal,
        plain=plain or {}, fields=fields, settled=settled_by(fields), FIELDS=FIELDS, ALIKE=ALIKE, SETTLED=SETTLED,
        partners=partner_names(state.settings()), counties=county_names(), STATUS=STATUS,
        JUDGEMENTS=JUDGEMENTS, GROUNDS=GROUNDS | PUT_OFF, reasons=REASONS, least=LEAST_NOTE, longest=LONGEST_NOTE,
        seen=judgement.state, judgement=judgement, last=own_judgement(user, after), undone=undone and judgement.verdict is None,
        may_judge=bool(user.kinds & set(JUDGES)) and not reaches_others(user, pair),
    )  # fmt: skip
