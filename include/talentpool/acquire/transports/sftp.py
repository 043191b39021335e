"""Read rosters from a partner's SFTP server: a directory per date with data file, manifest and, last, an empty .ok.

The host key is the one the connection names, and login is by key: a server that cannot prove itself gets nothing.
Names that the server sends are never used as paths: only those that match the declared pattern are taken.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.manifest import MAX_BYTES, SUFFIX, sidecar
from talentpool.acquire.names import Names, Overlooked, strangers
from talentpool.acquire.transports import Offer, Waiting
from talentpool.declare import Declaration, anchored_pattern, transport_options
from talentpool.errors import UnavailableError
from talentpool.settings import Settings

if TYPE_CHECKING:
    import asyncssh

OK = ".ok"
CHUNK = 256 * 1024
CONNECT_SECONDS = 15
READ_SECONDS = 60
ATTEMPTS = 3
_DATE_FOLDER = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})$")
T = TypeVar("T")


@transport_options
class Options(Declaration):
    """`directory` holds a folder per date (YYYYMMDD or YYYY-MM-DD); `file_name` a group (?P<as_of>YYYYMMDD)."""

    kind: Literal["sftp"]
    connection: str
    directory: str = "."
    file_name: str

    @field_validator("file_name")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        return anchored_pattern(pattern)


@contextmanager
def waiting(options: Options, connection: Connection, settings: Settings) -> Iterator[Waiting]:  # noqa: ARG001
    """Complete offers (those whose .ok is there), oldest as-of first; the session ends with the context."""
    with session(connection) as held:
        yield held.waiting(options)


@contextmanager
def session(connection: Connection) -> Iterator[Session]:
    """A session with the server; it ends with the context."""
    with asyncio.Runner() as runner:
        held = Session(runner, connection)
        try:
            yield held
        finally:
            held.close()


class Session:
    """One SSH connection, driven synchronously."""

    def __init__(self, runner: asyncio.Runner, connection: Connection) -> None:
        self._runner = runner
        self._connection = connection
        self._ssh, self.sftp = self.run(_connect(connection))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        import asyncssh

        try:
            return self._runner.run(asyncio.wait_for(work, READ_SECONDS))
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise UnavailableError(_explain(self._connection, error)) from error

    def close(self) -> None:
        self.sftp.exit()
        self._ssh.close()

    def waiting(self, options: Options) -> Waiting:
        """Oldest first; a manifest is read when its turn comes, so that years of deliveries cost one listing."""
        listed, overlooked = self.run(self._listed(options))
        return Waiting((self.run(self._offer(*offer)) for offer in listed), overlooked)

    async def _listed(self, options: Options) -> tuple[list[tuple[date, str, str, str]], list[Overlooked]]:
        known = Names(options.file_name)
        found, overlooked = [], []
        for folder in sorted(await self.sftp.listdir(options.directory)):
            if not _DATE_FOLDER.match(folder):
                continue
            base = f"{options.directory}/{folder}"
            names = {name for name in await self.sftp.listdir(base) if "/" not in name and name not in (".", "..")}
            taken = set()
            for name in sorted(names):
                as_of = known.as_of(name)
                if as_of is None:
                    continue
                taken.add(name)
                manifest = sidecar(name, SUFFIX, names)
                if manifest is not None and sidecar(name, OK, names) is not None:
                    found.append((as_of, name, base, manifest))
                else:
                    overlooked.append(known.overlooked(name, "incomplete"))
            overlooked += [known.overlooked(name, why) for name, why in strangers(names, (SUFFIX, OK), taken)]
        return sorted(found), overlooked

    async def _offer(self, as_of: date, name: str, base: str, beside: str) -> Offer:
        path = f"{base}/{name}"
        stat = await self.sftp.stat(path)
        async with self.sftp.open(f"{base}/{beside}", "rb") as file:
            manifest: bytes = await file.read(MAX_BYTES)
        mark = hashlib.sha256(manifest).hexdigest()[:16]
        offer_id = f"{name}@{mark}@{stat.size}@{stat.mtime}"
        return Offer(name, as_of, offer_id, manifest, lambda: self._chunks(path))

    def _chunks(self, path: str) -> Iterator[bytes]:
        file = self.run(self._open(path))
        try:
            while chunk := self.run(self._read(file)):
                yield chunk
        finally:
            self.run(file.close())

    async def _open(self, path: str) -> Any:
        return await self.sftp.open(path, "rb")

    async def _read(self, file: Any) -> bytes:
        data: bytes = await file.read(CHUNK)
        return data


async def _connect(connection: Connection) -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
    """Connect and check the host key; only a connection that could not be made is tried again."""
    import asyncssh
    from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    host_key, private_key = connection.extra.get("host_key"), connection.extra.get("private_key")
    if not host_key or not private_key:
        raise UnavailableError(
            f"connection {connection.conn_id!r} needs host_key and private_key in its extra; neither is optional"
        )
    port = connection.port or 22
    algorithm_and_key = host_key if " " in host_key.strip() else f"ssh-ed25519 {host_key.strip()}"
    try:
        known = asyncssh.import_known_hosts(f"[{connection.host}]:{port} {algorithm_and_key}\n")
        client_key = asyncssh.import_private_key(private_key)
    except ValueError:  # its text may quote the key
        raise UnavailableError(
            f"connection {connection.conn_id!r}: host_key or private_key is not a key; "
            "a host_key is 'algorithm base64', a private_key an OpenSSH key without passphrase"
        ) from None
    passed = (ConnectionError, TimeoutError, asyncssh.ConnectionLost)
    async for attempt in AsyncRetrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(0.5, max=4),
        retry=retry_if_exception_type(passed),
        reraise=True,
    ):
        with attempt:
            ssh = await asyncssh.connect(
                connection.host,
                port,
                username=connection.login,
                client_keys=[client_key],
                known_hosts=known,
                connect_timeout=CONNECT_SECONDS,
                login_timeout=CONNECT_SECONDS,
                agent_path=None,
                config=None,
                preferred_auth="publickey",
            )
    return ssh, await ssh.start_sftp_client()


def _explain(connection: Connection, error: Exception) -> str:
    import asyncssh

    where = f"{connection.host}:{connection.port or 22} (connection {connection.conn_id!r})"
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return f"{where}: its host key is not the one we know; nothing was sent. Ask the partner before changing it"
    if isinstance(error, asyncssh.PermissionDenied):
        return f"{where}: our key was refused; ask the partner whether the account is still valid"
    if isinstance(error, asyncssh.SFTPError):
        return f"{where}: the server refused a file operation ({type(error).__name__}); try again later"
    return f"{where}: cannot be reached ({type(error).__name__}); try again later"
