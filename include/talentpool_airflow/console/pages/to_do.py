"""Serve 待办: what waits for the officer who looks, each with a link to it. The first page after signing in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from fastapi import Request, Response

from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.alarm.expected import Standing, calendars
from talentpool.services.alarm.standing import waiting_alerts
from talentpool.services.desk.log import unusual
from talentpool.services.desk.to_do import of_the_office, open_requests, suspended
from talentpool.services.mending import waiting
from talentpool.services.rights import doubtful_rows
from talentpool_airflow.console import state
from talentpool_airflow.console.access import CITY, OFFICERS, Door
from talentpool_airflow.console.entitled import waiting_for
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
LATELY = timedelta(days=62)
"""The newest roster that is due lies within it, of a cadence of every month."""
BY_HAND = "由另一人在命令行审批，请联系运维人员"


@dataclass(frozen=True)
class Task:
    """`path`: where it is done; `late`: it should have been done before today."""

    name: str
    count: int
    words: str
    path: str
    late: bool = False


@door.looks("/to_do", access=(*OFFICERS, "auditor"))
def to_do_page(request: Request, user: SignedIn) -> Response:
    """What is held, due, late, or waits for a word or an approval. A county's officer reads of that county only."""
    tasks = [task for task in _tasks(user) if task.count]
    return show(request, "to_do.html", tasks=sorted(tasks, key=lambda task: not task.late), today=today_in_office())


def _tasks(user: User) -> list[Task]:
    tasks: list[Task] = []
    if user.kinds & set(CITY):
        tasks += _of_the_city(user)
    if user.kinds & set(OFFICERS):
        tasks += [*_of_lists(user), *_of_people(user)]
    if "auditor" in user.kinds:
        with scoped(state.console(), user.scope) as conn:
            odd = len(unusual(conn, today_in_office()))
        tasks.append(Task("异常访问", odd, "近期有值得核对的访问", "/audit"))
    return tasks


def _of_the_city(user: User) -> list[Task]:
    with state.pipeline().connect() as conn:
        found = of_the_office(conn)
        late = _late_rosters(conn)
        alerts = waiting_alerts(conn, datetime.now(UTC))
    officer = "city_officer" in user.kinds
    tasks = [
        Task("搁置的名册", found.held, "整份没有入库，等您决定" if officer else "由市级专员决定", "/quality"),
        Task("名册迟到", len(late), f"{'、'.join(late)}到期未收到", "/deliveries", late=True),
        Task("导出待审批", found.exports, BY_HAND, "/quality"),
        Task("作废待第二人确认", found.voids, BY_HAND, "/quality"),
    ]
    if officer:
        tasks.append(Task("告警", alerts, "没有人确认，点开看发给了谁、怎么处理", "/alerts"))
        tasks.append(Task("列名待确认", found.columns, "名册里有列名需要您确认，确认前整份不入库", "/columns"))
    return tasks


def _of_lists(user: User) -> list[Task]:
    """Lists that wait for this user's approval, or for the lock."""
    waiting = waiting_for(user)
    named = "、".join(dict.fromkeys(one.passport.get("name", one.campaign) for one in waiting))
    path = f"/lists/{waiting[0].list_id}" if len(waiting) == 1 else "/lists"
    return [Task("名单", len(waiting), f"等您审批或锁定：{named}", path)]


def _of_people(user: User) -> list[Task]:
    from talentpool.match import review_pending

    with scoped(state.console(), user.scope) as conn:
        pairs = review_pending(conn)
    with state.pipeline().connect() as conn:
        asked = open_requests(conn, user.scope.counties, today_in_office())
    due = f"其中 {asked.late} 件已过期限" if asked.late else "都在期限内"
    if user.kinds & {"city_officer", "county_officer"}:
        requests = Task("撤回与查阅", asked.open, due, "/requests", late=asked.late > 0)
    else:
        requests = Task("撤回与查阅", asked.confirmable, f"等待第二人确认，{due}", "/requests", late=asked.late > 0)
    tasks = [requests, Task("复核", pairs, "对记录可能是同一个人，等人判定", "/review")]
    if user.kinds & {"city_officer", "county_officer"}:
        with state.pipeline().connect() as conn:
            waits = suspended(conn, user.scope.counties)
            rows = len(doubtful_rows(conn, state.keys())) if user.scope.city else 0
            aside = sum(one.returned_by is None for one in waiting(conn, today_in_office(), user.scope.counties))
        tasks += [
            Task("待更正", aside, "行名册被隔离、没有入库，等您更正、收下或退回", "/quarantine"),
            Task("授权待核实", waits, "人授权已失效，已中止使用", "/consents"),
            Task("疑似已撤回", rows, "行名册可能是已撤回的人", "/consents"),
        ]
    return tasks


def _late_rosters(conn: sa.Connection) -> list[str]:
    """Names of the partners of whom a roster is late or missing, by its newest one that is due."""
    today = today_in_office(state.settings())
    found = calendars(conn, state.office(), today - LATELY, today, today)
    return [
        each.name for each in found if each.rosters and each.rosters[-1].standing in (Standing.LATE, Standing.MISSING)
    ]
