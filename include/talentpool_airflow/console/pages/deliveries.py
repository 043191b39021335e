"""Serve 交付日历: of a year, when each partner's roster is expected and what became of it. No person, no figure of one.

County officers see it too: whether a list of theirs waits for a roster is told on its passport as well. What a delivery held
is for who reads 数据质量, so its number is shown to them alone.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import Request, Response

from talentpool.declare.partner import Partner
from talentpool.office_day import today_in_office
from talentpool.reference import working_days
from talentpool.services.alarm.expected import WORDS, Expected, PartnerCalendar, Standing, calendars
from talentpool.services.handover.facts import schedule
from talentpool_airflow.console import state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages import bounds, held
from talentpool_airflow.console.pages.quality import READERS
from talentpool_airflow.console.user import SignedIn

door = Door()
YEARS_BACK, YEARS_AHEAD = 5, 1
COLOURS = {
    Standing.RECEIVED: "good", Standing.HELD: "open", Standing.LATE: "late", Standing.MISSING: "missed",
    Standing.EXPECTED: "open",
}  # fmt: skip
"""Beside the words, never in their place."""


@door.looks("/deliveries", access=(*OFFICERS, "auditor", "operator", "Admin"))
def deliveries_page(request: Request, user: SignedIn, year: int = 0) -> Response:
    """The year's calendar; this year where none, or one far away, is asked for."""
    today = today_in_office(state.settings())
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    year = year if year in years else today.year
    with state.pipeline().connect() as conn:
        found = calendars(conn, state.office(), date(year, 1, 1), date(year, 12, 31), today)
        tables = working_days(conn).years
    return show(
        request, "deliveries.html", year=year, years=[one for one in (year - 1, year + 1) if one in years], today=today,
        partners=[(each, _by_month(each), _counts(each), _cadence(each.partner)) for each in found],
        now=[(each.name, one) for each in found for one in each.rosters if _waits(one)],
        numbers=bool(user.kinds & set(READERS)), reads_held=bool(user.kinds & set(held.READS)),
        pins=bool(user.kinds & set(bounds.PINS)), no_table=year not in tables, COLOURS=COLOURS, WORDS=WORDS,
        WEEKDAYS="一二三四五六日",
    )  # fmt: skip


def _by_month(each: PartnerCalendar) -> dict[int, list[Expected]]:
    """Those since the partner is connected, by the month of the day on which they are due."""
    months: dict[int, list[Expected]] = {}
    for one in each.rosters:
        if one.standing == Standing.UNCONNECTED:
            continue
        months.setdefault(one.due.on.month, []).append(one)
    return months


def _counts(each: PartnerCalendar) -> dict[str, int]:
    """How many rosters of each standing, in the order of the legend."""
    standings = [one.standing for one in each.rosters]
    return {WORDS[one]: standings.count(one) for one in Standing if one in standings}


def _cadence(partner: Partner | None) -> dict[str, Any] | None:
    """The declared terms in words."""
    if partner is None:
        return None
    told = partner.cadence
    return {"when": schedule(told.cron), "grace": told.grace_hours, "lead": told.lead_days}


def _waits(one: Expected) -> bool:
    """Whether somebody is to look at it now."""
    return one.near or one.standing in (Standing.EXPECTED, Standing.LATE, Standing.MISSING, Standing.HELD)
