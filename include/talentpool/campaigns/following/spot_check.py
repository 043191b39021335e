"""Call back a random sample of a list (回访): draw it once, note what people answer, and say what the answers are worth.

Drawn from the rows that stand as received, by a lottery whose seed is keyed and on record, as the list's own is. Whoever withdrew
is not drawn, and not called. An answer changes no receipt: where it contradicts one, officers see it and correct the row, or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, distinct_on

from talentpool.campaigns import lists
from talentpool.campaigns.life.acting import CITY_OFFICER
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.judging import plain_id
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, HANDED_OUT
from talentpool.campaigns.receipts.standing import standing
from talentpool.campaigns.receipts.taking import speaks_for
from talentpool.campaigns.withdrawn import is_withdrawn, withdrawn_rows
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import Blinder, KeyRing, audit
from talentpool.model import (
    spot_check,
    spot_check_row,
    spot_check_word,
    target_row,
)
from talentpool.office import Office

MOST = 500
"""Rows of a sample: calls that an office can make."""
CONFIDENCE = 0.95


class Answer(StrEnum):
    """What somebody said who was called back; the value is what the table holds."""

    CONFIRMED = "confirmed"
    NOT_RECEIVED = "not_received"
    OTHER_THING = "other_thing"
    UNREACHABLE = "unreachable"
    NOT_ASKED = "not_asked"


A = Answer
ANSWER_WORDS: dict[Answer, str] = {
    A.CONFIRMED: "确认收到", A.NOT_RECEIVED: "没有收到", A.OTHER_THING: "收到的是别的东西", A.UNREACHABLE: "联系不上",
    A.NOT_ASKED: "不愿接受回访",
}  # fmt: skip
SAID = (A.CONFIRMED, A.NOT_RECEIVED, A.OTHER_THING)
"""Answers of which the share is taken; the others say nothing of what was received."""


@dataclass(frozen=True)
class Sample:
    """The sample of a list as it stands. `answers`: of the last word on each row; `share`: confirmed of those who said anything,
    with `low` and `high`, its interval of CONFIDENCE; None where nobody did."""

    rows: int
    of_rows: int
    seed: str
    drawn_by: str
    answers: dict[str, int]
    share: float | None
    low: float | None
    high: float | None

    @property
    def said(self) -> int:
        return sum(self.answers.get(one.value, 0) for one in SAID)

    @property
    def open(self) -> int:
        return self.rows - sum(self.answers.values())


@dataclass(frozen=True)
class Called:
    """A row of the sample. `outcome`: what stands of it by its receipts; `differs`: the answer contradicts that."""

    row_id: str
    person: UUID
    record: UUID
    county: str | None
    partner: str
    station: str
    outcome: str | None
    answer: str | None

    @property
    def differs(self) -> bool:
        handed = self.outcome in [one.value for one in HANDED_OUT]
        return handed and self.answer in (Answer.NOT_RECEIVED.value, Answer.OTHER_THING.value)


def draw_sample(office: Office, list_id: int, size: int, who: Approver) -> int:
    """Draw the one sample of a list; how many rows it has: `size`, or all that stand as received.

    Raises:
        RefusedError: not the city's officer.
        UsageError: the list is not out, is a session, has nothing received, or the size is not from 1 to MOST.
        ConflictError: it has a sample already.
    """
    if CITY_OFFICER not in who.roles:
        raise RefusedError("role", f"回访样本由市级专员抽取；{who.name} 的职务不符")
    if not 1 <= size <= MOST:
        raise UsageError(f"样本应为 1 到 {MOST} 人")
    with office.engine.begin() as conn:
        stored = _out(conn, list_id)
        lists.serialize(conn, stored.passport["purpose"], stored.cycle)
        if conn.scalar(sa.select(sa.exists().where(spot_check.c.list_id == list_id))):
            raise ConflictError(f"名单 {list_id} 已经抽取过回访样本；每份名单只抽一次")
        seed = sample_seed(office.keys, list_id)
        rows = _received(stored, seed).cte("rows").prefix_with("materialized")
        of_rows = conn.scalar(sa.select(sa.func.count()).select_from(rows)) or 0
        if not of_rows:
            raise UsageError(f"名单 {list_id} 还没有登记为已领的人，没有抽取")
        drawn = min(size, of_rows)
        conn.execute(
            spot_check.insert().values(list_id=list_id, rows=drawn, of_rows=of_rows, seed=seed, drawn_by=who.name)
        )
        chosen = sa.select(sa.literal(list_id), rows.c.row_id, rows.c.place, rows.c.county).where(rows.c.place <= drawn)
        conn.execute(spot_check_row.insert().from_select(["list_id", "row_id", "place", "county"], chosen))
        audit(
            conn, "decision", f"list:{list_id}", actor=who.name, reason=stored.passport["purpose"],
            details={"list": "spot_check", "rows": drawn, "of": of_rows, "seed": seed},
        )  # fmt: skip
    return drawn


def sample_seed(keys: KeyRing, list_id: int) -> str:
    """The seed of a list's sample: a keyed hash, so that nobody chooses one. 32 hex digits."""
    return Blinder(keys.key("list_row")).one(f"spot check|{list_id}".encode()).hex()


def _received(stored: Stored, seed: str) -> sa.Select:
    """row_id, county and place in the lottery of every row that stands as received and whose person may be called."""
    row, stands = target_row.c, standing(stored.list_id)
    lottery = sa.func.sha256(sa.literal(bytes.fromhex(seed), BYTEA).op("||")(sa.func.uuid_send(row.person_id)))
    place = sa.func.row_number().over(order_by=[lottery, row.person_id]).label("place")
    return (
        sa.select(row.row_id, row.county, place)
        .join(stands, stands.c.row_id == row.row_id)
        .where(row.list_id == stored.list_id, row.selected, ~row.facts.has_key("erased"), ~is_withdrawn())
        .where(stands.c.outcome.in_([one.value for one in HANDED_OUT]))
    )


def note_answer(office: Office, list_id: int, row_id: str, answer: Answer, who: Approver) -> None:
    """Write down what somebody answered; of several words the last one stands, and no receipt changes.

    UsageError where no such row of the sample is the officer's; RefusedError for who speaks for no rows.
    """
    counties, row_id = speaks_for(who), plain_id(row_id)
    with office.engine.begin() as conn:
        _out(conn, list_id)
        of = spot_check_row.c
        query = sa.select(of.county).where(of.list_id == list_id, of.row_id == row_id)
        query = query.where(of.row_id.not_in(withdrawn_rows(conn, list_id, [row_id])))
        found = conn.execute(query if counties is None else query.where(of.county.in_(counties))).one_or_none()
        if found is None:
            raise UsageError("回访样本中没有您负责的这一行，没有登记；请核对行号")
        conn.execute(
            spot_check_word.insert().values(
                list_id=list_id, row_id=row_id, county=found.county, answer=answer.value, said_by=who.name
            )
        )
        audit(
            conn, "decision", f"list:{list_id}", actor=who.name, scope=found.county or "",
            details={"list": "spot_check", "row": row_id, "answer": answer.value},
        )  # fmt: skip


def sample_of(conn: sa.Connection, list_id: int) -> Sample | None:
    """The list's sample in numbers, of the rows that the connection sees; None where there is none."""
    of, last = spot_check.c, _last_words(list_id)
    head = conn.execute(sa.select(of.of_rows, of.seed, of.drawn_by).where(of.list_id == list_id)).one_or_none()
    if head is None:
        return None
    rows = conn.scalar(sa.select(sa.func.count()).where(spot_check_row.c.list_id == list_id)) or 0
    counted = conn.execute(sa.select(last.c.answer, sa.func.count()).group_by(last.c.answer))
    answers: Counter[str] = Counter({row[0]: row[1] for row in counted})
    share, low, high = share_of(answers[Answer.CONFIRMED.value], sum(answers[one.value] for one in SAID))
    return Sample(rows, head.of_rows, head.seed, head.drawn_by, dict(answers), share, low, high)


def share_of(confirmed: int, said: int) -> tuple[float | None, float | None, float | None]:
    """Share, and Wilson's interval of CONFIDENCE around it; nothing where nobody said anything."""
    if not said:
        return None, None, None
    from scipy.stats import binomtest

    found = binomtest(confirmed, said).proportion_ci(CONFIDENCE, method="wilson")
    return confirmed / said, float(found.low), float(found.high)


def called(conn: sa.Connection, list_id: int) -> list[Called]:
    """The rows of the sample that the connection sees, in the order of the lottery, but of who withdrew since: for a connection
    that sees who did."""
    of, row, last, stands = spot_check_row.c, target_row.c, _last_words(list_id), standing(list_id)
    query = (
        sa.select(
            of.row_id, row.person_id, row.record_id, row.county, row.partner, row.station, stands.c.outcome, last.c.answer
        )
        .join(target_row, sa.and_(row.list_id == of.list_id, row.row_id == of.row_id))
        .outerjoin(stands, stands.c.row_id == of.row_id)
        .outerjoin(last, last.c.row_id == of.row_id)
        .where(of.list_id == list_id, ~is_withdrawn())
        .order_by(of.place)
    )  # fmt: skip
    return [Called(*found) for found in conn.execute(query)]


def _last_words(list_id: int) -> sa.Subquery:
    of = spot_check_word.c
    query = sa.select(of.row_id, of.answer).where(of.list_id == list_id)
    return query.ext(distinct_on(of.row_id)).order_by(of.row_id, of.word_id.desc()).subquery("last_words")


def _out(conn: sa.Connection, list_id: int) -> Stored:
    stored = lists.find(conn, list_id)
    if stored.state not in FROZEN:
        raise UsageError(f"名单 {list_id} {STATE_WORDS[stored.state]}：锁定并下发以后才有回访和投诉")
    if stored.passport.get("form", "kit") in COUNTED_ONLY:
        raise UsageError(f"名单 {list_id} 是场次活动，不登记谁到场，没有回访")
    return stored
