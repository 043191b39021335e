"""Let officers move the day of a round or add a round, withdraw what they made, and say which runs are due by such a day.

An extra round is a cycle of its own; a moved one stays the cycle that it is, so that nobody is served twice for it. What
is not in force any more stays on record. Every refusal says in Chinese what is wrong and which day would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.round import Round
from talentpool.declare import Campaign
from talentpool.declare.occasion import LONGEST_SEASON, Dated, Turn, draw_day, extra_cycle, is_extra, say_cycle, turns
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.locks import CALENDAR_LOCK, hold
from talentpool.model import campaign_date, cancelled_round, target_list
from talentpool.texts.redact import redact

FARTHEST = timedelta(days=730)
"""A day farther ahead is a slip of the pen."""
GONE = (ListState.CANCELLED, ListState.VOID)
"""States of a list that holds no round."""


@dataclass(frozen=True)
class Made:
    """A day as it stands on record. `replaces`: the first day before it was moved, None = an extra round."""

    date_id: int
    campaign: str
    cycle: str
    replaces: date | None
    first_day: date
    last_day: date
    made_by: str
    reason: str
    made_at: datetime
    withdrawn_by: str | None
    withdrawn_for: str | None
    withdrawn_at: datetime | None
    started_at: datetime | None

    @property
    def turn(self) -> Turn:
        return Turn(self.cycle, self.first_day, self.last_day)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_COLUMNS = [campaign_date.c[name] for name in Made.__dataclass_fields__]


def dates(conn: sa.Connection, *, withdrawn: bool = False) -> list[Made]:
    """Every day that is in force, by its first day; with `withdrawn` those that are not, too."""
    query = sa.select(*_COLUMNS).order_by(campaign_date.c.first_day, campaign_date.c.date_id)
    if not withdrawn:
        query = query.where(campaign_date.c.withdrawn_at.is_(None))
    return [Made(*row) for row in conn.execute(query)]


def with_dates(conn: sa.Connection, campaign: Campaign) -> Campaign:
    """The campaign on the days that the office keeps: whoever asks it for its turns gets moved and added ones."""
    return campaign.with_dates(
        Dated(made.turn, made.replaces) for made in dates(conn) if made.campaign == campaign.code
    )


def round_on(engine: sa.Engine, campaign: Campaign, as_of: date) -> Round:
    """The round that facts of `as_of` serve, on the days that the office keeps."""
    with engine.connect() as conn:
        return Round.on(with_dates(conn, campaign), as_of)


def add(conn: sa.Connection, campaign: Campaign, turn: tuple[date, date], *, by: str, reason: str, today: date) -> Made:
    """An extra round from the first to the last day of `turn`; its cycle is named by the first."""
    held = _opened(conn, campaign, by, reason)
    first, last = turn
    made = Turn(extra_cycle(first), first, last)
    check_added(held, made, today)
    if (campaign.code, made.cycle) in cancelled(conn):
        raise UsageError(
            f"{campaign.name} {say_cycle(made.cycle)}已取消，不会拟定名单，没有加办；"
            "请另选一天，或先恢复（talentpool target resume）"
        )
    return _put(conn, held, made, None, (by, reason))


def move(
    conn: sa.Connection, campaign: Campaign, cycle: str, first: date, *, by: str, reason: str, today: date
) -> Made:
    """Another first day for a round; a season keeps its length. What moved it before is withdrawn with it."""
    held = _opened(conn, campaign, by, reason)
    before = turn_named(held, cycle, today)
    if (campaign.code, cycle) in cancelled(conn):
        raise UsageError(f"{campaign.name} {say_cycle(cycle)}已取消，没有改期；要恢复请用 talentpool target resume")
    check_moved(held, before, first, today, locked=is_locked(conn, campaign.code, cycle))
    after = Turn(cycle, first, first + (before.last - before.first))
    (declared,) = (turn for turn in campaign.occasion.turns(int(cycle[:4])) if turn.cycle == cycle)
    conn.execute(
        campaign_date.update()
        .where(_in_force(campaign.code, cycle))
        .values(
            withdrawn_by=by.strip(), withdrawn_for=f"再次改期：{redact(reason.strip())}", withdrawn_at=sa.func.now()
        )
    )
    return _put(conn, held, after, declared.first, (by, reason))


def withdraw(
    conn: sa.Connection, campaigns: Sequence[Campaign], date_id: int, *, by: str, reason: str, today: date
) -> Made:
    """Take back a day: an extra round is held no more, a moved one is on its declared day again."""
    _signed(by, reason)
    check_duty(conn, by, "plan a campaign")
    hold(conn, CALENDAR_LOCK)
    found = check_withdrawn(conn, campaigns, date_id, today)
    conn.execute(
        campaign_date.update()
        .where(campaign_date.c.date_id == date_id)
        .values(withdrawn_by=by.strip(), withdrawn_for=redact(reason.strip()), withdrawn_at=sa.func.now())
    )
    _audit(conn, found, by, reason, "withdrawn")
    return _read(conn, date_id)


def turn_named(campaign: Campaign, cycle: str, today: date) -> Turn:
    """The declared round of that name, on its day in force. UsageError where there is none, or it is an extra one."""
    near = [turn for turn in turns(campaign, range(today.year - 1, today.year + 3)) if not is_extra(turn.cycle)]
    found = next((turn for turn in near if turn.cycle == cycle), None)
    if found is None:
        ahead = "、".join(turn.cycle for turn in near if turn.last >= today)
        raise UsageError(f"{campaign.name}没有可以改期的轮次 {cycle}；可以改期的有 {ahead}；加办的一轮请撤销后另加")
    return found


def check_added(held: Campaign, made: Turn, today: date) -> None:
    """UsageError where the round cannot be added."""
    if made.last < made.first:
        raise UsageError(f"最后一天 {made.last} 早于第一天 {made.first}，没有加办")
    if (made.last - made.first).days >= LONGEST_SEASON:
        raise UsageError(f"{made.first} 至 {made.last} 超过 {LONGEST_SEASON} 天，请核对最后一天；没有加办")
    _check_ahead(held, made, today, draws=True)
    for other in _around(held, made):
        if other.first <= made.last and made.first <= other.last:
            raise UsageError(f"{held.name} {say_cycle(other.cycle)}已在 {_said(other)}，与所填日期重叠，没有加办")


def check_moved(held: Campaign, before: Turn, first: date, today: date, *, locked: bool) -> None:
    """UsageError where the round cannot be moved there. A locked list is not drawn again: only its day changes."""
    after = Turn(before.cycle, first, first + (before.last - before.first))
    if before.last < today:
        raise UsageError(
            f"{held.name} {say_cycle(before.cycle)}（{_said(before)}）已经结束，不能改期；需要时请加办一轮"
        )
    if first == before.first:
        raise UsageError(f"{held.name} {say_cycle(before.cycle)}本来就在 {first}，没有改动")
    _check_ahead(held, after, today, draws=not locked)
    others = [turn for turn in _around(held, after) if turn.cycle != before.cycle]
    for other in others:
        if other.first <= after.last and after.first <= other.last:
            raise UsageError(f"{held.name} {say_cycle(other.cycle)}已在 {_said(other)}，与所填日期重叠，没有改期")
        if not is_extra(other.cycle) and (other.first < before.first) != (other.first < after.first):
            raise UsageError(f"改到 {first} 就越过了{say_cycle(other.cycle)}这一轮（{_said(other)}），没有改期")


def check_withdrawn(conn: sa.Connection, campaigns: Sequence[Campaign], date_id: int, today: date) -> Made:
    """The day in force, that may be taken back; UsageError where it may not."""
    found = _read(conn, date_id)
    said = f"第 {date_id} 号（{found.first_day}）"
    if found.withdrawn_at is not None:
        raise UsageError(f"{said}已由 {found.withdrawn_by} 撤销，没有再次撤销")
    if found.last_day < today:
        raise UsageError(f"{said}的日期已过，不能撤销")
    locked = is_locked(conn, found.campaign, found.cycle)
    if found.replaces is None and locked:
        raise UsageError(f"{said}这一轮的名单已锁定，不能撤销；名单有误的，请由两人作废名单后再撤销")
    campaign = next((one for one in campaigns if one.code == found.campaign), None)
    if found.replaces is None or campaign is None:
        return found
    gone = found.replaces if locked else found.replaces - timedelta(days=campaign.lead_days)
    if gone <= today:
        raise UsageError(
            f"{said}撤销后回到原来的 {found.replaces}，而那一轮的{'活动日' if locked else '拟定日'} {gone} 已到或已过，"
            "不会再自动拟定；没有撤销，请另改到一个可行的日期"
        )
    return found


def is_locked(conn: sa.Connection, campaign: str, cycle: str) -> bool:
    """Whether the round has a list that was locked and stands, released or not."""
    of = target_list.c
    there = sa.exists().where(of.campaign == campaign, of.cycle == cycle, of.state.in_(FROZEN))
    return bool(conn.scalar(sa.select(there)))


def cancelled(conn: sa.Connection) -> set[tuple[str, str]]:
    """(campaign, cycle) of rounds that do not take place."""
    return {(row.campaign, row.cycle) for row in conn.execute(sa.select(cancelled_round))}


def due(conn: sa.Connection, campaigns: Iterable[Campaign], today: date) -> list[tuple[Made, date]]:
    """Days whose draw has come and whose run has not begun, each with its draw day: what the daily run starts."""
    known, gone = {campaign.code: campaign for campaign in campaigns}, cancelled(conn)
    found = []
    for made in dates(conn):
        if made.started_at is None and made.campaign in known and (made.campaign, made.cycle) not in gone:
            day = draw_day(known[made.campaign], made.turn)
            if day <= today <= made.last_day and not is_locked(conn, made.campaign, made.cycle):
                found.append((made, day))
    return found


def begun(conn: sa.Connection, campaign: str, date_id: int) -> bool:
    """Put down that the run of a day has begun; whether there is such a day of the campaign."""
    of = campaign_date.c
    there = sa.and_(of.date_id == date_id, of.campaign == campaign)
    conn.execute(campaign_date.update().where(there, of.started_at.is_(None)).values(started_at=sa.func.now()))
    return bool(conn.scalar(sa.select(sa.exists().where(there))))


def _opened(conn: sa.Connection, campaign: Campaign, by: str, reason: str) -> Campaign:
    """Signed, entitled, alone: the campaign on the days in force."""
    _signed(by, reason)
    check_duty(conn, by, "plan a campaign")
    hold(conn, CALENDAR_LOCK)
    return with_dates(conn, campaign)


def _signed(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise UsageError("请写明是谁、为什么（--by 姓名 --reason 理由），没有执行")


def _check_ahead(held: Campaign, made: Turn, today: date, *, draws: bool) -> None:
    if made.first <= today:
        raise UsageError(f"{made.first} 已到或已过，活动日须晚于今天（{today}）")
    if made.first > today + FARTHEST:
        raise UsageError(f"{made.first} 太远：最多提前两年（{today + FARTHEST} 及以前），请核对年份")
    if draws and (day := draw_day(held, made)) <= today:
        earliest = today + timedelta(days=held.lead_days + 1)
        raise UsageError(
            f"{held.name}须在活动日前 {held.lead_days} 天拟定名单，{made.first} 的拟定日 {day} 已到或已过；"
            f"最早可定在 {earliest}"
        )


def _around(held: Campaign, made: Turn) -> list[Turn]:
    return turns(held, range(made.first.year - 1, made.last.year + 2))


def _said(turn: Turn) -> str:
    return f"{turn.first}" if turn.first == turn.last else f"{turn.first} 至 {turn.last}"


def _in_force(campaign: str, cycle: str) -> sa.ColumnElement[bool]:
    of = campaign_date.c
    return sa.and_(of.campaign == campaign, of.cycle == cycle, of.withdrawn_at.is_(None))


def _put(conn: sa.Connection, held: Campaign, turn: Turn, replaces: date | None, signed: tuple[str, str]) -> Made:
    by, reason = (redact(word.strip()) for word in signed)
    date_id = conn.execute(
        campaign_date.insert().returning(campaign_date.c.date_id),
        {"campaign": held.code, "cycle": turn.cycle, "replaces": replaces, "first_day": turn.first,
         "last_day": turn.last, "made_by": by, "reason": reason},
    ).scalar_one()  # fmt: skip
    made = _read(conn, date_id)
    _audit(conn, made, by, reason, "added" if replaces is None else "moved")
    return made


def _read(conn: sa.Connection, date_id: int) -> Made:
    row = conn.execute(sa.select(*_COLUMNS).where(campaign_date.c.date_id == date_id)).one_or_none()
    if row is None:
        raise UsageError(f"没有第 {date_id} 号改期或加办")
    return Made(*row)


def _audit(conn: sa.Connection, made: Made, by: str, reason: str, what: str) -> None:
    details = {"day": what, "date_id": made.date_id, "cycle": made.cycle, "first": str(made.first_day),
               "replaces": str(made.replaces) if made.replaces else None}  # fmt: skip
    audit(conn, "decision", f"campaign:{made.campaign}", actor=by, reason=redact(reason), details=details)
