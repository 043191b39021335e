"""Serve 查人: search, masked results, one person's page, and the button that shows values in plain, on record."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.following.spot_check import ANSWER_WORDS
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.declare.occasion import say_cycle
from talentpool.guard import Personal, scoped
from talentpool.services.desk.find import Found, masked
from talentpool.services.desk.look_up import LookedUp
from talentpool.services.desk.person import view_person
from talentpool.services.desk.requests import declined, purposes
from talentpool.services.rights.account import ACTIONS as ACTION_WORDS
from talentpool.services.rights.reveal import REASONS
from talentpool.texts.labels import SEX, SPELL_ENDS, STATUS
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.entitled import name_word
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.plain import COUNTED_AS, show_plain
from talentpool_airflow.console.results import opened
from talentpool_airflow.console.searching import COUNTED_AS as SEARCH
from talentpool_airflow.console.searching import WAYS, counties_of, search_by
from talentpool_airflow.console.sight import reaches_others
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import (
    ALIKE,
    CHECKED,
    FIELDS,
    GROUNDS,
    LIST_STATES,
    LONGEST_NOTE,
    RECEIPT_WAYS,
)

door = Door()
THE_CITYS = "此人在其他区县也有记录，由市级拆分。"


@door.looks("/people", access=OFFICERS)
def search_page(request: Request, user: SignedIn, found: str = "") -> Response:
    """The form; nobody is listed before somebody is looked for. `found`: what a search of this session found."""
    searched = opened(user, found) if found else None
    looked = searched.looked if searched else LookedUp()
    grouped: dict[UUID, list[Found]] = {}
    if looked.found:
        with scoped(state.console(), user.scope) as conn:
            for one in masked(conn, state.keys(), looked.found.records):
                grouped.setdefault(one.person_id, []).append(one)
    return show(
        request, "people.html", 429 if looked.opens_at else 200, ways=WAYS, searched=searched, looked=looked, people=grouped,
        over=bool(found) and searched is None, way=_way(found if searched else ""), counties=counties_of(user),
        hourly=state.settings().wide_searches_per_hour, all_counties=county_names(),
        partners=partner_names(state.settings()), STATUS=STATUS,
    )  # fmt: skip


@door.acts("/people", access=OFFICERS, rate=limits.SEARCHES, counted_as=SEARCH)
def search(request: Request, user: SignedIn, form: Posted) -> Response:
    """On to the address of what was found."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/people{_way(search_by(user, form))}", 303)


def _way(token: str) -> str:
    """What makes an address lead back to the results of a search; '' without one."""
    return f"?found={token}" if token else ""


@door.looks("/people/{person_id}", access=OFFICERS)
def person_page(request: Request, user: SignedIn, person_id: UUID) -> Response:
    """One person by opaque id, masked."""
    return show_person(request, user, person_id)


@door.acts("/people/{person_id}", access=OFFICERS, rate=limits.REVEALS, counted_as=COUNTED_AS)
def reveal_person(request: Request, user: SignedIn, form: Posted, person_id: UUID) -> Response:
    """The values in plain, once, for a reason that goes on record; limited per user and day by the database."""
    reason, note = text(form, "reason"), text(form, "note", most=500)
    with scoped(state.console(), user.scope) as conn:
        there = view_person(conn, state.keys(), person_id) is not None
    if not there:
        return show_person(request, user, person_id)
    plain = show_plain(user, person_id, reason=reason, note=note)
    if isinstance(plain, str):
        return show_person(request, user, person_id, refusal=plain)
    return show_person(request, user, person_id, plain=plain)


def show_person(
    request: Request,
    user: User,
    person_id: UUID,
    *,
    plain: Personal | None = None,
    refusal: str = "",
    fault: str = "",
    done: str = "",
    apart: Sequence[str] = (),
    undoable: tuple[UUID, int] | None = None,
) -> Response:
    """The page of one person. `refusal`: why nothing is shown in plain; `fault`, `done`: what became of a split, `apart`:
    the ids of the others it made, `undoable`: its id and how many judgements it wrote."""
    with scoped(state.console(), user.scope) as conn:
        person = view_person(conn, state.keys(), person_id)
        if person is not None and plain is None and not done:
            record.written(
                conn, user, "view", person.subject, details={"records": len(person.jobs), "lists": len(person.lists)}
            )
    if person is None:
        record.refused(user, f"person:{person_id}", "scope")
        raise HTTPException(404)
    with state.pipeline().connect() as conn:
        out_of = declined(conn, [job.record_id for job in person.jobs])
    may_split = len(person.jobs) > 1 and bool(user.kinds & set(JUDGES))
    found = request.query_params.get("found", "")
    citys = may_split and reaches_others(user, [job.record_id for job in person.jobs])
    return show(
        request, "person.html", 422 if refusal or fault else 200, person=person, plain=plain, refusal=refusal, fault=fault,
        done=done, apart=apart, undoable=undoable, partners=partner_names(state.settings()), counties=county_names(),
        reasons=REASONS, ACTIONS=ACTION_WORDS, STATUS=STATUS, SEX=SEX, CAUSES=SPELL_ENDS, CHECKED=CHECKED, FIELDS=FIELDS,
        ALIKE=ALIKE, OUTCOMES=OUTCOME_WORDS, CAME_BY=RECEIPT_WAYS, ANSWERS=ANSWER_WORDS, name_word=name_word,
        LIST_STATES=LIST_STATES, say_cycle=say_cycle, declined=out_of, purposes=purposes(state.settings()) if out_of else {},
        may_request=bool(user.kinds & set(JUDGES)), may_split=may_split, citys=THE_CITYS if citys else "",
        GROUNDS=GROUNDS, longest=LONGEST_NOTE, way=_way(found if found and opened(user, found) else ""),
    )  # fmt: skip
