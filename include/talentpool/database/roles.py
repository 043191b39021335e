"""Make the database server's roles, shared by all its databases: for work, for reading, for the pages' login.

The owner has the schema and may make roles; only `talentpool init`, a restore and the command for officers log in as it.
`talentpool_pipeline`: every row, by policy; owns nothing; `talentpool_tasks`, the tasks' login, is a member.
`talentpool_reader`: reads what row-level security leaves it; `talentpool_console`, the pages' login, is a member, as are
officers'. `talentpool_backup` reads every row and changes none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from talentpool.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from talentpool.settings import Settings

PIPELINE, READER, CONSOLE = "talentpool_pipeline", "talentpool_reader", "talentpool_console"
TASKS, BACKUP = "talentpool_tasks", "talentpool_backup"
LOGINS = {"database_url": TASKS, "console_database_url": CONSOLE, "backup_database_url": BACKUP}
"""Setting that names a URL -> the login in it."""
_RIGHTS = Path(__file__).with_name("grant_rights.sql")
BY_HAND = (
    f"create role {PIPELINE} nologin; create role {READER} nologin; create role {CONSOLE} login in role {READER}; "
    f"create role {TASKS} login in role {PIPELINE}; create role {BACKUP} login; "
    f"grant {PIPELINE}, {READER}, {CONSOLE}, {TASKS}, {BACKUP} to {{login}} with admin option"
)
# Who makes a role is a member of it without inheriting (PostgreSQL 16): 'usage' asks for what a policy asks for.
# Roles are the server's: databases that are migrated at the same moment may find one half made by the other.
_CREATE = """
do $$
declare role_name text;
begin
    foreach role_name in array array['talentpool_pipeline', 'talentpool_reader', 'talentpool_console', 'talentpool_tasks',
                                    'talentpool_backup'] loop
        begin
            if to_regrole(role_name) is null then
                execute format('create role %I %s', role_name,
                               case when role_name in ('talentpool_pipeline', 'talentpool_reader') then 'nologin'
                                    else 'login' end);
            end if;
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    begin
        if not pg_has_role('talentpool_console', 'talentpool_reader', 'usage') then
            grant talentpool_reader to talentpool_console;
        end if;
        if not pg_has_role('talentpool_tasks', 'talentpool_pipeline', 'usage') then
            grant talentpool_pipeline to talentpool_tasks;
        end if;
        if not pg_has_role(current_user, 'talentpool_pipeline', 'usage') then
            execute format('grant talentpool_pipeline to %I', current_user);
        end if;
    exception when unique_violation or internal_error then null;
    end;
end $$
"""


def let_in(conn: sa.Connection, login: str, url: str, variable: str) -> None:
    """Give a login of ours the password that stands in its URL: there is one place where it is written down."""
    parsed = sa.make_url(url)
    if parsed.username != login or not parsed.password:
        raise UsageError(f"{variable} must log in as {login}, with a password")
    as_admin(conn, f"alter role {login} password '{scrambled(conn, login, parsed.password)}'")


def let_logins_in(conn: sa.Connection, settings: Settings) -> None:
    """The same for every login whose URL the settings have, but the owner's, who gives it."""
    owner = conn.scalar(sa.text("select session_user"))
    for name, login in LOGINS.items():
        url: str | None = getattr(settings, name)
        if not url or sa.make_url(url).username == owner or (settings.embedded and not sa.make_url(url).password):
            continue
        let_in(conn, login, url, f"TALENTPOOL_{name.upper()}")


def grant_rights(conn: sa.Connection) -> None:
    """What each role may do with every table there is; after each migration and restore."""
    ensure_roles(conn)
    conn.execute(sa.text(_RIGHTS.read_text(encoding="utf-8").replace(":", "\\:")))


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
