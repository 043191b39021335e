"""Answer the hand-out page's script: sign in by a code, what the event stands at, a row by its code, marks, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.handout import looking, passes
from talentpool.campaigns.handout.marking import Mark, take_marks
from talentpool.campaigns.handout.passes import Holder
from talentpool.campaigns.handout.reserve import walk_ins
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS, Outcome
from talentpool.guard import audit, scoped
from talentpool.handout_host.asked import Asked, Code, Queue
from talentpool.handout_host.page import GREATEST, cookie_of
from talentpool.handout_host.said import SIGNERS, WRONG
from talentpool.office_day import clock, today_in_office
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.forms import check_our_page, refuse_control, token_at_place
from talentpool_airflow.console.frame import county_names
from talentpool_airflow.handout.guard import Held, Ours
from talentpool_airflow.sign_in.manager import SHUT
from talentpool_airflow.sign_in.record import alarm
from talentpool_airflow.sign_in.visit import here

door = APIRouter()
ANYBODY, CODE, PASS = "anybody", "code", "pass"
"""Whose a route is: docs/access.md says it."""


def holder_of_route(route: Any) -> str:
    """What a route says of itself: ANYBODY or PASS; KeyError for one that says nothing."""
    return str((getattr(route, "openapi_extra", None) or {})["holder"])


def ways(route: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of a route."""
    for method in sorted(route.methods):
        yield method, route.path


FINDS = "60 per minute; 1500 per hour"
SENDS = "120 per minute"
ENTERS = "30 per minute"


@door.post("/{list_id}/enter", openapi_extra={"holder": CODE})
def enter(request: Request, list_id: int, given: Code) -> Response:
    """Sign in for the list by a code, once; the cookie is the list's alone and ends with the event."""
    check_our_page(request)
    refuse_control(given.code)
    limits.count(here().address, "handout enter", ENTERS)
    if not 0 < list_id < GREATEST:
        raise HTTPException(422, WRONG)
    tried = passes.redeem(state.office(), list_id, given.code, here().address)
    if tried.wait:
        told = f"{tried.wait} 秒" if tried.wait < 60 else f"{-(-tried.wait // 60)} 分钟"
        raise HTTPException(429, f"登录失败次数过多，请在 {told}后再试。", headers={"Retry-After": str(tried.wait)})
    if tried.shut:
        alarm(
            f"guessing of hand-out codes: the door is shut for the {SHUT['address']}",
            address=here().address,
            list=list_id,
        )
    if not tried.session:
        raise HTTPException(422, WRONG)
    answer = JSONResponse({"entered": True})
    base = request.scope.get("root_path", "")
    answer.set_cookie(
        cookie_of(list_id), tried.session, path=f"{base}/{list_id}", httponly=True, samesite="strict", max_age=MONTH
    )
    return answer


MONTH = 31 * 86400
"""Seconds that a browser keeps what it shows; the event ends before."""


@door.get("/{list_id}/state", openapi_extra={"holder": PASS})
def event_state(request: Request, held: Held) -> dict[str, Any]:
    """Who is signed in, for what, and how far it has got."""
    return _state(request, held)


@door.post("/{list_id}/find", dependencies=[Ours], openapi_extra={"holder": PASS})
def find_row(held: Held, given: Asked) -> dict[str, Any]:
    """Rows, masked. On record, without what was typed."""
    refuse_control(given.asked)
    limits.count(f"handout:{held.pass_id}", "find", FINDS)
    partners = partner_names(state.settings())
    with scoped(state.console(), held.scope) as conn:
        rows = looking.find_rows(conn, state.office(), held, given.asked)
        audit(conn, "view", f"list:{held.list_id}", actor=held.name, scope=held.county,
              details={"handout": held.event_id, "rows": len(rows), "pass": held.pass_id})  # fmt: skip
    return {
        "rows": [
            {"row": one.row_id, "name": one.name, "mobile": one.mobile, "station": one.station,
             "partner": partners.get(one.partner, one.partner), "gone": not one.name, "outcome": one.outcome or "",
             "stands": OUTCOME_WORDS[Outcome(one.outcome)] if one.outcome else ""}
            for one in rows
        ]
    }  # fmt: skip


@door.post("/{list_id}/entries", dependencies=[Ours], openapi_extra={"holder": PASS})
def take_queue(request: Request, held: Held, given: Queue) -> dict[str, Any]:
    """Marks; each is answered, and may be sent again."""
    limits.count(f"handout:{held.pass_id}", "entries", SENDS)
    marks = [
        Mark(one.key, one.row, Outcome(one.outcome), one.day, one.signing, one.signer, one.county)
        for one in given.entries
    ]
    told = take_marks(state.office(), held, marks, today=today_in_office(state.settings()))
    results = [{"key": str(one.key), "counted": one.counted, "code": one.code, "text": one.text} for one in told]
    return {"results": results, "state": _state(request, held)}


@door.post("/{list_id}/leave", dependencies=[Ours], openapi_extra={"holder": PASS})
def leave(request: Request, held: Held) -> Response:
    """Sign out: the code was good once, so another one is needed to come back."""
    passes.leave(state.office(), held)
    answer = JSONResponse({"left": True})
    answer.delete_cookie(cookie_of(held.list_id), path=f"{request.scope.get('root_path', '')}/{held.list_id}")
    return answer


def _state(request: Request, held: Holder) -> dict[str, Any]:
    with state.pipeline().connect() as conn:
        stored = find(conn, held.list_id)
        used = walk_ins(conn, held.event_id)
        counts = looking.counts(conn, held)
    partner = partner_names(state.settings()).get(held.partner or "", held.partner or "")
    county = county_names().get(held.county, held.county)
    return {
        "list": held.list_id, "name": stored.passport.get("name", stored.campaign),
        "item": stored.passport.get("item") or "", "each": int(stored.passport.get("per_person", 1)),
        "holder": held.name, "who": held.name if held.partner is None else f"{partner} · {held.station}",
        "place": county, "county": held.county,
        "ends": clock(held.ends_at), "today": today_in_office(state.settings()).isoformat(),
        "counts": counts, "reserve": held.reserve, "walked": used, "signers": SIGNERS,
        "token": token_at_place(request.cookies.get(cookie_of(held.list_id), "")),
    }  # fmt: skip
