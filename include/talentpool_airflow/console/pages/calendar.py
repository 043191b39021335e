"""Serve 年度活动日历: twelve months of rounds with what is due when; the city's officer moves, adds and withdraws days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from talentpool.campaigns.planning.calendar import STEPS, Planned, calendar_of, planned_of
from talentpool.campaigns.planning.cautions import overlaps
from talentpool.campaigns.planning.dates import (
    Made,
    add,
    check_added,
    check_moved,
    check_withdrawn,
    is_locked,
    move,
    turn_named,
    with_dates,
    withdraw,
)
from talentpool.declare import Campaign, readable_campaigns
from talentpool.declare.occasion import Dated, Turn, draw_day, extra_cycle, say_cycle
from talentpool.errors import RefusedError, UsageError
from talentpool.office_day import today_in_office
from talentpool.reference import working_days
from talentpool.services.desk.year import Year, year_of
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import NOT_THEIR_DUTY, list_state

door = Door()
PLANS = ("city_officer",)
FARTHEST_NUMBER = 2**53
AROUND = timedelta(days=240)
"""Rounds that may overlap with one lie this near."""


@dataclass(frozen=True)
class Asked:
    """A form as it stands: `cycle` '' = an extra round. `before`, `after`: the round with its steps, once it can be;
    `draws_on`: when it is drawn by itself, None = its list is locked; `cautions`: what is to be looked at again."""

    campaign: str = ""
    cycle: str = ""
    first: str = ""
    reason: str = ""
    before: Planned | None = None
    after: Planned | None = None
    draws_on: date | None = None
    cautions: tuple[str, ...] = ()


@door.looks("/calendar", access=OFFICERS)
def calendar_page(
    request: Request, user: SignedIn, campaign: str = "", cycle: str = "", add: bool = False, withdraw: int = 0
) -> Response:
    """The year; for the city's officer with a form: to move (`campaign`, `cycle`), to `add`, or to `withdraw` a number."""
    asked = Asked(campaign[:40], cycle[:20]) if (campaign and cycle) or add else None
    return _page(request, user, asked=asked, number=withdraw)


@door.acts("/calendar/dates", access=PLANS, rate=limits.SEARCHES)
def make_day(request: Request, user: SignedIn, form: Posted) -> Response:
    """Show what would come of it; once that is confirmed, put it on record."""
    today = today_in_office()
    asked = Asked(text(form, "campaign"), text(form, "cycle"), text(form, "first"), text(form, "reason"))
    campaign = next((one for one in _campaigns()[0] if one.code == asked.campaign), None)
    first = _day(form, "first")
    if campaign is None or first is None or not asked.reason:
        return _page(request, user, asked=asked, fault="请选择活动，填写日期和理由。")
    try:
        if text(form, "sure") != "yes":
            return _page(request, user, asked=_previewed(campaign, asked, first, today))
        signed: dict[str, Any] = {"by": user.name, "reason": asked.reason, "today": today}
        with state.pipeline().begin() as conn:
            if asked.cycle:
                made = move(conn, campaign, asked.cycle, first, **signed)
            else:
                made = add(conn, campaign, (first, first), **signed)
    except RefusedError as refusal:
        record.refused(user, f"campaign:{campaign.code}", refusal.code)
        return _page(request, user, asked=asked, fault=NOT_THEIR_DUTY)
    except UsageError as error:
        return _page(request, user, asked=asked, fault=f"{error}。")
    return _back(request, made)


@door.acts("/calendar/dates/{number}/withdraw", access=PLANS)
def withdraw_day(request: Request, user: SignedIn, form: Posted, number: int) -> Response:
    """Take back a day; with a reason, and after a word that one knows what follows."""
    reason = text(form, "reason")
    if text(form, "sure") != "yes" or not reason:
        return _page(request, user, number=number, fault="请填写理由，并勾选“我已知悉”。")
    try:
        with state.pipeline().begin() as conn:
            made = withdraw(
                conn, _campaigns()[0], _number(number), by=user.name, reason=reason, today=today_in_office()
            )
    except RefusedError as refusal:
        record.refused(user, f"campaign:{number}", refusal.code)
        return _page(request, user, fault=NOT_THEIR_DUTY)
    except UsageError as error:
        return _page(request, user, fault=f"{error}。")
    return _back(request, made)


def _previewed(campaign: Campaign, asked: Asked, first: date, today: date) -> Asked:
    """What the round would be, and was; UsageError where it cannot be."""
    with state.pipeline().connect() as conn:
        held, working = with_dates(conn, campaign), working_days(conn)
        before = turn_named(held, asked.cycle, today) if asked.cycle else None
        locked = bool(asked.cycle) and is_locked(conn, campaign.code, asked.cycle)
        if before is None:
            after = Turn(extra_cycle(first), first, first)
            check_added(held, after, today)
        else:
            after = Turn(before.cycle, first, first + (before.last - before.first))
            check_moved(held, before, first, today, locked=locked)
    others = [dated for dated in held.dates if dated.turn.cycle != after.cycle]
    year = campaign.with_dates([*others, Dated(after)])
    rows = calendar_of([year], first - AROUND, first + AROUND, working)
    return replace(
        asked, before=planned_of(held, before, working) if before else None, after=planned_of(held, after, working),
        draws_on=None if locked else draw_day(held, after), cautions=tuple(overlaps([year], rows)),
    )  # fmt: skip


def _page(request: Request, user: User, *, asked: Asked | None = None, number: int = 0, fault: str = "") -> Response:
    plans, today = bool(user.kinds & set(PLANS)), today_in_office()
    campaigns, broken = _campaigns()
    with state.pipeline().connect() as conn:
        year = year_of(conn, campaigns, today, user.scope.counties)
        gone = None
        if plans and number:
            try:
                gone = check_withdrawn(conn, campaigns, _number(number), today)
            except UsageError as error:
                fault = fault or f"{error}。"
    return show(
        request, "calendar.html", 422 if fault else 200, year=year, months=_by_month(year), plans=plans, tries=user.scope.city,
        fault=fault,
        asked=asked if plans else None, gone=gone, names={one.code: one.name for one in campaigns}, broken=sorted(broken),
        STEPS=STEPS, say_cycle=say_cycle, list_state=list_state, done=_done(request, year), WEEKDAYS="一二三四五六日",
    )  # fmt: skip


def _by_month(year: Year) -> dict[str, list[Any]]:
    """Entries under the month of their first day, in order."""
    months: dict[str, list[Any]] = {}
    for entry in year.entries:
        first = entry.planned.first
        months.setdefault(f"{first.year} 年 {first.month} 月", []).append(entry)
    return months


def _done(request: Request, year: Year) -> Made | None:
    """The day that an act of just now made or withdrew, which its answer led here with."""
    asked = request.query_params.get("done", "")
    return next((one for one in year.made if str(one.date_id) == asked), None)


def _back(request: Request, made: Made) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/calendar?done={made.date_id}", 303)


def _campaigns() -> tuple[list[Campaign], dict[str, str]]:
    return readable_campaigns(state.settings().campaign_dirs)


def _day(form: FormData, name: str) -> date | None:
    try:
        return date.fromisoformat(text(form, name))
    except ValueError:
        return None


def _number(number: int) -> int:
    """One that the database can hold; none there is otherwise."""
    return number if 0 < number < FARTHEST_NUMBER else 0
