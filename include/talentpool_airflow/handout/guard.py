"""Know who asks at the moment of each effect: by what the browser shows, the event's row and, of an officer, today's rights."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from talentpool.campaigns.handout.passes import Holder, holder_of
from talentpool.handout_host.page import GREATEST, cookie_of
from talentpool.handout_host.said import SIGNED_OUT
from talentpool_airflow.console import state
from talentpool_airflow.console.access import JUDGES, held_to_office
from talentpool_airflow.console.forms import FOREIGN, check_our_page, token_at_place
from talentpool_airflow.console.user import user_of
from talentpool_airflow.sign_in.sessions import bound_of, facts_of

HEADER = "x-form-token"


def holder(request: Request, list_id: int) -> Holder:
    """Who is signed in for the list; 401 for everybody else."""
    session = request.cookies.get(cookie_of(list_id), "")
    found = None
    if session and 0 < list_id < GREATEST:
        with state.pipeline().connect() as conn:
            found = holder_of(conn, state.keys(), list_id, session)
    if found is None or not _may_still(found):
        raise HTTPException(401, SIGNED_OUT)
    return found


def ours(request: Request, list_id: int) -> None:
    """403 unless the request comes from our page, with the token that it was given for this sign-in; 401 without one."""
    check_our_page(request)
    session = request.cookies.get(cookie_of(list_id), "")
    if not session:
        raise HTTPException(401, SIGNED_OUT)
    wanted = token_at_place(session)
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(errors="replace"), wanted.encode()):
        raise HTTPException(403, FOREIGN)


def _may_still(found: Holder) -> bool:
    """Whether an officer is who they were when they signed in: name, password, roles, in office, of that county."""
    if found.user_id is None:
        return True
    facts = facts_of(found.user_id)
    if facts is None or bound_of(facts) != found.bound_to:
        return False
    user = held_to_office(user_of(facts.name, frozenset(facts.roles)))
    reaches = user.scope.city or found.county in (user.scope.counties or ())
    return not user.clashing and bool(user.kinds & set(JUDGES)) and reaches


Held = Annotated[Holder, Depends(holder)]
Ours = Depends(ours)
