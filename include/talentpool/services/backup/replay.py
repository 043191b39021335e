"""Execute a dump inside a transaction of our own, so that a restore happens whole or not at all.

pg_restore writes the dump as SQL; its rows stand between `COPY ... FROM stdin;` and `\\.`, everything else is handed
to the server as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg
import sqlalchemy as sa

from talentpool.errors import UnavailableError
from talentpool.services.backup import clients, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrage.x25519 import Identity

_COPY = re.compile(rb"COPY .* FROM stdin;\n")
_PSQL = (b"\\restrict ", b"\\unrestrict ")
"""Words for psql, which is not here."""


def replay(conn: sa.Connection, dump: Path, dumped_by: int, identities: Sequence[Identity]) -> None:
    """Execute an encrypted dump. The caller commits, or rolls back."""
    tool = clients.client("pg_restore", max(dumped_by, clients.server_major(conn)))
    driver = conn.connection.driver_connection
    assert driver is not None
    with clients.running(tool, ["--no-owner", "--file=-"]) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with stream.decrypting(dump, process.stdin, identities), driver.cursor() as cursor, _telling_why():
            _execute(cursor, process.stdout)
    conn.execute(sa.text("reset all"))  # a dump sets its own search path


def _execute(cursor: psycopg.Cursor, sql: IO[bytes]) -> None:
    waiting: list[bytes] = []
    for line in sql:
        if _COPY.fullmatch(line):
            _flush(cursor, waiting)
            with cursor.copy(line) as copy:
                for row in _rows(sql):
                    copy.write(row)
        elif not line.startswith(_PSQL):
            waiting.append(line)
    _flush(cursor, waiting)


def _rows(sql: IO[bytes]) -> Iterator[bytes]:
    for line in sql:
        if line == b"\\.\n":
            return
        yield line


def _flush(cursor: psycopg.Cursor, waiting: list[bytes]) -> None:
    text = b"".join(waiting)
    waiting.clear()
    if text.strip():
        cursor.execute(text)


@contextmanager
def _telling_why() -> Iterator[None]:
    """The server's words without what may hold a row: its code, and what is missing where that is a name."""
    try:
        yield
    except psycopg.Error as error:
        name = error.diag.message_primary if isinstance(error, _NAMES_ONLY) else None
        raise UnavailableError(
            f"the server refused a statement of the dump ({type(error).__name__}{': ' + name if name else ''}); "
            "nothing was changed"
        ) from None


_NAMES_ONLY = (psycopg.errors.UndefinedObject, psycopg.errors.InsufficientPrivilege, psycopg.errors.LockNotAvailable)
