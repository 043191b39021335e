"""Roles of the database server, the same for every database on it: who works, who reads, as whom pages log in.

`talentpool_pipeline`: the tasks' login is a member; every row, by policy. `talentpool_reader`: owns nothing, reads
what row-level security leaves it. `talentpool_console`: the pages' login, a member of the latter, as are officers'.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from talentpool.errors import UnavailableError, UsageError

PIPELINE, READER, CONSOLE = "talentpool_pipeline", "talentpool_reader", "talentpool_console"
BY_HAND = (
    f"create role {PIPELINE} nologin; create role {READER} nologin; create role {CONSOLE} login in role {READER}; "
    f"grant {PIPELINE} to {{login}}; grant {READER}, {CONSOLE} to {{login}} with admin option"
)
# Who makes a role is a member of it without inheriting (PostgreSQL 16): 'usage' asks for what a policy asks for.
# Roles are the server's: databases that are migrated at the same moment may find one half made by the other.
_CREATE = """
do $$
declare role_name text;
begin
    foreach role_name in array array['talentpool_pipeline', 'talentpool_reader', 'talentpool_console'] loop
        begin
            if to_regrole(role_name) is null then
                execute format('create role %I %s', role_name,
                               case role_name when 'talentpool_console' then 'login' else 'nologin' end);
            end if;
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    begin
        if not pg_has_role('talentpool_console', 'talentpool_reader', 'usage') then
            grant talentpool_reader to talentpool_console;
        end if;
        if not pg_has_role(current_user, 'talentpool_pipeline', 'usage') then
            execute format('grant talentpool_pipeline to %I', current_user);
        end if;
    exception when unique_violation or internal_error then null;
    end;
end $$
"""


def let_console_in(conn: sa.Connection, console_url: str) -> None:
    """Give the pages' login the password that stands in its URL: there is one place where it is written down."""
    url = sa.make_url(console_url)
    if url.username != CONSOLE or not url.password:
        raise UsageError(f"TALENTPOOL_CONSOLE_DATABASE_URL must log in as {CONSOLE}, with a password")
    as_admin(conn, f"alter role {CONSOLE} password '{scrambled(conn, CONSOLE, url.password)}'")


def scrambled(conn: sa.Connection, login: str, password: str) -> str:
    """What the server stores, computed here: neither its log nor its statistics see the password."""
    raw: Any = conn.connection.driver_connection
    return str(raw.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode())


def as_admin(conn: sa.Connection, statement: str) -> None:
    """A statement about logins; UnavailableError with what to do where this login may not make any."""
    try:
        with conn.begin_nested():
            conn.execute(sa.text(statement.replace(":", "\\:")))
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        login = conn.scalar(sa.text("select session_user"))
        raise UnavailableError(
            f"login {login} may not make or change logins; give it CREATEROLE, and {READER} and {CONSOLE} with admin "
            "option"
        ) from error


def ensure_roles(conn: sa.Connection) -> None:
    """Make the roles that are missing; UnavailableError with what to do where this login may not."""
    login = conn.scalar(sa.text("select current_user"))
    try:
        with conn.begin_nested():
            conn.execute(sa.text(_CREATE))
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise UnavailableError(
            f"login {login} may not create the database roles the product needs; let a superuser of the server run: "
            + BY_HAND.format(login=login)
        ) from error
