"""Check where a restore goes: a database that is empty or may be replaced, and a folder for its keys."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from talentpool.database import alone_with_schema
from talentpool.deliveries.delivery_state import ON_ITS_WAY, State
from talentpool.errors import KeyMissingError, UnavailableError, UsageError
from talentpool.guard.keys import source_of
from talentpool.guard.sources import KeyFolder, KeySource
from talentpool.model import delivery, metadata
from talentpool.private_files import create
from talentpool.services.backup import clients
from talentpool.services.backup.keyfile import Head
from talentpool.settings import Settings

SEEDED = {
    "division", "occupation", "holiday", "notice", "key_check", "alembic_version", "audit_end", "audit_head", "work_lock",
}  # fmt: skip
"""Tables that a migration or the first commands fill."""
_FRESH = (
    "set local lock_timeout = '10s'",
    "drop schema if exists staging cascade",
    "drop schema if exists public cascade",
    "create schema public",
    "alter schema public owner to pg_database_owner",
    "grant usage on schema public to public",
    "comment on schema public is 'standard public schema'",
)


def is_empty(conn: sa.Connection) -> bool:
    """No tables, or ours as a migration leaves them. Tables that are not ours are somebody's."""
    tables = _tables(conn) - SEEDED
    ours = [metadata.tables[name] for name in tables & set(metadata.tables)]
    return tables <= set(metadata.tables) and not any(conn.scalar(sa.select(sa.exists().select_from(t))) for t in ours)


def has_no_tables(conn: sa.Connection) -> bool:
    return not _tables(conn)


def _tables(conn: sa.Connection) -> set[str]:
    return set(
        conn.scalars(
            sa.text(
                "select relname from pg_class where relkind in ('r', 'p') and not relispartition"
                " and relnamespace in (select oid from pg_namespace where nspname in ('public', 'staging'))"
            )
        )
    )


def clear(
    conn: sa.Connection, *, replace: bool, empty: Callable[[sa.Connection], bool], at_least: int, ours: bool = True
) -> None:
    """Make room inside the caller's transaction; UsageError when there is data and `replace` does not say so.

    `ours`: a database of the pool, in which nobody may migrate meanwhile.
    """
    if clients.server_major(conn) < at_least:
        raise UsageError(
            f"the backup is of PostgreSQL {at_least}, the target is older; restore into {at_least} or newer"
        )
    if ours:
        _alone(conn)
    if not empty(conn) and not replace:
        raise UsageError(
            f"the target database {conn.engine.url.database} holds data and was left as it is; restore into an empty "
            "database, or use --replace to discard its data"
        )
    for statement in _FRESH:
        conn.execute(sa.text(statement))


def _alone(conn: sa.Connection) -> None:
    try:
        alone_with_schema(conn, "1s")
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        raise UnavailableError("another command migrates or restores this database right now; try again") from None


@contextmanager
def keys_beside(settings: Settings, head: Head, *, replace: bool) -> Iterator[Callable[[], None]]:
    """Write the keys beside their place; the block calls what it is given when they may move there.

    Keys that are there already and are the same stay. Others are refused, or with `replace` kept in a folder beside.
    """
    if settings.key_source != "folder":
        _compare_keys(source_of(settings), head)
        yield lambda: None
        return
    folder = settings.keys_dir
    if any(folder.glob("*.key")):
        if _same(folder, head):
            yield lambda: None
            return
        if not replace:
            raise UsageError(
                f"{folder} holds the keys of another deployment, or this deployment's keys from before a rotation, and was left "
                "as it is; point TALENTPOOL_KEYS at an empty folder, or use --replace: the existing keys then move to a "
                "folder beside it"
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".keys-"))  # 0700
    try:
        for name, value in head.keys.items():
            create(fresh / f"{name}.key", value.encode("ascii"), durable=True)
        yield lambda: _move(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _compare_keys(source: KeySource, head: Head) -> None:
    """Keys that are not ours to write must be there already."""
    for key_id, text in head.keys.items():
        if source.read(key_id) != text:
            raise KeyMissingError(
                f"key {key_id!r} of the backup is not the one at {source.where(key_id)}; put it there first: "
                "restore --what keys with TALENTPOOL_KEY_SOURCE=folder writes all keys as files"
            )


def _same(folder: Path, head: Head) -> bool:
    there = KeyFolder(folder)
    return all(there.read(key_id) == text for key_id, text in head.keys.items())


def _move(fresh: Path, folder: Path) -> None:
    if any(folder.glob("*")):
        number = 1
        while (aside := folder.with_name(f"{folder.name}.before-restore-{number}")).exists():
            number += 1
        folder.rename(aside)
    fresh.rename(folder)


def lost_files(conn: sa.Connection) -> int:
    """Unfinished or held deliveries whose landed file is not where it was."""
    from upath import UPath

    waiting = sa.select(delivery.c.landed_url).where(
        delivery.c.state.in_((*ON_ITS_WAY, State.HELD)),
        delivery.c.landed_url.is_not(None),
    )
    return sum(not UPath(url).exists() for url in conn.scalars(waiting))
