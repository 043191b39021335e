"""Send letters by the way that each partner declares, and put each try on record.

A sweep: it makes the letter of every delivery that has none, and sends what is unsent with growing pauses. The next one goes
on where a run was killed. What cannot be sent fails nothing; it is a row, a line on the page and an alert until it was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import Connection, load_partner
from talentpool.acquire.back_channel import back_channel
from talentpool.declare import Partner
from talentpool.errors import DeclarationError, UnavailableError, UsageError
from talentpool.guard import audit
from talentpool.locks import LETTERS_LOCK, try_hold
from talentpool.model import letter, letter_sending
from talentpool.office import Office
from talentpool.services.alarm.kinds import Alarm
from talentpool.services.alarm.raising import raise_each
from talentpool.services.alarm.sending import PAUSES, UnsentError
from talentpool.services.alarm.standing import settle
from talentpool.services.letters.making import REASON, forget, make_letter
from talentpool.services.letters.standing import Overview, is_newest, overview, without_letter

log = logging.getLogger(__name__)
BY = "letters__send"
KIND = "letter_unsent"
WAITS_FOR_OFFICER = timedelta(days=1)
"""How long a letter may lie on the page before somebody is reminded to hand it on."""


@dataclass(frozen=True, repr=False)
class Post:
    """A letter as a mail: an address of the partner's, the connection of the mail server, and the sealed file."""

    to: str
    connection: str
    subject: str
    text: str
    name: str
    content: bytes
    message_id: str


@dataclass(frozen=True)
class Outside:
    """The ways out of the house. `connect` gives a connection by its id (UnavailableError); `mail` sends (UnsentError)."""

    connect: Callable[[str], Connection]
    mail: Callable[[Post], None]


@dataclass(frozen=True)
class Round:
    """What a sweep did, in counts. `waiting`: letters that lie on the page; `busy`: another process is at it."""

    made: int = 0
    sent: int = 0
    unsent: int = 0
    waiting: int = 0
    busy: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def send_due(office: Office, outside: Outside, today: date, now: datetime) -> Round:
    """One sweep."""
    with office.engine.begin() as holding:
        if not try_hold(holding, LETTERS_LOCK):
            return Round(busy=True)
        made = [_make(office, outside, number, code, today) for number, code in _due(office, now)]
        sent = [_send(office, outside, row) for row in _unsent(office, now)]
        with office.engine.begin() as conn:
            forget(conn, today)
            standing = overview(conn, office.settings, today)
            _tell(conn, standing, now)
    return Round(
        sum(made), sum(sent), sum(one.is_unsent and one.way != "page" for one in standing),
        sum(one.is_unsent and one.way == "page" for one in standing),
    )  # fmt: skip


def _due(office: Office, now: datetime) -> Iterator[tuple[int, str]]:
    """(delivery, partner) of those that wait for a letter and may be tried now."""
    with office.engine.connect() as conn:
        found = without_letter(conn, office.settings)
        tries = {one.delivery_id: _tries(conn, letter_sending.c.delivery_id == one.delivery_id) for one in found}
    for one in found:
        if not _rests([row for row in tries[one.delivery_id] if row.letter_id is None], now):
            yield one.delivery_id, one.partner


def _make(office: Office, outside: Outside, delivery_id: int, code: str, today: date) -> bool:
    """Whether a letter was made; why not is on record."""
    try:
        partner = load_partner(office.settings.partner_dirs, code)
        return make_letter(office, partner, delivery_id, outside.connect, by=BY, today=today) is not None
    except UnavailableError:
        fault = "没有口令的连接，或暂时读不到交付的文件"
    except DeclarationError:
        fault = "合作单位的声明文件有误"
    except UsageError as error:
        fault = str(error)
    except Exception as error:  # noqa: BLE001 - one letter stops no other; its words may hold a value
        log.warning("a letter could not be made (%s)", type(error).__name__)
        fault = "口令、密钥或交付的文件不可用"
    with office.engine.begin() as conn:
        _note(conn, delivery_id, None, "hand", fault)
    return False


def _unsent(office: Office, now: datetime) -> list[sa.Row]:
    """Letters that are to leave by themselves, did not yet, and may be tried now."""
    of, tried = letter.c, letter_sending.c
    done = sa.exists().where(tried.letter_id == of.letter_id, tried.sent)
    waits = (of.way.in_(["sftp", "mail"]), of.content.is_not(None), ~done, is_newest())
    query = sa.select(letter).where(*waits).order_by(of.letter_id)
    with office.engine.connect() as conn:
        rows = list(conn.execute(query))
        return [row for row in rows if not _rests(_tries(conn, tried.letter_id == row.letter_id), now)]


def _send(office: Office, outside: Outside, row: sa.Row) -> bool:
    """Try once, and put down at once what became of it."""
    fault = ""
    try:
        partner = load_partner(office.settings.partner_dirs, row.partner)
        _leave(outside, partner, row)
    except UnsentError as error:
        fault = str(error)
    except UnavailableError:
        fault = "对方的服务器连不上，或没有可用的连接"
    except DeclarationError:
        fault = "合作单位的声明文件有误"
    except Exception as error:  # noqa: BLE001 - one letter stops no other; its words may hold a value
        log.warning("a letter could not be sent (%s)", type(error).__name__)
        fault = "发送时出错；请由运维人员查看流程记录"
    with office.engine.begin() as conn:
        _note(conn, row.delivery_id, row.letter_id, row.way, fault)
        if not fault:
            audit(
                conn, "export", f"delivery:{row.delivery_id}", actor=BY, reason=REASON, scope=office.settings.area,
                details={"letter": row.letter_id, "partner": row.partner, "way": row.way, "people": row.people},
            )  # fmt: skip
    return not fault


def _leave(outside: Outside, partner: Partner, row: sa.Row) -> None:
    declared = partner.letter
    if declared is None or declared.by != row.way or declared.connection is None:
        raise UnsentError("声明的送达方式已改变；请在页面上下载后转交")
    if row.way == "sftp":
        path = f"{declared.directory}/{row.name}"
        with back_channel(outside.connect(declared.connection)) as channel:
            # under another name until it is whole: whoever sees it may read it
            if not (channel.put(f"{path}.part", row.content) and channel.move(f"{path}.part", path)):
                raise UnsentError("对方的服务器不接受写入")
        return
    outside.mail(
        Post(
            declared.to or "", declared.connection, f"名册问题反馈单：交付 {row.delivery_id}", _words(partner, row), row.name,
            row.content, f"<letter-{row.letter_id}-{row.sha256[:24]}@talentpool>",
        )
    )  # fmt: skip


def _words(partner: Partner, row: sa.Row) -> str:
    return (
        f"{partner.contact.unit}{partner.contact.role}：附件是贵单位名册（交付 {row.delivery_id}）的问题反馈单，"
        "列出行号、列名、原因和改法。附件已加密，请用约定的口令或密钥打开；更正后随下次名册交付即可。请勿转发。"
    )


def _note(conn: sa.Connection, delivery_id: int, letter_id: int | None, way: str, fault: str) -> None:
    row = {
        "delivery_id": delivery_id,
        "letter_id": letter_id,
        "way": way,
        "sent_by": BY,
        "sent": not fault,
        "fault": fault,
    }
    conn.execute(letter_sending.insert().values(row))


def _tries(conn: sa.Connection, which: sa.ColumnElement[bool]) -> list[sa.Row]:
    return list(conn.execute(sa.select(letter_sending).where(which).order_by(letter_sending.c.sending_id)))


def _rests(tries: list[sa.Row], now: datetime) -> bool:
    """Whether it failed lately, so that it is left alone for now."""
    return bool(tries) and now - tries[-1].made_at < PAUSES[min(len(tries), len(PAUSES)) - 1]


def _tell(conn: sa.Connection, standing: list[Overview], now: datetime) -> None:
    """An alert for each that could not be sent, or that nobody hands on; it ends when the letter left."""
    alarms = []
    for one in standing:
        about = str(one.delivery_id)
        if one.is_unsent and one.fault:
            alarms.append(
                Alarm(KIND, one.partner, f"交付 {about} 的问题反馈单没有送达：{one.fault}；稍后自动重试", about=about)
            )
        elif one.is_unsent and one.way == "page" and one.made_at and now - one.made_at > WAITS_FOR_OFFICER:
            alarms.append(
                Alarm(KIND, one.partner, f"交付 {about} 的问题反馈单还没有人下载转交；请市级专员办理", about=about)
            )
    raise_each(conn, alarms)
    settle(conn, [KIND], {alarm.key for alarm in alarms}, (), now)
