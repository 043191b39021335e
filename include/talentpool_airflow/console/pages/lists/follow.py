"""Serve 补发: what a follow-up of a list would be, in counts, and the button that drafts it."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.campaigns.following.drafting import Counts, follow_up, preview
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.occasion import say_cycle
from talentpool.declare.rules import list_reasons
from talentpool.errors import ConflictError, DeclarationError, RefusedError, UsageError
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.entitled import approver_of, said, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
DRAWS = ("city_officer",)
SECONDS = 60
NOT_SURE = "请先勾选确认。"
UNREADABLE = "活动声明有误，没有计算。请联系运维人员核对声明。"
SAID_HERE = {"served_already": "已领取，或列在本轮其他名单上"}
MOVED = "人数在您查看之后有变动（又收到回执，或有人停止使用），没有拟定。以下是现在的人数，请重新核对。"


@door.looks("/lists/{list_id}/follow", access=DRAWS, rate=limits.TRIES)
def follow_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """The counts; nothing is kept."""
    stored = visible_list(user, list_id)
    return _page(request, user, stored)


@door.acts("/lists/{list_id}/follow", access=DRAWS, rate=limits.TRIES)
def follow(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The draft, as its counts were looked at."""
    stored, seen = visible_list(user, list_id), text(form, "seen")
    if text(form, "sure") != "yes" or not seen:
        return _page(request, user, stored, fault=NOT_SURE)
    try:
        with limits.in_turn(user.name):
            draft = follow_up(state.office(), _declared(stored), list_id, approver_of(user), seen=seen)
    except DeclarationError:
        return _page(request, user, stored, fault=UNREADABLE)
    except UsageError as error:
        if isinstance(error, RefusedError):
            record.refused(user, f"list:{list_id}", error.code)
        status, fault = said(error)
        return _page(request, user, stored, fault=MOVED if isinstance(error, ConflictError) else fault, status=status)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{draft.list_id}", 303)


def _page(request: Request, user: User, stored: Stored, *, fault: str = "", status: int = 422) -> Response:
    counts, refused = _counted(user, stored)
    with state.pipeline().begin() as conn:
        record.written(conn, user, "view", f"list:{stored.list_id}", details={"follow": True})
    return show(
        request, "follow.html", status if fault else 200, list=stored, passport=stored.passport, counts=counts,
        fault=fault, refused=refused, WORDS=OUTCOME_WORDS, REASONS=list_reasons() | SAID_HERE, counties=county_names(),
        say_cycle=say_cycle,
    )  # fmt: skip


def _counted(user: User, stored: Stored) -> tuple[Counts | None, str]:
    """The counts, or why there are none."""
    try:
        with limits.in_turn(user.name):
            return preview(state.office(), _declared(stored), stored.list_id, seconds=SECONDS), ""
    except DeclarationError:
        return None, UNREADABLE
    except UsageError as error:
        return None, f"{error}。"


def _declared(stored: Stored) -> Campaign:
    return load_campaign(state.settings().campaign_dirs, stored.campaign)
