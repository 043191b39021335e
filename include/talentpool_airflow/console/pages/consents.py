"""Serve 授权待核实: whose use is suspended, the office's answer that a consent counts, and counts of what else waits.

A suspended person is on no page. Here stands where and why, and nobody's name, number or mobile: whoever decides holds
the paper and types the staff number on it.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from fastapi import Request, Response
from starlette.datastructures import FormData

from talentpool.acquire import partner_names
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import record_id, scoped
from talentpool.model import record_person, source_record
from talentpool.office_day import clock
from talentpool.services.desk.look_up import misses_left
from talentpool.services.rights import Suspension, doubtful_rows, resume, stop_counts, suspensions
from talentpool.texts.labels import ROSTER_KINDS, STATUS
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import CONSENT_ENDED, NOT_THEIR_DUTY

door = Door()
SHOWN = 200
NOT_THERE = "在您的管理范围内，没有按这个单位和工号中止使用的人员：可能已恢复、已由他人处理，或属于其他区县。"
ANOTHER_NUMBER = "填写的工号与这一条不符，没有恢复。请核对书面材料上的单位和工号，或返回列表按工号查找。"
CHANGED = "您查看之后，这一条有了变化（新的名册、原因或区县），没有恢复。以下是现在的情况，请重新核对。"


@door.looks("/consents", access=JUDGES)
def consents_page(request: Request, user: SignedIn) -> Response:
    """What waits for the office's word: people of the officer's side; for the city's officer rows and stop lists as well."""
    return show_consents(request, user)


@door.acts("/consents/person", access=JUDGES, rate=limits.SEARCHES)
def look(request: Request, user: SignedIn, form: Posted) -> Response:
    """One suspension and what resuming it means, by its line in the list or by the staff number on the paper."""
    partner, staff_no = text(form, "partner"), text(form, "staff_no")
    found, spent = _looked_for(user, form)
    if spent:
        return show_consents(request, user, fault=spent)
    if found is None or partner != found.partner:
        return show_consents(request, user, fault=NOT_THERE)
    return _show_one(request, user, found, staff_no)


@door.acts("/consents/resume", access=JUDGES, rate=limits.SEARCHES)
def resume_person(request: Request, user: SignedIn, form: Posted) -> Response:
    """The consent counts again; role, county and what was looked at are held in the transaction that does it."""
    staff_no = text(form, "staff_no")
    found, spent = _looked_for(user, form)
    if spent:
        return show_consents(request, user, fault=spent)
    if found is None:
        return show_consents(request, user, fault=NOT_THERE)
    if not staff_no or record_id(state.keys(), found.partner, staff_no) != found.record_id:
        return _show_one(request, user, found, staff_no, fault=ANOTHER_NUMBER)
    reason, proof = text(form, "reason"), text(form, "proof")
    if not reason or not proof or text(form, "sure") != "yes":
        return _show_one(request, user, found, staff_no, fault="请填写理由和书面材料的编号，并勾选“已核对”。")
    try:
        resume(
            state.office(), f"{found.partner}:{staff_no}", by=user.name,
            reason=reason, proof=proof, counties=user.scope.counties, seen=text(form, "seen"),
        )  # fmt: skip
    except ConflictError:
        now = _asked(user, form)
        return (
            _show_one(request, user, now, "", fault=CHANGED) if now else show_consents(request, user, fault=NOT_THERE)
        )
    except RefusedError as refusal:
        record.refused(user, f"record:{found.record_id}", refusal.code)
        return show_consents(request, user, fault=NOT_THERE if refusal.code == "scope" else NOT_THEIR_DUTY)
    except UsageError:
        return show_consents(request, user, fault=NOT_THERE)
    return show_consents(
        request, user, done="已恢复使用", words="下一次生成人才库时重新计入；理由和材料编号已记入审计日志。"
    )


def show_consents(request: Request, user: User, *, fault: str = "", done: str = "", words: str = "") -> Response:
    """The page. `fault`: why nothing was done; `done`, `words`: what was, and what follows from it."""
    city = user.scope.city
    with state.pipeline().connect() as conn:
        people, waiting = suspensions(conn, user.scope.counties, limit=SHOWN)
        persons = _persons(conn, people)
        rows = doubtful_rows(conn, state.keys()) if city else []
        stops = stop_counts(conn) if city else {}
    with scoped(state.console(), user.scope) as conn:
        seen = _with_a_page(conn, persons)
        record.written(
            conn, user, "view", "consents:waiting", details={"suspended": len(people), "doubtful": len(rows)}
        )
    return show(
        request, "consents.html", 422 if fault else 200, people=people, waiting=waiting, shown=SHOWN, rows=rows, stops=stops,
        city=city, pages={one: person for one, person in persons.items() if person in seen}, fault=fault, done=done,
        words=words, partners=partner_names(state.settings()), counties=county_names(), WHY=CONSENT_ENDED,
        KINDS=ROSTER_KINDS, STATUS=STATUS,
    )  # fmt: skip


def _persons(conn: sa.Connection, people: list[Suspension]) -> dict[UUID, UUID]:
    """Record -> person, of whom the viewer's own connection then says whether there is a page."""
    of = record_person
    found = conn.execute(
        sa.select(of.c.record_id, of.c.person_id).where(of.c.record_id.in_([one.record_id for one in people]))
    )
    return {row.record_id: row.person_id for row in found}


def _with_a_page(conn: sa.Connection, persons: dict[UUID, UUID]) -> set[UUID]:
    """Those of whom the viewer's own connection sees another record: a suspended one is hidden from it."""
    of, live = record_person, source_record
    query = sa.select(of.c.person_id).join(live, live.c.record_id == of.c.record_id)
    return set(conn.scalars(query.where(of.c.person_id.in_(persons.values())).distinct()))


def _looked_for(user: User, form: FormData) -> tuple[Suspension | None, str]:
    """The suspension a form names, and why nothing was looked for. A staff number that is typed is a search by a number: one
    that fits nobody is a miss, of which a day has so many (services/desk/look_up.py), whichever button sent it."""
    staff_no = text(form, "staff_no")
    if not staff_no:
        return _asked(user, form), ""
    area = record.area_of(user)
    with scoped(state.console(), user.scope) as conn:
        _, opens_at = misses_left(conn, state.settings(), "search:suspended", actor=user.name, area=area)
        if opens_at is not None:
            return (
                None,
                f"今日按工号查找而没有找到的次数已用完，没有查找；{clock(opens_at)} 起可以再查。请向合作单位核对工号。",
            )
        found = _asked(user, form)
        fits = found is not None and record_id(state.keys(), found.partner, staff_no) == found.record_id
        record.written(conn, user, "search", "search:suspended", details={"people": int(fits), "usable": True})
    return found, ""


def _asked(user: User, form: FormData) -> Suspension | None:
    """The suspension a form names, where it is in one of the user's counties."""
    partner, staff_no = text(form, "partner"), text(form, "staff_no")
    try:
        wanted = UUID(text(form, "record")) if text(form, "record") else record_id(state.keys(), partner, staff_no)
    except ValueError:
        return None
    with state.pipeline().connect() as conn:
        found, _ = suspensions(conn, None, record=wanted)
    if found and user.scope.counties is not None and found[0].county not in user.scope.counties:
        record.refused(user, f"record:{wanted}", "scope")
        return None
    return found[0] if found else None


def _show_one(request: Request, user: User, one: Suspension, staff_no: str, *, fault: str = "") -> Response:
    """`staff_no`: as the officer typed it. Who typed the right one may go on to a withdrawal, where that is theirs."""
    proven = bool(staff_no) and record_id(state.keys(), one.partner, staff_no) == one.record_id
    with state.pipeline().connect() as conn:
        person = _persons(conn, [one]).get(one.record_id) if proven and "city_officer" in user.kinds else None
    return show(
        request, "consent.html", 422 if fault else 200, partners=partner_names(state.settings()), counties=county_names(),
        WHY=CONSENT_ENDED, KINDS=ROSTER_KINDS, STATUS=STATUS, one=one, staff_no=staff_no, fault=fault, person=person,
    )  # fmt: skip
