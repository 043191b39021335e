"""Read files that a partner puts on its SFTP server for us, and put there what is wrong with them, or with its rosters.

The same session as for rosters: a host key that we know, our own key. Names come from the server: none leaves its folder.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from talentpool.acquire.connection import Connection
from talentpool.acquire.transports.sftp import Session, session
from talentpool.errors import UnavailableError

log = logging.getLogger(__name__)


class BackChannel:
    """A folder on the partner's server, while the session lasts."""

    def __init__(self, held: Session) -> None:
        self._held = held

    def names(self, directory: str) -> list[str]:
        """Plain files of a folder, by name; no link, nothing hidden. UnavailableError without the folder."""
        return self._held.run(self._names(directory))

    async def _names(self, directory: str) -> list[str]:
        found = []
        for entry in await self._held.sftp.readdir(directory):
            name, mode = str(entry.filename), entry.attrs.permissions
            if mode is not None and stat.S_ISREG(mode) and "/" not in name and not name.startswith("."):
                found.append(name)
        return sorted(found)

    def read(self, path: str, most: int) -> bytes:
        """The first `most` bytes of a file."""
        return self._held.run(self._read(path, most))

    async def _read(self, path: str, most: int) -> bytes:
        async with self._held.sftp.open(path, "rb") as file:
            data: bytes = await file.read(most)
        return data

    def put(self, path: str, data: bytes) -> bool:
        """Write a file; whether the server let us."""
        return self._tried(self._put(path, data))

    async def _put(self, path: str, data: bytes) -> bool:
        await self._make_folder(path)
        async with self._held.sftp.open(path, "wb") as file:
            await file.write(data)
        return True

    def move(self, path: str, target: str) -> bool:
        """Give a file another name; whether the server let us."""
        return self._tried(self._move(path, target))

    async def _move(self, path: str, target: str) -> bool:
        await self._make_folder(target)
        if await self._held.sftp.exists(target):
            await self._held.sftp.remove(target)
        await self._held.sftp.rename(path, target)
        return True

    async def _make_folder(self, path: str) -> None:
        """The folder of a file. One that is there is left alone: a server may let us write into it and make none."""
        folder = path.rsplit("/", 1)[0]
        if not await self._held.sftp.isdir(folder):
            await self._held.sftp.makedirs(folder, exist_ok=True)

    def _tried(self, work: object) -> bool:
        try:
            return self._held.run(work)  # type: ignore[arg-type]
        except UnavailableError:
            log.warning("合作单位的服务器没有让我们写入或移动文件；文件留在原处")
            return False


@contextmanager
def back_channel(connection: Connection) -> Iterator[BackChannel]:
    """The partner's server; the session ends with the context. UnavailableError when it cannot be reached, or is not the one we
    know."""
    with session(connection) as held:
        yield BackChannel(held)
