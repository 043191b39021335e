"""名册待决定: a held roster, why it is held, and the three answers with what each does, for the city's officer.

Each finding stands with its history as a chart, each answer with whom it moves. A county's officer reads what is said of their
county, and decides nothing. The decision is the same row that an answer in 待响应 writes; the waiting question sees it and closes
itself, and its run goes on with the delivery. Airflow's frame lets no page of ours lead out of it, so it is taken here.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import load_partner, partner_names
from talentpool.decide import STANDS, Decision, deciding, locked, partner_of, show
from talentpool.deliveries.delivery_state import State
from talentpool.errors import DeclarationError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.model import delivery
from talentpool.services.desk.held import Outlook, outlook_of
from talentpool.texts.labels import ROSTER_KINDS
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.bound_chart import draw
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names
from talentpool_airflow.console.frame import show as page_of
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()
DECIDES = ("city_officer",)
READS = (*DECIDES, "county_officer")
CHANGED = "没有执行：搁置的情况已变化（已由他人决定，或有了新的名册）。以下是现在的情况。"
LEARNED_FROM = 6
"""Of a partner whose declaration is gone."""


@door.looks("/held/{number}", access=READS)
def held_page(request: Request, user: SignedIn, number: int) -> Response:
    """One delivery: why it is held and what each answer would do; of a decided one what was decided."""
    return _page(request, user, number)


@door.looks("/held/{number}/chart/{place}.svg", access=DECIDES)
def chart(user: SignedIn, number: int, place: int) -> Response:  # noqa: ARG001
    """The chart of one finding as a picture, for the question in 待响应."""
    found = _outlook(number)
    trail = found.told[place].trail if 0 <= place < len(found.told) else None
    if trail is None:
        raise HTTPException(404)
    return Response(str(draw(trail)), media_type="image/svg+xml")


@door.acts("/held/{number}", access=DECIDES)
def decide_here(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """Write the decision down; role and state are held in the transaction that writes it."""
    choice: Any = text(form, "choice")
    reason = text(form, "reason")
    facts = _facts(number)
    if choice not in facts["choices"] or not reason:
        return _page(request, user, number, fault="请选择一项，并填写理由。" if facts["choices"] else CHANGED)
    if text(form, "seen") != _seen(facts):
        return _page(request, user, number, fault=CHANGED)
    try:
        with state.pipeline().begin() as conn:
            held = locked(conn, partner_of(state.pipeline(), number), number)
            with deciding(conn, held, Decision(choice, user.name, reason, role=DECIDES[0])):
                pass
    except RefusedError as refusal:
        record.refused(user, f"delivery:{number}", refusal.code)
        return _page(request, user, number, fault=NOT_THEIR_DUTY)
    except UsageError:
        return _page(request, user, number, fault=CHANGED)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/held/{number}", 303)


def _facts(number: int) -> dict[str, Any]:
    try:
        if not 0 < number < 2**53:
            raise UsageError("no delivery has that number")
        return show(state.pipeline(), number)
    except UsageError:
        raise HTTPException(404) from None


def _outlook(number: int) -> Outlook:
    facts = _facts(number)
    with state.pipeline().connect() as conn:
        return outlook_of(conn, number, learned_from=_learned_from(facts["partner"]))


def _of_counties(user: User, facts: dict[str, Any]) -> Outlook:
    """What a county's officer may know: findings and people of their own county, as their own connection sees them. 404 for a
    delivery that was never held, or that another county's officer sent."""
    number, mine = facts["delivery_id"], set(user.scope.counties or ())
    with state.pipeline().connect() as conn:
        sent = conn.scalar(sa.select(delivery.c.sent_counties).where(delivery.c.delivery_id == number))
        if (not facts["findings"] and facts["state"] != State.HELD) or (sent is not None and not mine & set(sent)):
            raise HTTPException(404)
        with scoped(state.console(), user.scope) as seeing:
            return outlook_of(conn, number, learned_from=_learned_from(facts["partner"]), counties=mine, seeing=seeing)


def _learned_from(partner: str) -> int:
    try:
        return load_partner(state.settings().partner_dirs, partner).bounds.learned.deliveries
    except (UsageError, DeclarationError):
        return LEARNED_FROM


def _seen(facts: dict[str, Any]) -> str:
    """What a decision is held against: other findings make it another question."""
    return hashlib.sha256(
        json.dumps([facts["state"], facts["findings"]], sort_keys=True, default=str).encode()
    ).hexdigest()[:32]


def _page(request: Request, user: User, number: int, *, fault: str = "") -> Response:
    facts = _facts(number)
    decides = user.scope.city
    outlook = _outlook(number) if decides else _of_counties(user, facts)
    effects = {
        "all": "收下可入库的行" + ("，名册里没有的人按离开处理。" if facts["kind"] == "full" else "。"),
        "no-removals": "收下新增和变更的行，不据这份名册减员：名册里没有的人保持原状。",
        "reject": "什么也不收下，人才库保持原状；由合作单位更正后重新交付。",
    }  # fmt: skip
    return page_of(
        request, "held.html", 422 if fault else 200, facts=facts, fault=fault, seen=_seen(facts), effects=effects,
        held=facts["state"] == State.HELD, stands=STANDS[facts["state"]], KINDS=ROSTER_KINDS, decides=decides,
        partner=partner_names(state.settings()).get(facts["partner"], facts["partner"]), outlook=outlook,
        charts=[draw(one.trail) if one.trail else None for one in outlook.told], counties=county_names(),
        CHOICES={"all": "全部入库", "no-removals": "只入新增与变更", "reject": "整份拒收"},
    )  # fmt: skip
