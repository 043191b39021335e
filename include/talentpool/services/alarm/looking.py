"""Look at everything that may be late, missing, stuck or failing, and say what is: once a day, and whenever asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from talentpool.model import delivery
from talentpool.office import Office
from talentpool.office_day import in_office
from talentpool.reference import working_days
from talentpool.services.alarm.airflow_state import airflow_alarms
from talentpool.services.alarm.expected import Standing, calendars
from talentpool.services.alarm.kinds import Alarm
from talentpool.services.alarm.raising import raise_each
from talentpool.services.alarm.standing import settle
from talentpool.settings import Settings

BACK = timedelta(days=100)
"""How far back a roster that never came is still told: over the longest cadence there is."""
MINORS_BACK = timedelta(days=35)
NOTICE_MONTH = 11
"""The State Council's notice for the next year comes out in autumn (reference/check.py)."""


ROSTER_KINDS = ("roster_late", "roster_missing", "roster_held")
"""Matters that end when the roster comes: of one that is found no more nobody needs to be told again."""


def look(office: Office, today: date, now: datetime) -> list[str]:
    """Put everything that is wrong on record; the keys of what is new. `today`, `now`: the office's day, and the moment."""
    alarms = [
        *rosters(office, today), *others(office, today), *machine(office.settings, today),
        *airflow_alarms(office, today, now),
    ]  # fmt: skip
    unread = {one.subject for one in alarms if one.kind == "declaration"}
    with office.engine.begin() as conn:
        new = raise_each(conn, alarms)
        settle(conn, ROSTER_KINDS, {one.key for one in alarms}, unread, now)
        return new


def rosters(office: Office, today: date) -> Iterator[Alarm]:
    """What is late, missing or held, and declarations that nobody can read."""
    with office.engine.connect() as conn:
        found = calendars(conn, office, today - BACK, today, today)
    for each in found:
        if each.partner is None:
            yield Alarm(
                "declaration", each.code, f"{each.code} 的声明文件有误，无法判断名册是否应到；请运维人员更正", day=today
            )
        for roster in each.rosters:
            due = roster.due
            if roster.standing == Standing.LATE:
                again = "收到的一份已退回，" if roster.rejected else ""
                yield Alarm(
                    "roster_late", each.code,
                    f"{each.name}的名册 {due.on} 应到，宽限至 {due.until}，{again}仍未收到；请联系对方",
                    about=due.fires.isoformat(),
                )  # fmt: skip
            elif roster.standing == Standing.MISSING:
                yield Alarm(
                    "roster_missing", each.code,
                    f"{each.name} {due.on} 应到的名册始终没有收到，下一份也已到期；请联系对方补交",
                    about=due.fires.isoformat(),
                )  # fmt: skip
            elif roster.standing == Standing.HELD and today > due.until:
                yield Alarm(
                    "roster_held", each.code,
                    f"{each.name} {due.on} 应到的名册（交付 {roster.delivery_id}）搁置至今，等市级专员决定",
                    about=str(roster.delivery_id),
                )  # fmt: skip


def others(office: Office, today: date) -> Iterator[Alarm]:
    """People of 14 or 15 on rosters of the last weeks, by delivery, as a count; and years without a holiday table."""
    of = delivery.c
    rows = of.reasons["age_14_15"].as_integer()  # of held and rejected deliveries as well: they are young all the same
    since = sa.cast(in_office(of.landed_at), sa.Date) >= today - MINORS_BACK
    query = sa.select(of.delivery_id, of.partner, rows).where(rows > 0, since).order_by(of.delivery_id)
    with office.engine.connect() as conn:
        years, minors = working_days(conn).years, conn.execute(query).all()
    for number, partner, rows in minors:
        yield Alarm(
            "age_14_15", partner,
            f"交付 {number} 有 {rows} 行的年龄为 14 或 15 周岁，不会入库；请市级专员向单位核实用工年龄", about=str(number),
        )  # fmt: skip
    for year in (today.year, today.year + 1):
        if year not in years and (year == today.year or today.month >= NOTICE_MONTH):
            yield Alarm(
                "holidays", str(year),
                f"节假日表缺 {year} 年：应到日和工作日只能按周末推算；请按国务院放假通知导入（reference import holiday）",
                day=today.replace(day=1),
            )  # fmt: skip


def machine(settings: Settings, today: date) -> Iterator[Alarm]:
    """Disks that are nearly full: of the home, of what is landed, of lists and of the inbox, where these are folders here."""
    places = {"home": settings.home, "lists": settings.lists_dir, "inbox": settings.inbox_dir}
    if "://" not in settings.landing_url:
        places["landing"] = Path(settings.landing_url)
    seen: set[int] = set()
    for place in places.values():
        there = next((path for path in (place, *place.absolute().parents) if path.exists()), None)
        if there is None or there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        free = shutil.disk_usage(there).free / 2**30
        if free < settings.alert_free_gib:
            yield Alarm(
                "disk", there.name or "/",
                f"磁盘只剩 {free:.1f} GiB（低于 {settings.alert_free_gib} GiB）：请按运维手册“磁盘已满”一节腾出空间", day=today,
            )  # fmt: skip
