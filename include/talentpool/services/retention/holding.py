"""Place and end legal holds: an office act with a name, a reason and an end.

One officer of the city keeps something from being deleted; that harms nobody and may be urgent. Two people let it go again: the
first one's word is kept, the second one's ends the hold. A hold ends by itself after its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.deliveries.holds import DELIVERY, KIND, PARTNER, PEOPLE, PERSON, stands
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, spelt, two_people
from talentpool.model import delivery, retention_hold, retention_hold_word
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.retention.terms import defaults, terms_of
from talentpool.services.rights import find
from talentpool.texts.redact import redact

LONGEST_DAYS = 1096
"""Three years: who needs longer places it again, and says again why."""


@dataclass(frozen=True)
class Hold:
    """A hold. `about`: kind:<code>, partner:<code>, delivery:<number>, person:<id>; `asked_by`: the first who said that it ends;
    `ended_by`: the two who ended it, with `ended_at`."""

    hold_id: int
    about: str
    until_day: date
    said_by: str
    reason: str
    made_at: datetime
    asked_by: str | None
    asked_for: str | None
    ended_by: str | None
    ended_for: str | None
    ended_at: datetime | None

    def holds(self, today: date) -> bool:
        return self.ended_at is None and self.until_day >= today


def place(office: Office, about: str, *, until: date, by: str, reason: str) -> Hold:
    """Keep something from being deleted, until a day and at most three years.

    Args:
        about: kind:<code>, partner:<code>, delivery:<number>, or person:<id or partner:staff number>.

    Raises:
        UsageError: there is no such thing, no reason, or the day is gone by or too far away.
        RefusedError: the office knows `by` as somebody who places none (code `role`).
    """
    by, reason = _signed(by, reason)
    today = today_in_office(office.settings)
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise UsageError(f"暂停删除的截止日须在今天（{today}）到三年之内；到期可以再次登记")
    with office.engine.begin() as conn:
        check_duty(conn, by, "place a hold")
        about, records = _named(conn, office, about)
        row = {"about": about, "records": records, "until_day": until, "said_by": by, "reason": reason}
        number = conn.execute(retention_hold.insert().values(row).returning(retention_hold.c.hold_id)).scalar_one()
        audit(
            conn, "decision", about, actor=by, reason=reason, scope=office.settings.area,
            details={"hold": number, "placed": True, "until": until.isoformat()},
        )  # fmt: skip
        return one(conn, number)


def end(office: Office, number: int, *, by: str, reason: str) -> Hold:
    """Say that a hold ends before its day; the second person's word ends it.

    Raises:
        UsageError: there is no such hold, or it has ended.
        RefusedError: the one who said it first (code `same_person`), or whose role does not go with it (`role`).
    """
    by, reason = _signed(by, reason)
    today = today_in_office(office.settings)
    with office.engine.begin() as conn:
        check_duty(conn, by, "end a hold")
        conn.execute(sa.text("lock table retention_hold_word in share row exclusive mode"))  # one word after the other
        hold = one(conn, number)
        if not hold.holds(today):
            raise UsageError(f"暂停删除 {number} 已经结束")
        if hold.asked_by is not None:
            two_people([hold.asked_by], by, f"asked that hold {number} ends")
        done = hold.asked_by is not None
        word = {"hold_id": number, "said_by": by, "reason": reason, "carried_out": done}
        conn.execute(retention_hold_word.insert().values(word))
        audit(
            conn, "decision", hold.about, actor=by, reason=reason, scope=office.settings.area,
            details={"hold": number, "ended": done},
        )  # fmt: skip
        return one(conn, number)


def all_holds(conn: sa.Connection, today: date | None = None) -> list[Hold]:
    """Every hold, the newest first; with `today` those in force alone."""
    query = _query().order_by(retention_hold.c.hold_id.desc())
    return [_hold(row) for row in conn.execute(query if today is None else query.where(stands(today)))]


def one(conn: sa.Connection, number: int) -> Hold:
    """UsageError when there is no such hold."""
    row = conn.execute(_query().where(retention_hold.c.hold_id == number)).one_or_none()
    if row is None:
        raise UsageError(f"没有暂停删除 {number}；talentpool retention holds 列出全部")
    return _hold(row)


def _query() -> sa.Select:
    of = retention_hold.c
    asked, done = retention_hold_word.alias("asked"), retention_hold_word.alias("done")
    return (
        sa.select(
            of.hold_id, of.about, of.until_day, of.said_by, of.reason, of.made_at, asked.c.said_by.label("asked_by"),
            asked.c.reason.label("asked_for"), done.c.said_by.label("ended_by"), done.c.reason.label("ended_for"),
            done.c.made_at.label("ended_at"),
        )
        .outerjoin(asked, sa.and_(asked.c.hold_id == of.hold_id, ~asked.c.carried_out))
        .outerjoin(done, sa.and_(done.c.hold_id == of.hold_id, done.c.carried_out))
    )  # fmt: skip


def _hold(row: Any) -> Hold:
    return Hold(**row._mapping)


def _signed(by: str, reason: str) -> tuple[str, str]:
    if not by.strip() or not reason.strip():
        raise UsageError("暂停删除须写明是谁、为什么：--by 姓名 --reason 理由")
    return spelt(by), redact(reason.strip())


def _named(conn: sa.Connection, office: Office, about: str) -> tuple[str, list[UUID]]:
    """What is held as it is kept, and a person's records. UsageError where there is no such thing; it repeats nothing of it."""
    what, _, which = about.partition(":")
    if what == KIND and which.startswith(f"{PEOPLE}_"):  # terms of their own, and all of them people
        about, which = f"{KIND}:{PEOPLE}", PEOPLE
    if what == KIND and which in defaults():
        return about, []
    if what == PARTNER and (which in terms_of(office.settings).partners or _delivered(conn, which)):
        return about, []
    if what == DELIVERY and which.isdecimal() and len(which) < 19:
        if conn.scalar(sa.select(sa.exists().where(delivery.c.delivery_id == int(which)))):
            return f"{DELIVERY}:{int(which)}", []
    elif what == PERSON:
        try:
            subject = find(conn, office.keys, which)
        except UsageError:
            raise UsageError("没有这个人员编号，没有登记；请从“查人”页的网址复制，或写“合作单位代码:工号”") from None
        return subject.name if subject.person else f"{PERSON}:{subject.records[0]}", list(subject.records)
    raise UsageError("没有找到要暂停删除的对象；请核对类别、合作单位、交付编号或人员编号（从“查人”复制）")


def _delivered(conn: sa.Connection, partner: str) -> bool:
    return bool(conn.scalar(sa.select(sa.exists().where(delivery.c.partner == partner))))
