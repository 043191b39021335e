"""Look for a person as 查人 does, within the same limits and on record, wherever a page offers it."""

from __future__ import annotations

from typing import get_args

from fastapi import HTTPException
from starlette.datastructures import FormData

from talentpool.guard import scoped
from talentpool.services.desk.find import By, Wanted
from talentpool.services.desk.look_up import look_up
from talentpool_airflow.console import record, state
from talentpool_airflow.console.forms import text
from talentpool_airflow.console.frame import county_names
from talentpool_airflow.console.results import Searched, sealed
from talentpool_airflow.console.user import User

WAYS = {"name": "姓名", "mobile": "手机号码", "document": "证件号码", "staff_no": "工号与单位"}
COUNTED_AS = "search"
"""Every page that searches counts into one limit (console/limits.py)."""


def search_by(user: User, form: FormData) -> str:
    """The sealed results of a form's search. What was searched stands in no address and no log; that somebody searched, by
    what and with how many hits, does. HTTPException 422 where the form does not say how, or names another's county."""
    by = text(form, "by")
    if by not in get_args(By):
        raise HTTPException(422, "请选择查找方式。")
    county, counties = text(form, "county"), tuple(counties_of(user))
    if by == "name" and county and county not in counties:
        raise HTTPException(422, "请选择您管理范围内的区县。")
    places = ((county,) if county else counties) if by == "name" else ()
    wanted = Wanted(by, text(form, "value"), places, text(form, "partner"))  # type: ignore[arg-type]
    with scoped(state.console(), user.scope) as conn:
        looked = look_up(conn, state.keys(), state.settings(), wanted, actor=user.name, area=record.area_of(user))
    return sealed(user, Searched(by, wanted.wide, wanted.most, looked))


def counties_of(user: User) -> dict[str, str]:
    """Code -> name of the counties whose people the user sees."""
    names = county_names()
    return names if user.scope.city else {code: names.get(code, code) for code in user.scope.counties or ()}
