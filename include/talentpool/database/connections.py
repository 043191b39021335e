"""Connect to the embedded PostgreSQL or the one named by TALENTPOOL_DATABASE_URL, each login by its own URL."""

from __future__ import annotations

import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError, ProgrammingError

from talentpool.database.embedded import embedded_url
from talentpool.database.roles import BACKUP, TASKS, let_logins_in
from talentpool.database.schema import NOT_READY, check_schema, migrate
from talentpool.errors import UnavailableError
from talentpool.settings import Settings

NOTICED_IN_A_MINUTE = (
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    " -c client_connection_check_interval=10s"
)
"""Of the server: it looks whether we are still there, also while it works or waits for us; its own patience is hours."""


def database_url(settings: Settings) -> str:
    """The URL of the tasks' login; starts the embedded server when none is set."""
    return settings.database_url or _embedded_login(settings, TASKS)


def owner_url(settings: Settings) -> str:
    """The URL of the login that owns the schema."""
    return settings.owner_database_url or settings.database_url or embedded_url(settings.home)


def backup_url(settings: Settings) -> str:
    """The URL of the login that backups are read with; UnavailableError where a deployment names none."""
    if settings.backup_database_url:
        return settings.backup_database_url
    if not settings.embedded:
        raise UnavailableError(
            f"backups have no database login of their own; set TALENTPOOL_BACKUP_DATABASE_URL to one that logs in as "
            f"{BACKUP}, and run `talentpool init` once: it gives the role the password in it"
        )
    return _embedded_login(settings, BACKUP)


def _embedded_login(settings: Settings, login: str) -> str:
    """A login of the embedded server, which is local and trusts its owner's processes."""
    url = sa.make_url(settings.database_url or embedded_url(settings.home))
    return url.set(username=login, password=None).render_as_string(hide_password=False)


def connect(settings: Settings) -> sa.Engine:
    """An engine as the tasks' login. UnavailableError when the server cannot be reached, or its schema is not ours."""
    return _found(database_url(settings), "TALENTPOOL_DATABASE_URL")


def connect_owner(settings: Settings) -> sa.Engine:
    """The same as the schema's owner, for what only the owner may do beside migrating: logins."""
    return _found(owner_url(settings), "TALENTPOOL_OWNER_DATABASE_URL")


def connect_backup(settings: Settings) -> sa.Engine:
    """The same as the login that reads everything and changes nothing."""
    return _found(backup_url(settings), "TALENTPOOL_BACKUP_DATABASE_URL")


def initialise(settings: Settings) -> sa.Engine:
    """Make or migrate the schema as its owner, with the logins and what they may; an engine as the owner.

    UnavailableError when the server cannot be reached, or the login is not the owner.
    """
    engine = engine_of(owner_url(settings))
    try:
        migrate(engine)
        with engine.begin() as conn:
            let_logins_in(conn, settings)
    except OperationalError as error:
        raise _out_of_reach("TALENTPOOL_OWNER_DATABASE_URL", error) from error
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise UnavailableError(
            f"login {engine.url.username} does not own the database {engine.url.database}; name the owner's URL in "
            "TALENTPOOL_OWNER_DATABASE_URL for `talentpool init`"
        ) from error
    return engine


def _found(url: str, variable: str) -> sa.Engine:
    engine = engine_of(url)
    try:
        check_schema(engine)
    except OperationalError as error:
        engine.dispose()
        if "does not exist" in str(error.orig):  # the login or the database: before the first init
            raise UnavailableError(NOT_READY) from None
        raise _out_of_reach(variable, error) from error
    except UnavailableError:
        engine.dispose()
        raise
    return engine


def _out_of_reach(variable: str, error: OperationalError) -> UnavailableError:
    return UnavailableError(
        f"the database cannot be reached; check {variable} and that the server runs ({type(error.orig).__name__})"
    )


def engine_of(url: str) -> sa.Engine:
    """An engine on a database as it is."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise UnavailableError(f"the database must be PostgreSQL, not {parsed.get_backend_name()}")
    parsed = parsed.update_query_dict({"options": f"{parsed.query.get('options', '')} {NOTICED_IN_A_MINUTE}".strip()})
    # hide_parameters: a failed statement must not carry a person's values into a log
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
