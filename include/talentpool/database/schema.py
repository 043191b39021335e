"""Make and migrate the schema, as its owner alone; tell everybody else whether it is the one that this version knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from psycopg.errors import DuplicateTable, UniqueViolation
from sqlalchemy.exc import IntegrityError, ProgrammingError

from talentpool.database.roles import grant_rights
from talentpool.errors import UnavailableError
from talentpool.settings import INCLUDE

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

NOT_READY = "the database has no schema yet; run `talentpool init` once, as the owner (TALENTPOOL_OWNER_DATABASE_URL)"


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


def check_schema(engine: sa.Engine) -> None:
    """UnavailableError where the schema is not the one that this version knows."""
    head = _head()
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
    if found != "?" and found not in {revision.revision for revision in migrations()[1].walk_revisions()}:
        raise UnavailableError(
            f"the database was made by a newer version of talentpool (schema {found}); install that version"
        )
    raise UnavailableError(
        f"the database has an older schema ({found}, this version needs {head}); nothing was done: run "
        "`talentpool init`, as the owner (TALENTPOOL_OWNER_DATABASE_URL)"
    )


@cache
def _head() -> str | None:
    """The newest revision: to find it, the files of all of them are read."""
    return migrations()[1].get_current_head()


def migrations() -> tuple[Config, ScriptDirectory]:
    """Alembic's configuration, and the revisions this version knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(INCLUDE / "migrations"))
    return config, ScriptDirectory.from_config(config)
