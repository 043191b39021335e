"""Serve 拆分: split a person who was put together wrongly; the records stay apart."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import Request, Response

from talentpool.errors import ConflictError, ContraryError, RefusedError, UsageError
from talentpool.guard import scoped
from talentpool.services.desk.person import view_person
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import JUDGES, Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.pages.people import THE_CITYS, show_person
from talentpool_airflow.console.sight import reaches_others
from talentpool_airflow.console.user import SignedIn
from talentpool_airflow.console.words import GROUNDS, LONGEST_NOTE, NOT_THEIR_OFFICE, UNDO_GROUNDS

door = Door()
CONTRARY = "其中的记录已有他人判定为同一人（{by}，编号 {pair}）。请先与对方核对，由市级在“已作的判定”中撤销后再拆分。"
GONE = "这次拆分已不在了，或其中的判定、记录有了变化：请由市级在“已作的判定”中处理。"


@door.acts("/people/{person_id}/split", access=JUDGES, rate=limits.SEARCHES)
def split_person(request: Request, user: SignedIn, form: Posted, person_id: UUID) -> Response:
    """The ticked records are somebody else's. Carried out by the pipeline's login, after the scope of who asks."""
    from talentpool.review import judgements_of_split, split

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
    seen = [UUID(record) for record in text(form, "seen").split() if _is_id(record)]
    split_id = uuid4()
    try:
        persons = split(
            state.office(), person.person_id, leaving, by=user.name, note=note, seen=seen, heeding=True,
            split_id=split_id,
        )  # fmt: skip
    except ConflictError:
        return show_person(
            request, user, person_id, fault="您查看之后，此人的记录有了变化，没有拆分。以下是现在的情况。"
        )
    except ContraryError as contrary:
        return show_person(request, user, person_id, fault=CONTRARY.format(by=contrary.by, pair=contrary.pair_id))
    except RefusedError:
        return show_person(request, user, person_id, fault=NOT_THEIR_OFFICE)
    except UsageError as error:
        return show_person(request, user, person_id, fault=f"没有拆分，什么也没有改变，请告知运维人员。（{error}）")
    done = f"已拆分为 {len(persons)} 人，以后的名册不会再把他们合并。"
    with state.pipeline().connect() as conn:
        count = len(judgements_of_split(conn, split_id))
    return show_person(request, user, UUID(persons[0]), done=done, apart=persons[1:], undoable=(split_id, count))


@door.acts("/people/{person_id}/split/{split_id}/undo", access=JUDGES, rate=limits.SEARCHES)
def rejoin(request: Request, user: SignedIn, form: Posted, person_id: UUID, split_id: UUID) -> Response:
    """Take back one's own split, as long as all its judgements stand and none of its people are another county's."""
    from talentpool.review import judgements_of_split, undo_split

    with state.pipeline().connect() as conn:
        judgements = judgements_of_split(conn, split_id)
    records = {record for row in judgements for record in (row.left_record, row.right_record)}
    own = {row.decided_by for row in judgements} == {user.name}
    if not own or reaches_others(user, records):
        return show_person(request, user, person_id, fault=GONE)
    try:
        persons = undo_split(state.office(), split_id, by=user.name, note="撤销：" + UNDO_GROUNDS["slip"],
                             seen=number(form, "seen"))  # fmt: skip
    except RefusedError:
        return show_person(request, user, person_id, fault=NOT_THEIR_OFFICE)
    except UsageError:
        return show_person(request, user, person_id, fault=GONE)
    return show_person(request, user, UUID(persons[0]), done="已撤销这次拆分。", apart=persons[1:])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
