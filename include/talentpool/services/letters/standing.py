"""Say how letters stand: which deliveries wait for one, which were sent, and which could not be; hand one on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.deliveries.delivery_state import State
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.model import delivery, delivery_fault, letter, letter_sending
from talentpool.office import Office
from talentpool.services.letters.told import SETTLED, faults_of, is_worth_a_letter
from talentpool.settings import Settings

BACK = timedelta(days=14)
"""For how long a delivery without a letter is looked at: what is older was there before letters were, or is past mending."""
SHOWN = timedelta(days=90)
UNIT = {"sftp": "对方 SFTP", "mail": "邮件", "page": "页面下载转交", "hand": "命令行转交"}


@dataclass(frozen=True)
class Overview:
    """A letter, or a delivery that waits for one (`letter_id` is None). `fault`: of the last try, '' when there was none."""

    delivery_id: int
    partner: str
    partner_name: str
    as_of: date
    standing: str
    letter_id: int | None = None
    way: str = ""
    cells: int = 0
    made_at: datetime | None = None
    sent_at: datetime | None = None
    sent_by: str = ""
    tries: int = 0
    fault: str = ""
    is_there: bool = False

    @property
    def is_unsent(self) -> bool:
        return self.sent_at is None

    @property
    def words(self) -> str:
        """How it stands, in an officer's words."""
        if self.sent_at is not None:
            return f"已送出（{UNIT[self.way]}）"
        if self.fault:
            return "未送达"
        return "待下载转交" if self.way == "page" else "待发送"


def overview(conn: sa.Connection, settings: Settings, today: date) -> list[Overview]:
    """Letters of the last months and deliveries that wait for one, the newest delivery first."""
    of, log = letter.c, letter_sending.c
    query = (
        sa.select(letter, delivery.c.as_of)
        .join(delivery, delivery.c.delivery_id == of.delivery_id)
        .where(of.made_on >= today - SHOWN, sa.or_(is_newest(), _was_sent()))
    )
    letters = list(conn.execute(query))
    waiting = without_letter(conn, settings)
    numbers = [row.delivery_id for row in (*letters, *waiting)]
    tries = list(conn.execute(sa.select(letter_sending).where(log.delivery_id.in_(numbers)).order_by(log.sending_id)))
    names = partner_names(settings)
    found = [_of_letter(row, [one for one in tries if one.letter_id == row.letter_id], names) for row in letters]
    for row in waiting:
        failed = [one for one in tries if one.delivery_id == row.delivery_id and one.letter_id is None]
        found.append(
            Overview(
                row.delivery_id, row.partner, names.get(row.partner, row.partner), row.as_of, row.state,
                tries=len(failed), fault=failed[-1].fault if failed else "",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.delivery_id, one.letter_id or 0), reverse=True)


def words_on(conn: sa.Connection, settings: Settings, delivery_id: int) -> str:
    """How the letter on a delivery stands, in an officer's words; '' where there is none and none waits to be made."""
    of, log = letter.c, letter_sending.c
    query = sa.select(letter, delivery.c.as_of).join(delivery, delivery.c.delivery_id == of.delivery_id)
    row = conn.execute(query.where(of.delivery_id == delivery_id, is_newest())).one_or_none()
    if row is not None:
        tries = list(
            conn.execute(sa.select(letter_sending).where(log.letter_id == row.letter_id).order_by(log.sending_id))
        )
        return _of_letter(row, tries, {}).words
    waits = any(one.delivery_id == delivery_id for one in without_letter(conn, settings))
    return "待发送" if waits else ""  # as the page of letters has it


def _of_letter(row: Any, tries: list[sa.Row], names: dict[str, str]) -> Overview:
    done = next((one for one in tries if one.sent), None)
    return Overview(
        row.delivery_id, row.partner, names.get(row.partner, row.partner), row.as_of, row.standing, row.letter_id,
        done.way if done else row.way, row.cells, row.made_at, done.made_at if done else None, done.sent_by if done else "",
        len(tries), "" if done or not tries else tries[-1].fault, row.content is not None,
    )  # fmt: skip


def is_newest() -> sa.ColumnElement[bool]:
    """Whether a letter is the last word on its delivery: one that did not leave before another was made is not sent any more."""
    later = letter.alias("later")
    return ~sa.exists().where(later.c.delivery_id == letter.c.delivery_id, later.c.letter_id > letter.c.letter_id)


def _was_sent() -> sa.ColumnElement[bool]:
    return sa.exists().where(letter_sending.c.letter_id == letter.c.letter_id, letter_sending.c.sent)


def without_letter(conn: sa.Connection, settings: Settings) -> list[sa.Row]:
    """Deliveries of the last days that are worth a letter and have none as they stand; what was told while one was held need not
    be told again when it is published."""
    of, mine = delivery.c, letter.c
    told = sa.exists().where(
        mine.delivery_id == of.delivery_id,
        sa.or_(mine.standing == of.state, sa.and_(mine.standing == State.HELD, of.state == State.PUBLISHED)),
    )
    log = letter_sending.c
    tried = sa.exists().where(
        log.delivery_id == of.delivery_id, log.letter_id.is_(None)
    )  # and is told until there is one
    since = sa.or_(sa.func.coalesce(of.published_at, of.landed_at) >= sa.func.now() - BACK, tried)
    query = sa.select(delivery).where(of.state.in_(SETTLED), of.sent_counties.is_(None), since, ~told)
    rows = [row for row in conn.execute(query.order_by(of.delivery_id)) if is_worth_a_letter(row)]
    kept = set(conn.scalars(sa.select(delivery_fault.c.delivery_id).distinct()))
    declared = partner_names(settings)
    readable = [row for row in rows if not faults_of(row) or (row.delivery_id in kept and row.landed_url)]
    return [row for row in readable if row.partner in declared]


def take_out(office: Office, letter_id: int, *, by: str, way: str = "page") -> tuple[str, bytes]:
    """(name, sealed bytes) for an officer who hands it on, when that is on record. UsageError when it is gone."""
    of = letter.c
    with office.engine.begin() as conn:
        row = conn.execute(sa.select(letter).where(of.letter_id == letter_id)).one_or_none()
        if row is None or row.content is None:
            raise UsageError("没有这份问题反馈单，或已过保存期，没有下载")
        check_duty(conn, by, "export")
        conn.execute(
            letter_sending.insert().values(
                delivery_id=row.delivery_id, letter_id=letter_id, way=way, sent_by=by, sent=True, fault=""
            )
        )
        audit(
            conn, "export", f"delivery:{row.delivery_id}", actor=by, reason="问题反馈单", scope=office.settings.area,
            details={"letter": letter_id, "partner": row.partner, "people": row.people, "download": True},
        )  # fmt: skip
    return row.name, bytes(row.content)
