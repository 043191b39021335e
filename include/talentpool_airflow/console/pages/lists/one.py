"""Serve one list: what it says of itself, who has approved, its funnel, its rows page by page, a search, and its history."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.life.states import FROZEN, OPEN, ListState
from talentpool.campaigns.life.steps import steps
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, OUTCOME_WORDS
from talentpool.campaigns.release.handing_on import released
from talentpool.declare.occasion import say_cycle
from talentpool.declare.rules import list_reasons
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.desk.list_rows import (
    CORRECTED,
    NOTHING_YET,
    SHOWN,
    Counts,
    Wanted,
    counted,
    lines,
    matching,
    people_of,
    round_history,
)
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.entitled import may_lock, name_word, role_word, theirs_here, visible_list
from talentpool_airflow.console.forms import Posted
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.results import Searched, opened
from talentpool_airflow.console.searching import COUNTED_AS, WAYS, counties_of, search_by
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_ACTS, LIST_STATES, RECEIPT_WAYS

door = Door()
FILTERS = ("on", "county", "partner", "station", "reason")
STANDS = {code.value: word for code, word in OUTCOME_WORDS.items()} | {NOTHING_YET: "还没有回执", CORRECTED: "经更正"}
"""What may stand of a row: the filter's choices."""
DONE = {
    "approve": "已同意",
    "return": "已退回",
    "without": "已把未审批的区县移到补充名单",
    "lock": "已锁定",
    "cancel": "本轮已取消",
    "resume": "本轮已恢复",
    "withdraw": "草稿已撤下",
    "close": "已办结",
}


@door.looks("/lists/{list_id}", access=OFFICERS)
def list_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The list as it stands; of a county's officer that county's people and numbers."""
    return show_list(request, user, list_id, done=DONE.get(request.query_params.get("done", ""), ""))


@door.acts("/lists/{list_id}/search", access=OFFICERS, rate=limits.SEARCHES, counted_as=COUNTED_AS)
def search(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """Somebody on the list, or kept off it: looked for as 查人 does."""
    visible_list(user, list_id)
    way = f"/lists/{list_id}?found={search_by(user, form)}#people"
    return RedirectResponse(f"{request.scope.get('root_path', '')}{way}", 303)


def show_list(
    request: Request, user: User, list_id: int, *, fault: str = "", status: int = 422, done: str = ""
) -> Response:
    """The page. `fault`: why nothing was done, and `status` with it; `done`: what was."""
    stored = visible_list(user, list_id)
    asked = request.query_params if request.method == "GET" else {}
    token = asked.get("found", "")
    searched = opened(user, token) if token else None
    page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 7 else 1
    with scoped(state.console(), user.scope) as conn:
        every, counts = steps(conn, list_id), counted(conn, list_id)
        found = people_of(conn, searched.looked.found.records) if searched and searched.looked.found else None
        if searched and found is None:
            found = ()
        on, county, partner, station, reason = (asked.get(name, "") for name in FILTERS)
        by_row = _is_by_row(stored)
        stands = asked.get("stands", "") if by_row and asked.get("stands") in STANDS else ""
        wanted = Wanted(on, county, partner, station, reason, found, stands)
        shown = lines(conn, state.keys(), list_id, wanted, max(page, 1))
        of_filter = matching(conn, list_id, counts, wanted)
        past = round_history(conn, stored.campaign, stored.cycle)
        left = released(conn, list_id, today_in_office(state.settings()))
        record.written(conn, user, "view", f"list:{list_id}", details={"rows": len(shown), "page": max(page, 1)})
    total = len(shown) if searched else of_filter
    return show(
        request, "list.html", status if fault else 200, list=stored, passport=stored.passport, fault=fault, done=done,
        steps=every, theirs=theirs_here(user, stored), counts=counts, rows=shown, wanted=wanted, page=max(page, 1),
        pages=max(1, -(-total // SHOWN)), total=total, searched=searched, over=bool(token) and searched is None,
        past=past, left=left, by_row=by_row, options=_options(counts, wanted), **_acts(user, stored, every),
        **_words(user, searched),
    )  # fmt: skip


def _is_by_row(stored: Stored) -> bool:
    """Whether receipts speak of its rows, one by one."""
    return stored.state in (*FROZEN, ListState.VOID) and stored.passport.get("form", "kit") not in COUNTED_ONLY


def _options(counts: Counts, wanted: Wanted) -> dict[str, list[str]]:
    """What the filters offer: stations of the county and partner that are chosen."""
    near = [one for one in counts.groups if wanted.county in ("", one.county) and wanted.partner in ("", one.partner)]
    return {
        "county": sorted({one.county or "" for one in counts.groups} - {""}),
        "partner": sorted({one.partner for one in counts.groups}),
        "reason": sorted({one.reason for one in counts.groups}),
        "station": sorted({one.station for one in near} - {""}),
    }


def _acts(user: User, stored: Stored, every: list[Any]) -> dict[str, bool]:
    """Which forms the page offers."""
    officer, is_open = "city_officer" in user.kinds, stored.state in OPEN
    shares = [step for step in every if step.county is not None]
    return {
        "is_open": is_open,
        "may_lock": may_lock(user, stored),
        "may_go_on": officer and is_open and len({step.approved_by is None for step in shares}) == 2,
        "may_cancel": officer and is_open and not stored.supplement,
        "may_withdraw": officer and is_open and bool(stored.supplement),
        "may_resume": officer and stored.state == ListState.CANCELLED and not stored.supplement,
        "may_close": officer and stored.state in FROZEN and stored.state != ListState.CLOSED,
        "frozen": stored.state in FROZEN,
        "may_download": bool(user.kinds & {"city_officer", "county_officer"}),
        "plain_leaves": state.settings().embedded,
    }


def _words(user: User, searched: Searched | None) -> dict[str, Any]:
    looked = searched.looked if searched else None
    return {
        "looked": looked, "WAYS": WAYS, "counties": county_names(), "own": counties_of(user), "city": user.scope.city,
        "partners": partner_names(state.settings()), "REASONS": list_reasons(), "STATES": LIST_STATES, "ACTS": LIST_ACTS,
        "say_cycle": say_cycle, "role_word": role_word, "name_word": name_word, "me": user.name,
        "STANDS": STANDS, "OUTCOMES": OUTCOME_WORDS, "CAME_BY": RECEIPT_WAYS,
    }  # fmt: skip
