"""Add and remove officers' database logins: what they see follows from who they are, not from what they say.

One officer has one role. Who drafts a list does not approve it, who audits does neither, who operates sees nobody.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

import sqlalchemy as sa

from talentpool.database.roles import READER, as_admin, scrambled
from talentpool.errors import UsageError
from talentpool.guard.audit import audit
from talentpool.guard.duties import spelt
from talentpool.guard.scope import scope_of
from talentpool.model import officer

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
ROLES = ("city_officer", "city_approver", "auditor", "operator")
LOGIN_PREFIX = "officer_"
ENDS_WITHIN = 5_000
"""Milliseconds in which a session of a removed login ends."""
CONNECTIONS = 5
"""Of one officer's login at a time: nobody takes the server from the others."""


def known_roles(counties: list[str]) -> list[str]:
    """Every role an officer of this area may have."""
    return [*ROLES, *(f"county_officer_{code}" for code in counties)]


def add_officer(conn: sa.Connection, name: str, role: str, *, counties: list[str], by: str) -> str:
    """Make the login `officer_<name>` and return its password, which is kept nowhere.

    `counties`: codes of the area. UsageError for a name in use, a role that does not exist, or a second role.
    """
    if not NAME.fullmatch(name):
        raise UsageError("an officer's name is 2 to 40 of a-z, 0-9 and _, beginning with a letter")
    if role not in known_roles(counties):
        raise UsageError(f"there is no role {role}; roles: {', '.join(known_roles(counties))}")
    held = conn.execute(sa.select(officer.c.role, officer.c.removed_at).where(officer.c.name == name)).one_or_none()
    if held is not None and held.removed_at is None:
        raise UsageError(f"{name} is {held.role} already; one officer, one role: remove it first, or choose a name")
    if held is not None:
        raise UsageError(f"{name} was an officer before and stays in the log under that name; choose another one")
    login, password = LOGIN_PREFIX + name, secrets.token_urlsafe(18)
    scope = scope_of(name, frozenset({role}), counties)
    seen = None if scope.city else list(scope.counties or ())
    conn.execute(officer.insert(), {"name": name, "login": login, "role": role, "counties": seen, "added_by": by})
    quoted = conn.dialect.identifier_preparer.quote(login)
    secret = scrambled(conn, login, password)
    as_admin(conn, f"create role {quoted} login connection limit {CONNECTIONS} password '{secret}' in role {READER}")
    audit(conn, "role_change", f"officer:{name}", actor=by, scope=",".join(seen or ()), details={"added": role})
    return password


def remove_officer(conn: sa.Connection, name: str, *, by: str) -> None:
    """Drop the login and end its open sessions; the name stays, so that the log keeps its meaning."""
    found = conn.execute(
        sa.select(officer.c.login, officer.c.role).where(officer.c.name == name, officer.c.removed_at.is_(None))
    ).one_or_none()
    if found is None:
        raise UsageError(f"there is no officer {name}; `python -m talentpool_airflow.officers list` shows them")
    conn.execute(officer.update().where(officer.c.name == name).values(removed_at=sa.func.now()))
    _drop_login(conn, found.login)
    audit(conn, "role_change", f"officer:{name}", actor=by, details={"removed": found.role})


def _drop_login(conn: sa.Connection, login: str) -> None:
    """With all that it made (a large object, privileges of its own): else it could make itself irremovable."""
    if not conn.scalar(sa.text("select exists (select from pg_roles where rolname = :login)"), {"login": login}):
        return
    quoted = conn.dialect.identifier_preparer.quote(login)
    as_admin(conn, f"alter role {quoted} nologin")
    as_admin(conn, f"grant {quoted} to current_user with inherit true, set true")
    conn.execute(
        sa.text("select pg_terminate_backend(pid, :wait) from pg_stat_activity where usename = :login"),
        {"wait": ENDS_WITHIN, "login": login},
    )
    as_admin(conn, f"drop owned by {quoted}")
    as_admin(conn, f"drop role {quoted}")


def standing(conn: sa.Connection, name: str) -> tuple[str | None, bool]:
    """(role, in office) of a name, as the table of officers has it; (None, True) for a name it does not know."""
    query = sa.select(officer.c.role, officer.c.removed_at).where(officer.c.name == spelt(name))
    found = conn.execute(query).one_or_none()
    return (None, True) if found is None else (found.role, found.removed_at is None)


def officers(conn: sa.Connection) -> list[dict[str, Any]]:
    """Who is in office, by name."""
    query = sa.select(officer.c.name, officer.c.login, officer.c.role, officer.c.counties, officer.c.added_by)
    rows = conn.execute(query.where(officer.c.removed_at.is_(None)).order_by(officer.c.name))
    return [dict(row) for row in rows.mappings()]
