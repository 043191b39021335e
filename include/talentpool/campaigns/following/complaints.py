"""Note complaints about a list (投诉) and their answers: category, county, day, and words in which nobody is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.receipts.judging import plain_id
from talentpool.campaigns.receipts.taking import speaks_for
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.model import complaint, target_row
from talentpool.office import Office
from talentpool.texts.redact import redact

CATEGORIES = {
    "not_received": "没有领到", "too_little": "数量不足", "wrong_thing": "物品不符", "faulty": "物品损坏或过期",
    "manner": "发放态度或方式", "fairness": "名单或次序不公", "privacy": "个人信息", "other": "其他",
}  # fmt: skip
"""What a complaint is of; the code is what the table holds."""
LONGEST = 200
"""Characters of a note or an answer."""


def note_complaint(
    office: Office, list_id: int, category: str, county: str, on_day: date, who: Approver, *,
    today: date, row_id: str = "", note: str = "",
) -> int:  # fmt: skip
    """Write a complaint down; its number.

    Args:
        row_id: of whom, where that is known and wanted; a row of the list and county.
        note: kept without numbers of people.

    Raises:
        UsageError: the list is not out, or a category, county, day or row that cannot be.
        RefusedError: another county than the officer's.
    """
    _refuse_county(who, county)
    if category not in CATEGORIES:
        raise UsageError("请选择投诉的类别")
    kept = _words(note)
    with office.engine.begin() as conn:
        stored = lists.find(conn, list_id)
        if stored.state not in (*FROZEN, ListState.VOID):
            raise UsageError(f"名单 {list_id} {STATE_WORDS[stored.state]}：锁定并下发以后才登记投诉")
        if county not in county_names(conn, office.settings.area):
            raise UsageError("没有这个区县，没有登记")
        if not stored.as_of <= on_day <= max(today, stored.as_of):
            raise UsageError(f"投诉日期应在 {stored.as_of} 到 {today} 之间，没有登记")
        row = plain_id(row_id.strip()) if row_id.strip() else None
        of = target_row.c
        theirs = sa.exists().where(of.list_id == list_id, of.row_id == row, of.selected, of.county == county)
        if row is not None and not conn.scalar(sa.select(theirs)):
            raise UsageError("这份名单的这个区县没有这一行，没有登记；请核对行号，或不填")
        number = conn.execute(
            complaint.insert().returning(complaint.c.complaint_id),
            {"list_id": list_id, "category": category, "county": county, "on_day": on_day, "row_id": row, "note": kept,
             "noted_by": who.name},
        ).scalar_one()  # fmt: skip
        audit(
            conn, "decision", f"list:{list_id}", actor=who.name, scope=county, reason=kept,
            details={"list": "complaint", "complaint": number, "category": category},
        )  # fmt: skip
    return int(number)


def answer_complaint(office: Office, list_id: int, number: int, answer: str, who: Approver) -> None:
    """Say what was done about a complaint; once. UsageError where no such complaint is the officer's, ConflictError where it is
    answered already."""
    counties, kept = speaks_for(who), _words(answer)
    if not kept:
        raise UsageError("请写明怎样答复的")
    of = complaint.c
    with office.engine.begin() as conn:
        query = sa.select(of.county, of.answered_by).where(of.complaint_id == number, of.list_id == list_id)
        if counties is not None:
            query = query.where(of.county.in_(counties))
        found = conn.execute(query.with_for_update()).one_or_none()
        if found is None:
            raise UsageError("没有您负责的这件投诉，没有登记")
        if found.answered_by is not None:
            raise ConflictError(f"投诉 {number} 已经答复过")
        given = {"answer": kept, "answered_by": who.name, "answered_at": sa.func.clock_timestamp()}
        conn.execute(complaint.update().where(of.complaint_id == number).values(**given))
        audit(
            conn, "decision", f"list:{list_id}", actor=who.name, scope=found.county, reason=kept,
            details={"list": "complaint", "complaint": number, "answered": True},
        )  # fmt: skip


def complaints(conn: sa.Connection, list_id: int) -> list[dict[str, Any]]:
    """Complaints about the list that the connection sees: open ones first, then the newest."""
    of = complaint.c
    query = sa.select(complaint).where(of.list_id == list_id)
    order = (of.answered_by.is_not(None), of.complaint_id.desc())
    return [dict(row) for row in conn.execute(query.order_by(*order)).mappings()]


def _words(text: str) -> str:
    kept = redact(text.strip())
    if len(kept) > LONGEST:
        raise UsageError(f"请不超过 {LONGEST} 字，不写姓名和号码")
    return kept


def _refuse_county(who: Approver, county: str) -> None:
    counties = speaks_for(who)
    if counties is not None and county not in counties:
        raise RefusedError("scope", f"county {county} is not {who.name}'s")
