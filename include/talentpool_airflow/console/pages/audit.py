"""Serve 审计: an auditor searches the log, sees what is unusual, and whether the chain is whole."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import HTTPException, Request, Response

from talentpool.guard import scoped, verify
from talentpool.office_day import today_in_office
from talentpool.services.desk.log import DAYS, MOST, Asked, search_log, unusual
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.subjects import code_of
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import AUDIT_ACTIONS, UNUSUAL

door = Door()
AUDITORS = ("auditor",)


@door.looks("/audit", access=AUDITORS)
def audit_page(request: Request, user: SignedIn) -> Response:
    """The newest rows, and what is unusual."""
    return _page(request, user, Asked())


@door.acts("/audit", access=AUDITORS)
def search(request: Request, user: SignedIn, form: Posted) -> Response:
    """By subject, who, what and when: in the body, so that no address holds whom somebody looked for."""
    asked = Asked(
        code_of(text(form, "subject")),
        text(form, "actor"),
        text(form, "action"),
        _day(form, "since"),
        _day(form, "until"),
    )
    return _page(request, user, asked)


@door.acts("/audit/verify", access=AUDITORS, rate=limits.UPLOADS)
def verify_now(request: Request, user: SignedIn) -> Response:
    """Recompute the whole chain and hold it against the heads that were kept."""
    with scoped(state.console(), user.scope) as conn:
        found = verify(conn, state.keys(), state.settings().audit_heads_file)
    return _page(request, user, Asked(), verified=found)


def _day(form: Any, name: str) -> date | None:
    value = text(form, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise HTTPException(422, "日期的格式是 年-月-日。") from None


def _page(request: Request, user: User, asked: Asked, *, verified: Any = None) -> Response:
    with scoped(state.console(), user.scope) as conn:
        rows = search_log(conn, asked)
        odd = unusual(conn, today_in_office())
    return show(
        request, "audit.html", asked=asked, rows=rows[:MOST], more=len(rows) > MOST, odd=odd, days=DAYS, most=MOST,
        verified=verified, ACTIONS=AUDIT_ACTIONS, UNUSUAL=UNUSUAL,
    )  # fmt: skip
