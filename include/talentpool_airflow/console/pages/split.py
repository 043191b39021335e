"""拆分: a person who was put together wrongly is taken apart on the person's page, and stays apart."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from talentpool.desk.person import view_person
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import scoped
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import JUDGES, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.pages.people import THE_CITYS, show_person
from talentpool_airflow.console.sight import reaches_others
from talentpool_airflow.console.user import SignedIn
from talentpool_airflow.console.words import GROUNDS, LONGEST_NOTE

door = Door()
CONTRARY = "其中的记录已有他人判定为同一人。请先与对方核对，由市级在“已作的结论”中撤销后再拆分。"


@door.acts("/people/{person_id}/split", access=JUDGES, rate=limits.SEARCHES)
def take_apart(request: Request, user: SignedIn, form: Posted, person_id: UUID) -> Response:
    """The ticked records are somebody else's. Carried out by the pipeline's login, after the scope of who asks."""
    from talentpool.match import split

    with scoped(state.console(), user.scope) as conn:
        person = view_person(conn, state.keys(), person_id)
    if person is None:
        return show_person(request, user, person_id)
    records = [job.record_id for job in person.jobs]
    if reaches_others(user, records):
        return show_person(request, user, person_id, fault=THE_CITYS)
    leaving = [record for record in records if text(form, f"leave_{record}")]
    if text(form, "ground") not in GROUNDS or not 0 < len(leaving) < len(records):
        return show_person(request, user, person_id, fault="请勾选属于另一个人的记录（不能全选），并选择依据。")
    note = " ".join((GROUNDS[text(form, "ground")], text(form, "more")[:LONGEST_NOTE])).strip()
    seen = [UUID(one) for one in text(form, "seen").split() if _is_id(one)]
    try:
        persons = split(
            state.pipeline(), state.keys(), person.person_id, leaving, by=user.name, note=note, seen=seen, heeding=True
        )  # fmt: skip
    except ConflictError:
        return show_person(
            request, user, person_id, fault="您查看之后，此人的记录有了变化，没有拆分。以下是现在的情况。"
        )
    except UsageError:
        return show_person(request, user, person_id, fault=CONTRARY)
    done = f"已拆分为 {len(persons)} 人，以后的名册不会再把他们合并。"
    return show_person(request, user, UUID(persons[0]), done=done, apart=persons[1:])


def _is_id(one: str) -> bool:
    try:
        UUID(one)
    except ValueError:
        return False
    return True
