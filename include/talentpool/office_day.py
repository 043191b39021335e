"""Tell the office's time zone and today's date there, and how far ahead of it a date from a person or file may lie.

Nothing else in the product asks the clock for a day. A demo may set its own (TALENTPOOL_TODAY), so that simulated years
run and tests do not depend on the day on which they run.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.settings import Settings

OFFICE_ZONE = "Asia/Shanghai"
OFFICE_TIME = ZoneInfo(OFFICE_ZONE)
CONFIRMED_AHEAD = timedelta(days=5)
"""A roster dated later than today is confirmed by a person up to this far, and refused beyond: a slip of the pen."""


def today_in_office(settings: Settings | None = None) -> date:
    """Today in the office, or the day that a demo has set."""
    settings = settings or Settings()
    own = settings.today if settings.embedded else None
    return own or datetime.now(OFFICE_TIME).date()


def clock(moment: datetime) -> str:
    """Day and minute as the office's clock shows them."""
    return moment.astimezone(OFFICE_TIME).strftime("%Y-%m-%d %H:%M")


def in_office(moment: Any) -> sa.ColumnElement[Any]:
    """In SQL: a moment as the office's clock shows it, or the moment at which that clock shows a time without a zone."""
    return sa.func.timezone(OFFICE_ZONE, moment)


def office_midnight(days: int = 0) -> sa.ColumnElement[Any]:
    """In SQL: the office's midnight before now by the database's clock, or so many days after it."""
    day = sa.func.date_trunc("day", in_office(sa.func.clock_timestamp()))
    return in_office(day + sa.func.make_interval(0, 0, 0, days))


def too_far_ahead(as_of: date, today: date) -> bool:
    """Whether a roster's date is refused: facts do not speak of a day to come."""
    return as_of > today + CONFIRMED_AHEAD


def refuse_days_to_come(as_of: date, today: date, what: str) -> None:
    """UsageError when `what` (a pool, a list, a report) is asked for as of a day after today."""
    if as_of > today:
        raise UsageError(
            f"{what}：数据日期 {as_of} 晚于今天（{today}），那一天的情况还无人知道；请改用 {today} 或更早的日期"
        )
