"""Let somebody approve lists in an officer's place for some days: a deputy, who is named and ends by the calendar."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from talentpool.area import current_counties
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import spelt
from talentpool.guard.officers import standing
from talentpool.guard.scope import OF_COUNTY
from talentpool.model import deputy
from talentpool.office import Office

if TYPE_CHECKING:
    from talentpool.campaigns.life.approver import Approver

CITY = ("city_officer", "city_approver")
LONGEST = 92
"""Days that one naming lasts at most."""


def stands_in_for(conn: sa.Connection, role: str, name: str, roles: Collection[str], today: date) -> str | None:
    """'deputy of <role>' when `name`, who must be an officer who may approve, stands in for that role today; else None."""
    if not any(own in CITY or OF_COUNTY.fullmatch(own) for own in roles):
        return None
    of = deputy.c
    named = sa.exists().where(
        of.role == role, of.name == spelt(name), of.from_day <= today, of.until_day >= today, of.ended_by.is_(None)
    )
    return f"deputy of {role}" if conn.scalar(sa.select(named)) else None


def name_deputy(office: Office, role: str, name: str, days: tuple[date, date], by: Approver, today: date) -> int:
    """`name` approves in the place of `role` on these days; returns the number of the naming.

    Whoever has the role names their deputy; the city's officer names one for a county, not for the city's approver.
    UsageError for a role that approves nothing, days that are over or too many, oneself, or whom the office knows as somebody who
    approves nothing; RefusedError for who may not name one.
    """
    first, last = days
    if role not in CITY and not OF_COUNTY.fullmatch(role):
        raise UsageError(f"代理的职务须是 city_officer、city_approver 或 county_officer_区县代码，不是 {role}")
    if last < max(first, today) or (last - first).days >= LONGEST:
        raise UsageError(f"代理期须从今天或以后开始，不超过 {LONGEST} 天")
    may = role in by.roles or ("city_officer" in by.roles and OF_COUNTY.fullmatch(role) is not None)
    if not may:
        raise RefusedError("role", "代理人由本人指定；区县专员的代理人也可由市级专员指定")
    if spelt(name) == spelt(by.name):
        raise UsageError("不能指定自己为代理人：区县的份额由区县专员或他人代为审批")
    with office.engine.begin() as conn:
        _check_entitled(conn, office, role, name)
        number = conn.execute(
            deputy.insert().returning(deputy.c.deputy_id),
            {"role": role, "name": spelt(name), "from_day": first, "until_day": last, "named_by": by.name},
        ).scalar_one()
        audit(conn, "decision", f"deputy:{number}", actor=by.name,
              details={"role": role, "deputy": spelt(name), "from": first.isoformat(), "until": last.isoformat()})  # fmt: skip
    return int(number)


def _check_entitled(conn: sa.Connection, office: Office, role: str, name: str) -> None:
    """UsageError for a county that is none of the area, or somebody whom the office knows as one who approves nothing."""
    county = OF_COUNTY.fullmatch(role)
    if county is not None and role.rpartition("_")[2] not in current_counties(conn, office.settings.area):
        raise UsageError("没有这个区县；请从本市的区县中选择")
    own, in_office = standing(conn, name)
    if own is not None and (not in_office or (own not in CITY and not OF_COUNTY.fullmatch(own))):
        raise UsageError("代理人须是在任的市级专员、市级审批或区县专员；此人已离任，或职务不符")


def end_deputy(office: Office, number: int, by: Approver) -> None:
    """The naming holds no more. UsageError when there is none, or it has ended; RefusedError as for naming."""
    with office.engine.begin() as conn:
        row = conn.execute(sa.select(deputy).where(deputy.c.deputy_id == number).with_for_update()).one_or_none()
        if row is None or row.ended_by is not None:
            raise UsageError(f"没有第 {number} 号代理，或已经收回")
        if row.role not in by.roles and "city_officer" not in by.roles:
            raise RefusedError("role", "代理由本人或市级专员收回")
        conn.execute(deputy.update().where(deputy.c.deputy_id == number).values(ended_by=by.name))
        audit(conn, "decision", f"deputy:{number}", actor=by.name, details={"ended": row.role})


def deputies(conn: sa.Connection, today: date) -> list[dict[str, Any]]:
    """Who stands in for whom today or later."""
    of = deputy.c
    query = sa.select(deputy).where(of.until_day >= today, of.ended_by.is_(None)).order_by(of.from_day, of.deputy_id)
    return [dict(row) for row in conn.execute(query).mappings()]
