"""Begin and end an event: a locked list is handed out in one county, until a night that is said when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from talentpool.campaigns.handout.ending import end_events
from talentpool.campaigns.handout.reserve import reserve_left
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.receipts import taking
from talentpool.campaigns.receipts.taking import open_for_receipts
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.model import handout_entry, handout_event, target_row
from talentpool.office import Office
from talentpool.office_day import office_midnight

MOST_DAYS = 14


@dataclass(frozen=True)
class Event:
    """One event. `lasts`: neither ended nor over."""

    event_id: int
    list_id: int
    county: str
    reserve: int
    started_by: str
    made_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    lasts: bool


def lasting() -> sa.ColumnElement[bool]:
    """In SQL: the event is neither ended nor over."""
    of = handout_event.c
    return sa.and_(of.ended_at.is_(None), of.ends_at > sa.func.clock_timestamp())


def events_of(conn: sa.Connection, list_id: int) -> list[Event]:
    """Those of a list that the connection sees, the newest first."""
    of = handout_event.c
    columns = [of[name] for name in Event.__dataclass_fields__ if name != "lasts"]
    query = sa.select(*columns, lasting().label("lasts")).where(of.list_id == list_id)
    return [Event(**row) for row in conn.execute(query.order_by(of.event_id.desc())).mappings()]


def start(office: Office, list_id: int, county: str, who: Approver, *, days: int, reserve: int = 0) -> int:
    """Begin an event; its number. It ends `days` midnights from now (1 = tonight), if nobody ends it before.

    Raises:
        RefusedError: neither the city's officer nor that county's.
        UsageError: the list takes no receipts, nobody of the county is on it, or the reserve has less.
        ConflictError: the list is closed, or is being handed out in the county already.
    """
    speaks_for(who, county)
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"发放可以持续 1 到 {MOST_DAYS} 天，没有开始")
    with office.engine.begin() as conn:
        stored = open_for_receipts(conn, list_id)
        row = target_row.c
        if not conn.scalar(sa.select(sa.exists().where(row.list_id == list_id, row.selected, row.county == county))):
            raise UsageError("这个区县没有人在名单上，没有开始")
        if any(event.lasts and event.county == county for event in events_of(conn, list_id)):
            raise ConflictError("这个区县正在发放这份名单；请先结束，再重新开始")
        left = reserve_left(conn, stored, county)
        if not 0 <= reserve <= left:
            raise UsageError(f"预留物资还有 {left} 份，不能带 {reserve} 份，没有开始")
        values = {"list_id": list_id, "county": county, "reserve": reserve, "started_by": who.name}
        made = handout_event.insert().values(ends_at=office_midnight(days), made_at=sa.func.clock_timestamp(), **values)
        number = int(conn.execute(made.returning(handout_event.c.event_id)).scalar_one())
        audit(conn, "decision", f"list:{list_id}", actor=who.name, scope=county,
              details={"handout": "start", "event": number, "days": days, "reserve": reserve})  # fmt: skip
        return number


def end(office: Office, event_id: int, who: Approver) -> None:
    """End it now: every sign-in for it ends with it. UsageError when there is none, ConflictError when it is over."""
    with office.engine.begin() as conn:
        event = lasting_event(conn, event_id)
        speaks_for(who, event.county)
        end_events(conn, handout_event.c.event_id == event_id, who.name)
        audit(conn, "decision", f"list:{event.list_id}", actor=who.name, scope=event.county,
              details={"handout": "end", "event": event_id})  # fmt: skip


def lasting_event(conn: sa.Connection, event_id: int) -> Event:
    """The event, which nobody else ends until the transaction does."""
    of = handout_event.c
    columns = [of[name] for name in Event.__dataclass_fields__ if name != "lasts"]
    query = sa.select(*columns, lasting().label("lasts")).where(of.event_id == event_id).with_for_update()
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise UsageError("没有这次发放")
    if not row["lasts"]:
        raise ConflictError("这次发放已结束，没有执行；要继续发放请重新开始")
    return Event(**row)


def signed(conn: sa.Connection, event_id: int) -> tuple[int, int]:
    """(rows that were signed for, by how many signatures) of an event."""
    of = handout_entry.c
    query = sa.select(sa.func.count(of.row_id.distinct()), sa.func.count(of.signing_id.distinct()))
    rows, signings = conn.execute(query.where(of.event_id == event_id)).one()
    return int(rows), int(signings)


def speaks_for(who: Approver, county: str) -> None:
    """RefusedError unless they are the city's officer or the county's."""
    counties = taking.speaks_for(who)
    if counties is not None and county not in counties:
        raise RefusedError("scope", f"county {county} is not {who.name}'s")
