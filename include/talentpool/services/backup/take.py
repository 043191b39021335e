"""Take a backup of one snapshot: databases into a new folder, keys in place of the last keys backup."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.guard import KeyRing
from talentpool.load import DIGEST_VERSION, digest_of
from talentpool.office import Office
from talentpool.services.backup import clients, keyfile, stream
from talentpool.services.backup.manifest import (
    AIRFLOW_DUMP,
    DATABASE_FOLDER,
    DUMP,
    FORMAT,
    KEYS_FOLDER,
    Manifest,
    fingerprints,
    published,
    write,
)
from talentpool.settings import Settings

if TYPE_CHECKING:
    from pyrage.x25519 import Recipient

What = Literal["all", "database", "keys"]
# Staged deliveries are staged again from their landed files; salts go with the keys; a file under trial is forgotten in
# a day; match keys are made anew from the records.
LEFT_OUT = (
    "--exclude-table=staging.*",
    "--exclude-table-data=public.record_salt",
    "--exclude-table-data=public.upload",
    "--exclude-table-data=public.match_key",
)
ALL_ROWS = "--enable-row-security"
"""Else pg_dump refuses what a policy lets its login read: all of it, by policy `pipeline`."""


@dataclass(frozen=True)
class Taken:
    """What was written: the folder of the database backup, the file of the keys backup, and what they hold."""

    database: Path | None
    keys: Path | None
    digest: str | None
    records: int
    salts: int


def backup(
    office: Office,
    out: Path,
    *,
    what: What,
    recipients: Sequence[Recipient],
    airflow_url: str | None = None,
) -> Taken:
    """Back up into `out`. `airflow_url`: Airflow's own database, dumped beside ours."""
    manifest, head, folder = None, None, None
    try:
        with _alone(out), office.engine.connect() as conn:
            conn.execute(sa.text("set transaction isolation level repeatable read read only"))
            made = conn.scalar(sa.text("select to_char(now() at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISS.MS\"Z\"')"))
            if what != "keys":
                folder = out / f"{DATABASE_FOLDER}{made}"
                manifest = _take_databases(
                    conn, office.keys, office.settings, folder, recipients, str(made), airflow_url
                )
            if what != "database":
                head = keyfile.write(conn, office.keys, out / KEYS_FOLDER, recipients, str(made))
    except OSError as error:
        raise UnavailableError(
            f"the backup cannot be written to {out} ({type(error).__name__}: {os.strerror(error.errno or 0)})"
        ) from error
    return Taken(
        database=folder,
        keys=out / KEYS_FOLDER / "keys.age" if head else None,
        digest=manifest.digest if manifest else None,
        records=manifest.rows["source_record"] if manifest else 0,
        salts=head.rows["record_salt"] if head else 0,
    )


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """One backup at a time writes into `out`; what a killed one left unfinished is removed."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError(
                f"another backup is writing into {out}; wait for it, or name another --out"
            ) from None
        for left_over in out.glob(f".{DATABASE_FOLDER}*"):
            shutil.rmtree(left_over)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_databases(
    conn: sa.Connection,
    keys: KeyRing,
    settings: Settings,
    folder: Path,
    recipients: Sequence[Recipient],
    made_at: str,
    airflow_url: str | None,
) -> Manifest:
    unfinished = folder.with_name(f".{folder.name}")
    unfinished.mkdir(mode=0o700)
    try:
        server = clients.server_major(conn)
        tool = clients.client("pg_dump", server)
        snapshot = conn.scalar(sa.text("select pg_export_snapshot()"))
        _dump(tool, conn.engine.url, unfinished / DUMP, recipients, [f"--snapshot={snapshot}", ALL_ROWS, *LEFT_OUT])
        airflow_major = _dump_airflow(airflow_url, unfinished / AIRFLOW_DUMP, recipients) if airflow_url else None
        manifest = Manifest(
            format=FORMAT,
            made_at=made_at,
            area=settings.area,
            revision=str(conn.scalar(sa.text("select version_num from alembic_version"))),
            digest=digest_of(conn),
            digest_version=DIGEST_VERSION,
            server=server,
            dumped_by=tool.major,
            rows=count_rows(conn),
            deliveries=published(conn),
            fingerprints=fingerprints(conn),
            files={path.name: stream.sha256(path) for path in sorted(unfinished.glob("*.age"))},
            airflow_dumped_by=airflow_major,
        )
        write(manifest, keys, unfinished)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def _dump_airflow(url: str, path: Path, recipients: Sequence[Recipient]) -> int:
    engine = engine_of(url)
    try:
        with engine.connect() as conn:
            tool = clients.client("pg_dump", clients.server_major(conn))
    except OperationalError as error:
        raise UnavailableError(
            f"Airflow's database cannot be reached ({type(error.orig).__name__}); no backup was made"
        ) from error
    finally:
        engine.dispose()
    _dump(tool, engine.url, path, recipients, [])
    return tool.major


def _dump(tool: clients.Client, url: sa.URL, path: Path, recipients: Sequence[Recipient], words: Sequence[str]) -> None:
    database, environment = clients.address(url)
    words = ["--format=custom", "--no-password", f"--dbname={database}", *words]
    with clients.running(tool, words, environment) as process:
        assert process.stdout is not None
        stream.encrypt(process.stdout, path, recipients)


def count_rows(conn: sa.Connection) -> dict[str, int]:
    """Rows of every table a dump carries with its rows; the partitions of a table count as it."""
    names = conn.scalars(
        sa.text(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition and relname not in ('match_key', 'record_salt', 'upload') order by relname"
        )
    ).all()
    return {
        name: conn.scalar(sa.select(sa.func.count()).select_from(sa.table(name, schema="public"))) or 0
        for name in names
    }
