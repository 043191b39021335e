"""Render the frame of all pages: navigation by role, the user's scope in sight, templates that escape their input."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from talentpool.area import counties, level, shipped
from talentpool.office_day import clock
from talentpool.services.quality.render import TEMPLATES
from talentpool.services.rights.words import why
from talentpool_airflow.console import state
from talentpool_airflow.console.access import CITY, JUDGES, OFFICERS, SIGNED_IN
from talentpool_airflow.console.forms import FIELD, token_of
from talentpool_airflow.console.subjects import told
from talentpool_airflow.console.user import User

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """A page in the navigation. `route`: its name in Airflow's own bar. `folded`: stands under 更多, where there are many."""

    path: str
    name: str
    route: str
    access: tuple[str, ...]
    folded: bool = False


MOST_IN_A_LINE = 9
"""Pages side by side before some are folded: what a desk's screen shows in one line."""
ENTRIES = (
    Entry("/to_do", "待办", "to_do", (*OFFICERS, "auditor")),
    Entry("/lists", "名单", "lists", OFFICERS),
    Entry("/pool", "人才库", "pool", (SIGNED_IN,)),
    Entry("/people", "查人", "people", OFFICERS),
    Entry("/review", "复核", "review", OFFICERS),
    Entry("/calendar", "年度活动日历", "calendar", OFFICERS, folded=True),
    Entry("/upload", "上传", "upload", ("city_officer", "county_officer")),
    Entry("/columns", "列名待确认", "columns", ("city_officer",), folded=True),
    Entry("/quarantine", "待更正", "quarantine", OFFICERS),
    Entry("/consents", "授权待核实", "consents", JUDGES, folded=True),
    Entry("/requests", "撤回与查阅", "requests", OFFICERS, folded=True),
    Entry("/audit", "审计", "audit", ("auditor",)),
    Entry("/retention", "保存期限", "retention", (*CITY, "auditor"), folded=True),
    Entry("/quality", "数据质量", "quality", (*CITY, "auditor", "operator", "Admin")),
    Entry("/scores", "质量评分", "scores", (*OFFICERS, "auditor", "operator", "Admin"), folded=True),
    Entry("/deliveries", "交付日历", "deliveries", (*OFFICERS, "auditor", "operator", "Admin"), folded=True),
    Entry("/alerts", "告警", "alerts", ("city_officer", "city_approver", "auditor", "operator", "Admin")),
    Entry("/factor", "动态口令", "factor", (*OFFICERS, "auditor", "operator", "Admin"), folded=True),
)


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of `template` for the user of the request; without one (an error before the login) only its text."""
    return HTMLResponse(_templates().get_template(template).render(_around(request) | values), status)


def around(request: Request) -> tuple[str, str]:
    """(link of its style, bar) for a page that is drawn elsewhere."""
    known = _around(request)
    link = f'<link rel="stylesheet" href="{known["base"]}/static/bar.css">'
    return link, _templates().get_template("_bar.html").render(known)


def _around(request: Request) -> dict[str, Any]:
    user: User | None = getattr(request.state, "console_user", None)
    base = request.scope.get("root_path", "")
    here = request.url.path.removeprefix(base)
    opened = opened_to(user) if user else []
    return {
        "base": base,
        "user": user,
        "entries": opened,
        "folded": [entry for entry in opened if entry.folded] if len(opened) > MOST_IN_A_LINE else [],
        "here": f"/{here.split('/')[1]}" if here.startswith("/") else "",
        "area_name": area_name(),
        "scope_name": scope_name(user) if user else "",
        "token_field": FIELD,
        "token": token_of(user) if user else "",
    }


def opened_to(user: User) -> list[Entry]:
    """What the navigation shows this user."""
    return [entry for entry in ENTRIES if _open_to(entry, user)]


def _open_to(entry: Entry, user: User) -> bool:
    """Whether the navigation shows it: a page that stays empty is no place to go, unless there is no other."""
    if entry.path == "/pool" and user.kinds and not user.sees_people:
        return False
    return SIGNED_IN in entry.access or (not user.clashing and bool(user.kinds & set(entry.access)))


def area_name() -> str:
    """What officers call the deployment's area."""
    area = state.settings().area
    if level(area) == "province":
        return "山西省"
    inside = [county for county in shipped(state.settings().reference) if county.current]
    if level(area) == "county":
        return next((county.name for county in inside if county.code == area), area)
    return next((county.prefecture for county in inside if county.code[:4] == area[:4]), area)


def scope_name(user: User) -> str:
    """Whose people the user sees, in words that stand on every page."""
    if user.scope.city:
        return f"{area_name()}全域"
    names = county_names()
    return "、".join(names.get(code, code) for code in user.scope.counties or ()) or "不含人员数据"


def county_names() -> dict[str, str]:
    """Code -> name of the area's counties, as shipped: the frame stands when the database does not."""
    settings = state.settings()
    return counties(settings.reference, settings.area)


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([HERE / "templates", TEMPLATES]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"number": _number, "day": _day, "clock": clock, "why": _why, "subject": told}
    return made


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _day(value: date) -> str:
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def _why(reason: str) -> str:
    """A reason as it stands in the log, its code in words."""
    return why(reason) or "—"
