"""Check what a run is given by hand, by an event or by another task before anything is done with it.

Whoever may edit a DAG's runs can write params, conf, partition keys and XCom. None of them decides: they say which date
or delivery is meant, and are held here against what such a thing can be. A bad one ends the run, in Chinese and
without repeating it; neither the database nor another component of Airflow sees it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from talentpool.office_day import CONFIRMED_AHEAD, today_in_office
from talentpool_airflow.defaults import local_date
from talentpool_airflow.notes import stopped

MOST = 2**63 - 1
"""The database's greatest number, and that of Airflow's messages between its processes."""
FIRST_DAY = date(2000, 1, 1)
"""No roster speaks of a day before it."""
MOST_SHARES = 1000
NOTHING_DONE = "本次运行未执行任何操作，请改正后重新运行"
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def number(value: Any, what: str) -> int:
    """A delivery's number, or the run fails; `what` it is called."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise stopped(f"{what}须填写 1 以上的整数（见 talentpool delivery list）；{NOTHING_DONE}")
    return value


def day(value: Any, *, ahead: timedelta | None = timedelta(0)) -> date:
    """An as-of date written YYYY-MM-DD, not before 2000 and not more than `ahead` after the office's today (None: any)."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and ISO_DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise stopped(f"数据日期须写成 YYYY-MM-DD，例如 2026-10-31；{NOTHING_DONE}")
    return _within(found, ahead)


def roster_day(value: Any) -> date:
    """Of a roster, which a person may confirm a few days ahead."""
    return day(value, ahead=CONFIRMED_AHEAD)


def day_of_run(moment: datetime) -> date:
    """The office's calendar day of a run's moment, which anybody who starts runs can choose."""
    try:
        return _within(local_date(moment), timedelta(days=1))
    except OverflowError:
        raise stopped(f"运行日期超出范围；{NOTHING_DONE}") from None


def _within(found: date, ahead: timedelta | None) -> date:
    today = today_in_office()
    if ahead is not None and found > today + ahead:
        raise stopped(f"数据日期晚于今天（{today}），那一天的情况还无人知道；{NOTHING_DONE}")
    if found < FIRST_DAY:
        raise stopped(f"数据日期早于 {FIRST_DAY}，没有这一天的名册；{NOTHING_DONE}")
    return found


def started_by(dag_run: Any) -> str | None:
    """Who started the run: the signed-in user, as the server put it on record; None for the scheduler and for events."""
    return str(dag_run.triggering_user_name).strip() or None if dag_run.triggering_user_name else None


class Share(BaseModel):
    """What a task of a roster run hands to the next: numbers, never counts that decide."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    partner: Annotated[str, Field(max_length=64)]
    delivery_id: Annotated[int, Field(ge=1, le=MOST)]
    as_of: Annotated[str, Field(pattern=f"^{ISO_DAY.pattern}$")]
    kind: Literal["full", "delta"]
    declaration: Annotated[str, Field(max_length=128)]
    more: bool = False
    share: Annotated[int, Field(ge=0, lt=MOST_SHARES)] = 0
    of: Annotated[int, Field(ge=1, le=MOST_SHARES)] = 1


def share(code: str, value: Any) -> Share:
    """What was taken for partner `code`, as the task before handed it on; anything else fails the run."""
    try:
        found = Share.model_validate(dict(value) if isinstance(value, Mapping) else value)
    except ValidationError:
        found = None
    if found is None or found.partner != code or found.share >= found.of:
        raise stopped(f"任务之间传递的交付信息不完整或被改动过；{NOTHING_DONE}")
    return found
