"""Serve the board of 名单: every round with its state, numbers, days left and what it waits for; the user's own turn first."""

from __future__ import annotations

from datetime import date

from fastapi import Request, Response

from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.planning.calendar import STEPS
from talentpool.declare import readable_campaigns
from talentpool.declare.occasion import say_cycle
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.desk.board import Drawn, days_of, drawn_lists, rounds_ahead
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.entitled import may_lock, name_word, role_word, theirs_here
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES, WITHOUT_LIST

door = Door()


@door.looks("/lists", access=OFFICERS)
def board_page(request: Request, user: SignedIn) -> Response:
    """Lists of the user's sight, and each campaign's next round; figures only."""
    today = today_in_office(state.settings())
    campaigns, broken = readable_campaigns(state.settings().campaign_dirs)
    with state.pipeline().connect() as conn:
        days = days_of(conn, campaigns, today)
        ahead = rounds_ahead(conn, campaigns, days, today)
    with scoped(state.console(), user.scope) as conn:
        drawn = drawn_lists(conn, days)
        record.written(conn, user, "view", "list:board", details={"lists": len(drawn)})
    turns = {one.stored.list_id: _turn(user, one) for one in drawn if one.open}
    mine = [one for one in drawn if turns.get(one.stored.list_id)]
    groups = [
        ("等您处理", mine),
        ("进行中", [one for one in drawn if one.open and one not in mine]),
        ("已锁定", [one for one in drawn if one.stored.state in FROZEN]),
        ("已取消", [one for one in drawn if not one.open and one.stored.state not in FROZEN]),
    ]
    return show(
        request, "lists.html", groups=[(name, _by_day(found)) for name, found in groups if found], ahead=ahead,
        turns=turns, broken=len(broken), today=today, city=user.scope.city, counties=county_names(),
        STATES=LIST_STATES, WITHOUT=WITHOUT_LIST, NEXT=STEPS, say_cycle=say_cycle, role_word=role_word,
        name_word=name_word, left=_left,
    )  # fmt: skip


def _turn(user: User, one: Drawn) -> str:
    """What of the list waits for the user, in a word."""
    if any(mine.lacks for mine in theirs_here(user, one.stored)):
        return "等您审批"
    return "等您锁定" if may_lock(user, one.stored) else ""


def _by_day(found: list[Drawn]) -> list[Drawn]:
    """The nearest day first, and what has none last."""
    return sorted(found, key=lambda one: (one.day is None, one.day or date.max, -one.stored.list_id))


def _left(day: date, today: date) -> str:
    """How far a day is off, as officers say it."""
    days = (day - today).days
    return "今天" if days == 0 else f"还有 {days} 天" if days > 0 else f"已过 {-days} 天"
