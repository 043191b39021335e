"""The postal bureau's SFTP server, for real: host key, key login, read-only but for its letter box, a directory per date.

`python -m simulators.postal --root DIR --port P --keys DIR --user NAME` serves DIR/rosters/<date>/ on the loopback,
or where `--host` says.
A delivery is the roster, then its manifest, then an empty .ok: whoever sees the .ok may read the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import json
import os
import posixpath
import shutil
import signal
from datetime import date
from pathlib import Path

import asyncssh

HOST_KEY, CLIENT_KEY = "host_key", "client_key"
LETTERS = "letters"
"""The folder into which letters are put."""


def make_keys(folder: Path) -> dict[str, str]:
    """Keys of server and client, made once: `host_key` (public) and `private_key` (client), as a connection has them."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in (HOST_KEY, CLIENT_KEY):
        if not (folder / name).is_file():
            key = asyncssh.generate_private_key("ssh-ed25519")
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.export_private_key())
            key.write_public_key(str(folder / f"{name}.pub"))
    public = (folder / f"{HOST_KEY}.pub").read_text(encoding="ascii").split()
    return {
        "host_key": " ".join(public[:2]),
        "private_key": (folder / CLIENT_KEY).read_text(encoding="ascii"),
    }


def deliver(
    root: Path,
    roster: Path,
    *,
    as_of: date,
    kind: str = "full",
    since: date | None = None,
    notice_version: str = "v1",
    serial: int = 1,
) -> Path:
    """Drop a GB18030 roster the way the bureau does; a delivery that lies there complete is left alone."""
    folder = root / "rosters" / f"{as_of:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"roster_postal_{as_of:%Y%m%d}_{serial:02d}.csv"
    done = path.with_name(path.name + ".ok")
    if done.exists():
        return path
    shutil.copyfile(roster, path)
    data = path.read_bytes()
    manifest = {
        "schema_version": 1,
        "rows": sum(1 for row in csv.reader(data.decode("gb18030").splitlines()[1:]) if row),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "encoding": "gb18030",
        "kind": kind,
        "since": since.isoformat() if since else None,
        "as_of": as_of.isoformat(),
        "notice_version": notice_version,
    }
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(manifest), encoding="ascii")
    done.touch()
    return path


class ReadOnly(asyncssh.SFTPServer):
    """Serves one folder; nothing in it can be changed from outside."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if pflags & ~asyncssh.FXF_READ:
            raise asyncssh.SFTPPermissionDenied("this server is read-only")
        return super().open(path, pflags, attrs)

    def _refuse(self, *_: object) -> None:
        raise asyncssh.SFTPPermissionDenied("this server is read-only")

    remove = mkdir = rmdir = rename = posix_rename = link = symlink = _refuse  # type: ignore[assignment]
    setstat = lsetstat = fsetstat = _refuse  # type: ignore[assignment]


class LetterBox(ReadOnly):
    """The same with one folder into which letters are put."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if _in_the_box(path):
            return asyncssh.SFTPServer.open(self, path, pflags, attrs)
        return super().open(path, pflags, attrs)

    def rename(self, oldpath: bytes, newpath: bytes) -> object:  # type: ignore[override]
        if _in_the_box(oldpath) and _in_the_box(newpath):
            return asyncssh.SFTPServer.rename(self, oldpath, newpath)
        raise asyncssh.SFTPPermissionDenied("this server is read-only")


def _in_the_box(path: bytes) -> bool:
    return posixpath.dirname(posixpath.normpath(b"/" + path.lstrip(b"/"))) == f"/{LETTERS}".encode()


class OneAccount(asyncssh.SSHServer):
    """One account, by key alone; every other name has no keys at all."""

    def __init__(self, user: str, authorized: str) -> None:
        self._user = user
        self._authorized = authorized

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        keys = self._authorized if username == self._user else ""
        self._connection.set_authorized_keys(asyncssh.import_authorized_keys(keys))
        return True

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return False


async def serve(root: Path, port: int, keys: Path, user: str, host: str = "127.0.0.1") -> asyncssh.SSHAcceptor:
    """Start serving on `host`:`port` (0 = any)."""
    make_keys(keys)
    authorized = (keys / f"{CLIENT_KEY}.pub").read_text(encoding="ascii")
    return await asyncssh.listen(
        host,
        port,
        server_host_keys=[str(keys / HOST_KEY)],
        server_factory=lambda: OneAccount(user, authorized),
        sftp_factory=lambda chan: LetterBox(chan, chroot=str(root).encode()),
        allow_scp=False,
    )


async def _run(given: argparse.Namespace) -> None:
    server = await serve(given.root, given.port, given.keys, given.user, given.host)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(f"listening on {given.host}:{server.get_port()}", flush=True)
    await stop.wait()
    server.close()
    await server.wait_closed()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--user", default="talentpool")
    given = parser.parse_args()
    for name in ("rosters", LETTERS):
        (given.root / name).mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(given))


if __name__ == "__main__":
    main()
