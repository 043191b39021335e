"""Tell what of lists waits for the signed-in user, and say in Chinese why an act on one was not done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import HTTPException

from talentpool.acquire import partner_names
from talentpool.campaigns import OFFICE, Approver
from talentpool.campaigns.collecting.senders import PARTNER
from talentpool.campaigns.life.approving import ROLE_WORDS, theirs
from talentpool.campaigns.life.states import OPEN
from talentpool.campaigns.life.steps import Step, steps
from talentpool.campaigns.lists import Stored, find
from talentpool.campaigns.release.plans import STATION
from talentpool.errors import ConflictError, RefusedError, TalentpoolError, UsageError, WaitingError
from talentpool.guard import scoped
from talentpool.model import target_list
from talentpool.office_day import today_in_office
from talentpool_airflow.console import record, state
from talentpool_airflow.console.frame import county_names
from talentpool_airflow.console.user import User

NOT_THERE = "没有这份名单，或者不在您的管理范围内。草稿重新拟定后编号会变，请从“名单”页打开。"
CHANGED = "没有执行：名单的情况已变化（已由他人审批、锁定、取消，或重新拟定）。以下是现在的情况，请重新核对。"
REFUSED = {
    "same_person": "没有执行：拟定、区县审批、市级审批须由不同的人进行，您已经办理过其中一个环节。请由另一位同事办理。",
    "role": "没有执行：按登记的职务，这一步不由您办理。",
    "scope": "没有执行：这个区县的部分不在您的管理范围内。",
}
STATUS = ((ConflictError, 409), (WaitingError, 409), (RefusedError, 403))
COMMANDS = re.compile(r"[（(][^（）()]*(?:talentpool|--)[^（）()]*[）)]")
PURPOSE = re.compile(r"用途“[a-z_0-9]+”")


@dataclass(frozen=True)
class Theirs:
    """A step that the user may decide. `role`: what entitles."""

    step: Step
    role: str

    @property
    def lacks(self) -> bool:
        return self.step.approved_by is None


def approver_of(user: User) -> Approver:
    """The signed-in user as who decides."""
    return Approver(user.name, user.scope.roles)


def theirs_here(user: User, stored: Stored) -> list[Theirs]:
    """The steps that the user may decide on a page: of people whom the user sees. A deputy of somebody who sees more is not
    one here."""
    with state.pipeline().connect() as conn:
        found = theirs(conn, stored, approver_of(user), today_in_office(state.settings()))
    return [Theirs(step, role) for step, role in found if _sees(user, step)]


def _sees(user: User, step: Step) -> bool:
    return user.scope.city or step.county in (user.scope.counties or ())


def may_lock(user: User, stored: Stored) -> bool:
    """Whether nobody's approval is missing, somebody is on the list, and the user is who locks."""
    if "city_officer" not in user.kinds or stored.state not in OPEN or not stored.selected:
        return False
    with state.pipeline().connect() as conn:
        return all(step.approved_by not in (None, user.name) for step in steps(conn, stored.list_id))


def waiting_for(user: User) -> list[Stored]:
    """Open lists that wait for the user: for an approval of theirs, or to be locked."""
    of = target_list.c
    columns = [of[name] for name in Stored.__dataclass_fields__]
    with scoped(state.console(), user.scope) as conn:
        found = [Stored(*row) for row in conn.execute(sa.select(*columns).where(of.state.in_(OPEN)))]
    return [one for one in found if any(mine.lacks for mine in theirs_here(user, one)) or may_lock(user, one)]


def visible_list(user: User, list_id: int) -> Stored:
    """The list, where the user's own connection sees somebody on it; else 404, as if there were none, and on record."""
    try:
        if not 0 < list_id < 2**53:
            raise UsageError("no list has that number")
        with scoped(state.console(), user.scope) as conn:
            return find(conn, list_id)
    except UsageError:
        record.refused(user, f"list:{list_id}", "scope")
        raise HTTPException(404, NOT_THERE) from None


def said(error: TalentpoolError) -> tuple[int, str]:
    """(status, why nothing was done): what speaks of the command line is left out, which stands in brackets."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 422)
    if isinstance(error, RefusedError):
        return status, REFUSED.get(error.code, REFUSED["role"])
    if isinstance(error, ConflictError):
        return status, CHANGED
    if isinstance(error, WaitingError):
        return status, "没有锁定：还有审批或疑似同一人的判定没有完成。以下是现在的情况。"
    return status, f"没有执行：{COMMANDS.sub('', PURPOSE.sub('这一用途', str(error)))}"


def role_word(role: str) -> str:
    """A role as an officer reads it: the county's name and 专员; a deputy is called one."""
    own = role.removeprefix("deputy of ")
    kind, _, code = own.partition("county_officer_")
    told = f"{county_names().get(code, code)}专员" if code else ROLE_WORDS.get(kind, kind)
    return told if own == role else f"{told}（代理）"


def name_word(name: str, partners: Mapping[str, str] | None = None) -> str:
    """Who acted, as an officer reads it: nobody, where a plan did; a station's head and a partner by their names.

    `partners`: code -> name, where the page has them already.
    """
    kind, _, own = name.partition(":")
    if kind == STATION and own.count(":") >= 2:
        partner, _, place = own.split(":", 2)
        return f"{_partner_word(partner, partners)} {place}（站长）"
    if kind == PARTNER:
        return _partner_word(own, partners)
    return "系统（按计划）" if name == OFFICE else name.removeprefix("login:")


def _partner_word(code: str, partners: Mapping[str, str] | None) -> str:
    return (partner_names(state.settings(), [code]) if partners is None else partners).get(code, code)
