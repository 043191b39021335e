"""A partner's SFTP server in a test: a real one, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import asyncssh

from simulators.postal import CLIENT_KEY, HOST_KEY, OneAccount, make_keys
from talentpool.acquire import Connection


class Server:
    """A partner's SFTP server in a thread of its own. `factory`: what it allows."""

    def __init__(self, root: Path, factory: Any) -> None:
        self.root, keys = root / "served", root / "keys"
        for name in ("receipts", "letters"):
            (self.root / name).mkdir(parents=True)
        secrets = make_keys(keys)
        authorized = (keys / f"{CLIENT_KEY}.pub").read_text(encoding="ascii")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1", 0, server_host_keys=[str(keys / HOST_KEY)],
                server_factory=lambda: OneAccount("talentpool", authorized),
                sftp_factory=lambda chan: factory(chan, chroot=str(self.root).encode()), allow_scp=False,
            )  # fmt: skip

        self._server = asyncio.run_coroutine_threadsafe(listen(), self._loop).result(20)
        port = self._server.get_port()
        self.connection = Connection("partner_postal", "sftp", "127.0.0.1", port, "talentpool", extra=secrets)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            await self._server.wait_closed()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
