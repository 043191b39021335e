"""Compare tokens and page sessions of Airflow's users with our table of sessions at every request."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from airflow.providers.fab.auth_manager.models import (
    Role,
    User,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from airflow.utils.session import create_session
from flask import g, has_app_context

from talentpool.guard.sessions import (
    Door,
    Session,
    begin_session,
    bound_to,
    end_sessions,
    held_session,
    user_of_session,
)
from talentpool_airflow.console import state
from talentpool_airflow.sign_in.visit import here

COOKIE_KEY = "talentpool_session"
"""Where a page session keeps the id of ours."""
CLAIM = "sid"
"""Where a token does."""


@dataclass(frozen=True, repr=False)
class Facts:
    """What a user is at this moment, past every cache."""

    name: str
    password_hash: str
    roles: list[str]


def facts_of(user_id: int) -> Facts | None:
    """None for a user who is not there or was put out of service."""
    own = sa.select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    groups = (
        sa.select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == user_id)
    )
    with create_session(scoped=False) as session:
        row = session.execute(
            sa.select(User.username, User.password, User.active).where(User.id == user_id)
        ).one_or_none()
        if row is None or not row.active:
            return None
        roles = session.scalars(sa.select(Role.name).where(Role.id.in_(own.union(groups)))).all()
        return Facts(row.username, row.password or "", sorted(roles))


def find(name: str) -> tuple[int, Facts] | None:
    """The user of that name, in any spelling."""
    with create_session(scoped=False) as session:
        user_id = session.scalar(sa.select(User.id).where(sa.func.lower(User.username) == name.lower()))
    facts = facts_of(user_id) if user_id is not None else None
    return (user_id, facts) if user_id is not None and facts is not None else None


def begin(user_id: int, door: Door) -> str | None:
    """A new session's id; None for a user who may not have one."""
    facts = facts_of(user_id)
    if facts is None:
        return None
    with state.pipeline().begin() as conn:
        return begin_session(conn, state.keys(), user_id, bound_of(facts), door, second=second_factor_shown())


def second_factor_shown() -> bool:
    """Whether who signs in at this moment has shown one; Flask keeps it for the one request in which they do."""
    return bool(has_app_context() and g.get("factor_shown"))


def held(session_id: str, user_id: int) -> tuple[Session, Facts] | None:
    """The session if it holds, and whose it is. A page that asks by itself does not keep an officer's session awake: those
    who work with Airflow's own pages do everything by such requests, so theirs does."""
    facts = facts_of(user_id)
    if facts is None:
        return None
    seen = not (here().background and _ours_only(facts.roles))
    with state.pipeline().begin() as conn:
        found = held_session(conn, state.keys(), session_id, user_id, bound_of(facts), seen=seen)
    return (found, facts) if found else None


def end_all(user_id: int) -> int:
    """Every token and page session of the user."""
    with state.pipeline().begin() as conn:
        return end_sessions(conn, user_id)


def owner(session_id: str) -> int | None:
    """Whose session it is or was."""
    with state.pipeline().connect() as conn:
        return user_of_session(conn, state.keys(), session_id)


def bound_of(facts: Facts) -> UUID:
    """What a sign-in of this user is bound to: another name, password or role ends it."""
    return bound_to(state.keys(), facts.name, facts.password_hash, facts.roles)


def _ours_only(roles: list[str]) -> bool:
    from talentpool_airflow.front_door import first_page

    return first_page(frozenset(roles)) is not None
