"""Record role changes made through the api-server at once, with the name of who made them.

Whether a page of FAB or its API makes them: each ends as a statement on one of FAB's tables, which is what is listened
to. Before the first one what came through other doors is put on record as theirs; after the commit the change is, as the
asker's. A change is refused while the log is out of reach.
"""

from __future__ import annotations

import logging
import re
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from talentpool.errors import TalentpoolError
from talentpool.guard.role_changes import UNKNOWN, note
from talentpool_airflow.held import held

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Asker:
    """Who a request is from; `name` is empty where nobody is known."""

    name: str


asking: ContextVar[Asker | None] = ContextVar("asking", default=None)
"""Of the request in hand; None outside of requests: what Airflow does by itself at its start is left to the night."""
DOOR = "api-server"
_CHANGES = re.compile(
    r"\s*(?:(?:insert\s+into|update|delete\s+from)\s+(?:\"?\w+\"?\.)?\"?"
    r"ab_(?:user_role|user_group|group_role|group|permission_view_role|role|user)\b"
    r"|(?:update|delete\s+from)\s+(?:\"?\w+\"?\.)?\"?ab_(?:permission_view|permission|view_menu)\b)",
    re.IGNORECASE,
)
_OF_A_USER = re.compile(r"\s*update\s+(?:\"?\w+\"?\.)?\"?ab_user\b", re.IGNORECASE)
_RIGHTS = re.compile(r"\b(?:active|username)\"?\s*=", re.IGNORECASE)
_open = threading.local()


def changes_roles(statement: str) -> bool:
    """Whether a statement can change who may do what; a login, which counts itself in ab_user, cannot."""
    if _OF_A_USER.match(statement):
        return bool(_RIGHTS.search(statement))
    return bool(_CHANGES.match(statement))


def install() -> None:
    """Once in a process."""
    if not sa.event.contains(sa.Engine, "before_cursor_execute", _before):
        sa.event.listen(sa.Engine, "before_cursor_execute", _before)
        sa.event.listen(Session, "after_commit", _after)
        sa.event.listen(Session, "after_rollback", _forget)


def _before(conn: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
    asker = asking.get()
    if asker is None or getattr(_open, "asker", None) is asker or not changes_roles(statement):
        return
    from talentpool_airflow.console import state

    engine = conn.engine
    note(state.pipeline(), lambda: held(engine))
    _open.asker, _open.engine = asker, engine


def _after(session: Session) -> None:
    asker = asking.get()
    begun: Any = getattr(_open, "asker", None)
    if asker is None or begun is not asker or session.in_nested_transaction():
        return
    engine, _open.asker = _open.engine, None
    from talentpool_airflow.console import state

    try:
        note(state.pipeline(), lambda: held(engine), by=_who(begun), door=DOOR)
    except (TalentpoolError, SQLAlchemyError) as error:  # done already; the nightly comparison finds it
        log.error("a role change could not be written to the audit log (%s)", type(error).__name__)


def _forget(_session: Session) -> None:
    _open.asker = None


def _who(asker: Asker) -> str:
    """The user of FAB's own page, else the one behind the request's token."""
    import flask
    from flask_login import current_user

    if flask.has_request_context() and getattr(current_user, "is_authenticated", False):
        return str(current_user.get_name())
    return asker.name or UNKNOWN
