"""Serve 试算: what a campaign's list would be by another setting, beside the declaration and the last cycle. Nothing is kept.

A look shows the form alone; the run is asked for by a form of ours, one at a time, and is on record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fastapi import HTTPException, Request, Response
from markupsafe import Markup
from starlette.datastructures import FormData

from talentpool.acquire import partner_names
from talentpool.campaigns.dry_run import Tried, dry_run
from talentpool.declare import Campaign, load_pool_rules, readable_campaigns
from talentpool.declare.occasion import say_cycle
from talentpool.declare.rules import list_reasons
from talentpool.errors import DeclarationError, UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.report.change_chart import change_chart
from talentpool.services.desk.try_settings import OFFERED, declared_words, read_settings, told
from talentpool.services.desk.trying import DIMENSIONS, Group, groups, outlook
from talentpool.settings import INCLUDE
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import CITY, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES

door = Door()
SECONDS = 60
"""Of one statement; a trial of a million people is a dozen of them."""
SET = "set."
"""Begins the name of a form's field that is a setting."""
LONGEST = 24
"""So many groups a chart shows, those that change most; the table beside it shows every one."""
UNREADABLE = "活动声明里有没有登记的代码，没有试算。请联系运维人员核对声明。"
TRY, NOW, LAST = "本次试算", "现行声明", "上一轮名单"


@dataclass(frozen=True)
class Asked:
    """A form as it was filled in."""

    campaign: str
    as_of: date | None = None
    given: dict[str, str] = field(default_factory=dict)


@door.looks("/lists/try", access=CITY)
def try_page(request: Request, user: SignedIn, campaign: str = "", as_of: str = "") -> Response:
    """The form, for a campaign and a day where they are given."""
    return _page(request, user, Asked(campaign[:40], _day(as_of[:10])))


@door.acts("/lists/try", access=CITY, rate=limits.TRIES)
def try_it(request: Request, user: SignedIn, form: Posted) -> Response:
    """The trial. It changes nothing; who asked for which is on record before it is shown."""
    asked = _asked(form)
    campaign = _campaigns().get(asked.campaign)
    if campaign is None:
        return _page(request, user, asked, fault="请选择活动。")
    if asked.as_of is None:
        return _page(request, user, asked, fault="请选择数据日期。")
    try:
        settings = read_settings(campaign, asked.given)
        with limits.in_turn(user.name):
            tried = dry_run(state.office(), campaign, asked.as_of, settings, seconds=SECONDS)
    except DeclarationError:
        return _page(request, user, asked, fault=UNREADABLE)
    except UsageError as error:
        return _page(request, user, asked, fault=f"{error}。")
    with scoped(state.console(), user.scope) as conn:
        details = {"try": True, "as_of": asked.as_of.isoformat(), "settings": settings}
        record.written(conn, user, "view", f"campaign:{campaign.code}", details=details)
    return _page(request, user, asked, tried=tried)


def _asked(form: FormData) -> Asked:
    names = [name.removeprefix(SET) for name in form if name.startswith(SET)]
    given = {name: value for name in names if (value := text(form, f"{SET}{name}", most=20))}
    return Asked(text(form, "campaign", most=40), _day(text(form, "as_of")), given)


def _page(request: Request, user: User, asked: Asked, *, tried: Tried | None = None, fault: str = "") -> Response:
    campaigns = _campaigns()
    campaign = campaigns.get(asked.campaign)
    if asked.campaign and campaign is None and request.method == "GET":
        raise HTTPException(404, "没有这项活动，或者它的声明文件有误。请从“名单”或“年度活动日历”打开试算。")
    ahead = None
    if campaign is not None:
        with state.pipeline().connect() as conn:
            ahead = outlook(conn, campaign, today_in_office(state.settings()), asked.as_of)
    return show(
        request, "try.html", 422 if fault else 200, campaigns=campaigns, campaign=campaign, ahead=ahead, asked=asked,
        fault=fault, OFFERED=OFFERED, SET=SET, say_cycle=say_cycle, STATES=LIST_STATES, starts="city_officer" in user.kinds,
        declared=declared_words(campaign) if campaign is not None else {}, **_result(tried, asked),
    )  # fmt: skip


def _result(tried: Tried | None, asked: Asked) -> dict[str, Any]:
    if tried is None:
        return {"tried": None}
    found = groups(tried, load_pool_rules(INCLUDE))
    sides = {name: other for name, other in ((NOW, tried.declared), (LAST, tried.last)) if other is not None}
    return {
        "tried": tried, "groups": found, "sides": sides, "changes": told(asked.given), "DIMENSIONS": DIMENSIONS,
        "charts": {name: _charts(found, name) for name in sides}, "ages_chart": _ages_chart(tried), "TRY": TRY,
        "REASONS": list_reasons(), "NOW": NOW, "LAST": LAST,
        "counties": county_names(), "partners": partner_names(state.settings()),
    }  # fmt: skip


def _charts(found: dict[str, list[Group]], name: str) -> dict[str, Markup]:
    """Dimension -> chart of the selected of its groups, before and after."""
    drawn = {}
    for dimension, label in DIMENSIONS.items():
        rows = [(one.name, (one.declared if name == NOW else one.last) or 0, one.selected) for one in found[dimension]]
        there = [row for row in rows if row[1] or row[2]]
        most = sorted(there, key=lambda row: -abs(row[1] - row[2]))[:LONGEST]
        shown = [row for row in there if row in most]
        if shown:
            drawn[dimension] = change_chart(shown, names=(name, TRY), label=f"{label}：{name}与{TRY}入选人数")
    return drawn


def _ages_chart(tried: Tried) -> Markup | None:
    """People inside and outside the age band on its day, and at the hand-out; None where nobody passes a border."""
    ages = tried.ages
    if ages is None or not (ages["grow_out"] or ages["come_in"]):
        return None
    left_out = {reason: people for step in tried.funnel for reason, people in step["left_out"].items()}
    outside = sum(left_out.get(reason, 0) for reason in ("age_outside", "under_sixteen"))
    rows = [
        ("符合条件", tried.eligible, tried.eligible - ages["grow_out"]),
        ("因年龄未列入", outside, outside - ages["come_in"]),
    ]
    return change_chart(rows, names=(f"{ages['from']}", f"发放日 {ages['hand_out']}"), label="发放前跨过年龄界限的人")


def _campaigns() -> dict[str, Campaign]:
    return {one.code: one for one in readable_campaigns(state.settings().campaign_dirs)[0]}


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
