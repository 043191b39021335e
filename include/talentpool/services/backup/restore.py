"""Restore a backup: verify everything before the target is touched, then do all of it in one transaction.

What was published after the database backup comes back by the rosters: partners' offers that the restored database
has not handled are taken again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from talentpool.database import engine_of, migrate_within, migrations, owner_url
from talentpool.database.roles import ensure_roles, grant_rights, let_logins_in
from talentpool.errors import KeyMissingError, TamperedError, UnavailableError, UsageError
from talentpool.guard.sources import version
from talentpool.load import DIGEST_VERSION, digest_of
from talentpool.model import delivery, key_check, record_salt, source_record
from talentpool.office import Office
from talentpool.services.backup import keyfile, manifest, stream
from talentpool.services.backup.manifest import (
    AIRFLOW_DUMP,
    DATABASE_FOLDER,
    DUMP,
    KEYS,
    KEYS_FOLDER,
    MANIFEST,
    Manifest,
)
from talentpool.services.backup.replay import replay
from talentpool.services.backup.take import count_rows
from talentpool.services.backup.target import clear, has_no_tables, is_empty, keys_beside, lost_files
from talentpool.services.rights import finish_pending
from talentpool.settings import Settings

if TYPE_CHECKING:
    from pyrage.x25519 import Identity


@dataclass(frozen=True)
class Restored:
    """What came back. `unreadable`: sealed records whose salt was deleted after the database backup; `lost_files`:
    deliveries that wait for a landed file that is not there, so that their partner must deliver again; `erased_again`:
    withdrawals and erasures after the database backup. `digest` is that of the backup unless there were any."""

    made_at: str
    revision: str
    digest: str
    records: int
    erased_again: int
    unreadable: int
    lost_files: int
    airflow: bool


def restore(
    settings: Settings,
    source: Path,
    identities: Sequence[Identity],
    *,
    keys_from: Path | None = None,
    replace: bool = False,
    airflow_url: str | None = None,
) -> Restored:
    """Restore the newest database backup under `source` (or this very one) with the keys backup beside it.

    With `replace` the target may hold data, which is gone afterwards. An error means that nothing was changed.
    """
    folder = newest(source)
    facts, mac = manifest.read(folder)
    with keyfile.opened(keys_file(keys_from or source), identities) as (head, rows):
        _verify(folder, facts, mac, head)
        if facts.area != settings.area:
            raise UsageError(
                f"the backup is of area {facts.area}, this deployment of {settings.area}; set TALENTPOOL_AREA"
            )
        if airflow_url and facts.airflow_dumped_by is None:
            raise UsageError(f"{folder} holds no database of Airflow; omit --airflow")
        with keys_beside(settings, head, replace=replace) as move_keys:
            with _begin(owner_url(settings)) as conn:
                ensure_roles(conn)  # first: a login whose rows are hidden takes a full database for empty
                clear(conn, replace=replace, empty=is_empty, at_least=facts.server)
                replay(conn, folder / DUMP, facts.dumped_by, identities)
                _compare_rows(conn, facts)
                migrate_within(conn)
                grant_rights(conn)
                let_logins_in(conn, settings)
                _keep_known_keys(conn, head)
                digest = _compare_digest(conn, facts)
                erased = keyfile.load(conn, head, rows)
                result = Restored(
                    made_at=facts.made_at,
                    revision=str(conn.scalar(sa.text("select version_num from alembic_version"))),
                    digest=digest_of(conn) if erased else digest,
                    erased_again=erased,
                    records=facts.rows["source_record"],
                    unreadable=_unreadable(conn),
                    lost_files=lost_files(conn),
                    airflow=bool(airflow_url),
                )
                conn.execute(sa.text("analyze"))
                if airflow_url:
                    with _begin(airflow_url) as other:
                        clear(other, replace=replace, empty=has_no_tables, at_least=1, ours=False)
                        replay(other, folder / AIRFLOW_DUMP, facts.airflow_dumped_by or 0, identities)
            move_keys()
        if result.erased_again:
            _finish(settings, head)
    return result


def _finish(settings: Settings, head: keyfile.Head) -> None:
    """What erasures need beyond the database: lists drawn anew, landed rosters let go."""
    engine = engine_of(owner_url(settings))
    try:
        finish_pending(Office(engine, settings, head.ring()))
    finally:
        engine.dispose()


def restore_keys(settings: Settings, source: Path, identities: Sequence[Identity], *, replace: bool = False) -> int:
    """Put the keys of a keys backup into the keys folder and leave the database alone; returns how many."""
    path = keys_file(source)
    with keyfile.opened(path, identities) as (head, rows):
        while rows.read(stream.PIECE):  # so that a damaged file is found before a key is placed
            pass
    with keys_beside(settings, head, replace=replace) as move_keys:
        move_keys()
    return len(head.keys)


def newest(source: Path) -> Path:
    """The newest finished database backup under `source`, or `source` itself."""
    if (source / MANIFEST).exists() or source.name.startswith(DATABASE_FOLDER):
        return source
    folders = sorted(folder for folder in source.glob(f"{DATABASE_FOLDER}*") if folder.is_dir())
    if not folders:
        raise UsageError(f"there is no database backup under {source} ({DATABASE_FOLDER}...)")
    return folders[-1]


def keys_file(source: Path) -> Path:
    """The keys backup: this very file, or the one in the folder, or in its folder `keys`, or beside a database backup."""
    if source.is_file():
        return source
    beside = source.parent if source.name.startswith(DATABASE_FOLDER) else source
    return next((path for path in (source / KEYS, beside / KEYS_FOLDER / KEYS) if path.is_file()), source / KEYS)


def _verify(folder: Path, facts: Manifest, mac: str, head: keyfile.Head) -> None:
    """The two backups belong together and nobody changed them."""
    _verify_keys(facts.fingerprints, head)
    manifest.check_mac(facts, mac, head.ring())
    for name, expected in facts.files.items():
        path = folder / name
        if not path.is_file():
            raise TamperedError(f"{path} is missing; take another generation of the backup")
        if stream.sha256(path) != expected:
            raise TamperedError(f"{path} is damaged or is of another backup; take another generation")
    if any(head.deliveries.get(number) != tag for number, tag in facts.deliveries.items()):
        raise UsageError(
            "the keys backup is older than the database backup, or belongs to another history: it lacks salts of "
            "deliveries that the database holds; name a newer one by --keys-from, or restore an older database backup"
        )
    known = {revision.revision for revision in migrations()[1].walk_revisions()}
    if facts.revision not in known:
        raise UsageError(
            f"the backup was made by a newer version of talentpool (schema {facts.revision}); install that one first"
        )


def _verify_keys(of_database: dict[str, str], head: keyfile.Head) -> None:
    """The keys are of the same deployment. Envelope keys come and go: which of them are needed, the dump tells."""
    both = of_database.keys() & head.fingerprints.keys()
    if any(of_database[key_id] != head.fingerprints[key_id] for key_id in both) or {
        key_id for key_id in of_database.keys() ^ head.fingerprints.keys() if not version(key_id)
    }:
        raise KeyMissingError(
            "this keys backup belongs to another deployment than the database backup; name the right one by --keys-from"
        )


def _keep_known_keys(conn: sa.Connection, head: keyfile.Head) -> None:
    """KeyMissingError when a data key needs an envelope key that the keys backup does not hold; one that nothing needs
    is forgotten, as whoever destroyed it wanted.
    """
    needed = set(conn.scalars(sa.select(delivery.c.wrapped_by).distinct()))
    if missing := sorted(needed - head.keys.keys(), key=version):
        newest = max(map(version, head.keys))
        why = (
            "it was destroyed after a rotation that came after the database backup; restore a newer database backup"
            if version(missing[-1]) < newest
            else "the keys backup is from before the rotation that brought it; name a newer one by --keys-from"
        )
        raise KeyMissingError(f"the database backup needs key {missing[-1]!r}, which the keys backup lacks: {why}")
    ids = conn.scalars(sa.select(key_check.c.key_id)).all()
    gone = [key_id for key_id in ids if version(key_id) and key_id not in head.keys]
    conn.execute(key_check.delete().where(key_check.c.key_id.in_(gone)))


@contextmanager
def _begin(url: str) -> Iterator[sa.Connection]:
    engine = engine_of(url)
    try:
        with engine.begin() as conn:
            yield conn
    except DBAPIError as error:
        raise UnavailableError(
            f"the target database {engine.url.database} cannot be reached, is in use, or does not belong to this user "
            f"({type(error.orig).__name__}); nothing was changed. Stop the programs that use it and try again"
        ) from error
    finally:
        engine.dispose()


def _compare_rows(conn: sa.Connection, facts: Manifest) -> None:
    counted = count_rows(conn)
    wrong = sorted(name for name in facts.rows.keys() | counted.keys() if facts.rows.get(name) != counted.get(name))
    if wrong:
        raise TamperedError(f"the dump does not hold the rows it must ({', '.join(wrong)}); nothing was changed")


def _compare_digest(conn: sa.Connection, facts: Manifest) -> str:
    digest = digest_of(conn)
    if facts.digest_version == DIGEST_VERSION and facts.digest != digest:
        raise TamperedError("the restored facts do not have the digest of the backup; nothing was changed")
    return digest


def _unreadable(conn: sa.Connection) -> int:
    live, salt = source_record, record_salt
    of_row = salt.c.row_no > 0
    salted = sa.exists().where(of_row, salt.c.delivery_id == live.c.delivery_id, salt.c.record_id == live.c.record_id)
    return conn.scalar(sa.select(sa.func.count()).select_from(live).where(live.c.sealed.is_not(None), ~salted)) or 0
