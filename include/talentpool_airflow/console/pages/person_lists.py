"""Serve what every campaign's list says of one person: on it or not, why, since when, what would change it; on record."""

from __future__ import annotations

from uuid import UUID

from fastapi import HTTPException, Request, Response

from talentpool.declare import readable_campaigns
from talentpool.declare.occasion import say_cycle
from talentpool.guard import scoped
from talentpool.services.desk.explained import answers
from talentpool.services.desk.person import view_person
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.results import opened
from talentpool_airflow.console.user import SignedIn
from talentpool_airflow.console.words import LIST_STATES

door = Door()


@door.looks("/people/{person_id}/lists", access=OFFICERS, rate=limits.ACTS)
def lists_of_person(request: Request, user: SignedIn, person_id: UUID) -> Response:
    """Apart from the person's page: it looks through the pools of two years, for every campaign."""
    campaigns, _ = readable_campaigns(state.settings().campaign_dirs)
    with scoped(state.console(), user.scope) as conn:
        person = view_person(conn, state.keys(), person_id)
        found = []
        if person is not None:
            records = tuple(job.record_id for job in person.jobs)
            found = answers(state.office(), conn, campaigns, person.person_id, records)
            shown = [one.told["list_id"] for one in found]
            record.written(conn, user, "view", person.subject, reason="explain", details={"lists": shown})
    if person is None:
        record.refused(user, f"person:{person_id}", "scope")
        raise HTTPException(404)
    explained = {one.name for one in found}
    token = request.query_params.get("found", "")
    return show(
        request, "person_lists.html", person_id=person.person_id, answers=found, say_cycle=say_cycle,
        LIST_STATES=LIST_STATES, without=[one.name for one in campaigns if one.name not in explained],
        way=f"?found={token}" if token and opened(user, token) else "",
    )  # fmt: skip
