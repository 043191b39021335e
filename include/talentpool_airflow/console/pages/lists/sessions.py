"""Serve 场次与人数 of a list: the slots of a session, how many signed up and wait, and the forms for sheets and numbers.

Who acts is the signed-in user. Of who came there is a number alone; a sheet is kept nowhere and goes back inside the answer.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.sessions.counting import COUNTED_FORMS, LONGEST, WHAT, count
from talentpool.campaigns.sessions.line import counted, filled, signed_up
from talentpool.campaigns.sessions.signing import sign_up
from talentpool.campaigns.sessions.slots import slots_of
from talentpool.declare.occasion import say_cycle
from talentpool.errors import RejectedError, UsageError
from talentpool.guard import scoped
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.entitled import approver_of, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.pages.lists.brought import NO_SHEET, Answer, refused, sheet_of
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES

door = Door()


@door.looks("/lists/{list_id}/sessions", access=OFFICERS)
def sessions_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """Slots and numbers; sign-ups by row stay on the sheets."""
    return _page(request, user, list_id, Answer(done="已登记" if request.query_params.get("done") == "count" else ""))


@door.acts("/lists/{list_id}/sessions/upload", access=JUDGES, rate=limits.SHEETS, files=True)
def upload_signups(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """A sheet of sign-ups: what is right is taken, the rest is shown."""
    visible_list(user, list_id)
    given = sheet_of(form)
    if given is None:
        return _page(request, user, list_id, Answer(NO_SHEET))
    try:
        done = sign_up(state.office(), list_id, given[1], approver_of(user), name=given[0], via="page")
    except (UsageError, RejectedError) as error:
        return _page(request, user, list_id, refused(user, list_id, error))
    return _page(request, user, list_id, Answer(returned=done))


@door.acts("/lists/{list_id}/sessions/count", access=JUDGES)
def count_people(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """How many of a county's people came to a slot or an event, or how many children."""
    visible_list(user, list_id)
    given = {name: text(form, name) for name in ("slot", "county", "what", "number", "reason")}
    slot, people = given["slot"] or "0", given["number"]
    if not (slot.isdecimal() and people.isdecimal() and len(slot + people) < 12) or text(form, "sure") != "yes":
        return _page(request, user, list_id, Answer("请填写人数，并勾选确认。", kept=given))
    try:
        count(state.office(), list_id, int(slot), given["county"], int(people), approver_of(user),
              what=given["what"] or "came", why=given["reason"])  # fmt: skip
    except UsageError as error:
        return _page(request, user, list_id, replace(refused(user, list_id, error), kept=given))
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}/sessions?done=count", 303)


def _page(request: Request, user: User, list_id: int, answer: Answer) -> Response:
    stored = visible_list(user, list_id)
    form, slots = stored.passport.get("form", "kit"), slots_of(stored)
    own = None if user.scope.city else frozenset(user.scope.counties or ())
    with scoped(state.console(), user.scope) as conn:
        numbers = counted(conn, list_id)
        record.written(conn, user, "view", f"list:{list_id}", details={"sessions": len(slots)})
    with state.pipeline().connect() as conn:  # numbers of the whole slot: who waits depends on everybody
        every = filled(conn, list_id, slots)
        mine = [one for one in signed_up(conn, list_id, slots).values() if own is None or one.county in own]
    ours = {slot.number: [one for one in mine if one.slot == slot.number] for slot in slots}
    speaks = bool(user.kinds & set(JUDGES)) and form in COUNTED_FORMS and stored.state in FROZEN
    return show(
        request, "sessions.html", answer.code, list=stored, passport=stored.passport,
        **answer.shown(), every=every, numbers=numbers, form=form, out=stored.state in FROZEN,
        ours={number: (len(found), sum(1 for one in found if one.waiting)) for number, found in ours.items()},
        may_count=speaks, may_take=speaks and bool(slots) and stored.state != ListState.CLOSED,
        own=list(county_names()) if own is None else sorted(own), WHAT=WHAT, STATES=LIST_STATES, say_cycle=say_cycle,
        counties=county_names(), city=user.scope.city, kept=answer.kept, longest=LONGEST,
    )  # fmt: skip
