"""The landing store: raw files as delivered, less pictures, written once, named by their content, encrypted, expiring.

Any fsspec target: a local folder by default, a bucket in a cluster. A file is a sequence of chunks of 1 MiB, each
AES-256-GCM under a key derived for this file; the nonce counts the chunks and its last byte marks the last one, so
that a missing, moved or cut chunk does not open. Neither plaintext nor more than a chunk is ever outside memory.
docs/adr/0002 says why this is not an age file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import BinaryIO
from uuid import uuid4

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from talentpool.acquire.manifest import Counted
from talentpool.acquire.pictures import without_pictures
from talentpool.errors import TamperedError, UnavailableError
from talentpool.guard import KeyRing
from talentpool.model import delivery
from talentpool.settings import Settings

CHUNK = 1024 * 1024
TAG = 16
MAGIC = b"TPL1"
SALT = 16


def land(
    settings: Settings, keys: KeyRing, partner: str, chunks: Iterator[bytes], check: Callable[[Counted], None]
) -> tuple[str, Counted]:
    """Write `chunks` encrypted and without pictures; returns (url, size and hash as delivered). `check` runs before the
    file takes its place.

    The file is written under a name of its own and renamed to its content's, so a half-written one is never found.
    """
    from upath import UPath

    folder = UPath(settings.landing_url) / partner
    counted = Counted()
    part = folder / f".{uuid4().hex}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            _encrypt(file, keys.key("landing"), without_pictures(counted.counting(chunks)))
        check(counted)
        whole = folder / f"{counted.sha256}.tpl"
        if whole.exists():
            part.unlink()
        else:
            part.rename(whole.path if whole.protocol else whole)
    except OSError as error:
        raise UnavailableError(f"the landing store cannot be written ({type(error).__name__}); check space") from error
    finally:
        with suppress(OSError):
            if part.exists():
                part.unlink()
    return str(whole), counted


def open_landed(keys: KeyRing, url: str) -> BinaryIO:
    """A landed file as a stream of its plain bytes, a chunk at a time. TamperedError when a chunk does not open."""
    from upath import UPath

    path = UPath(url)
    if not path.exists():
        raise UnavailableError("the landed file is gone (expired or moved); the partner must deliver it again")
    return io.BufferedReader(_Plain(path.open("rb"), keys.key("landing")), buffer_size=CHUNK)


def expire_landed(engine: sa.Engine, today: date) -> int:
    """Let go of landed files past their day; returns of how many deliveries."""
    return _let_go(engine, delivery.c.expires_on < today)


def let_go(engine: sa.Engine, partners: Sequence[str]) -> int:
    """Let go of every landed file of some partners before its day (somebody on them is erased); returns how many."""
    return _let_go(engine, delivery.c.partner.in_(partners))


def _let_go(engine: sa.Engine, which: sa.ColumnElement[bool]) -> int:
    """What is unfinished or held is kept: it is staged from its landed file again. A file that several deliveries
    brought goes with the last of them.
    """
    due = (
        sa.select(delivery.c.delivery_id, delivery.c.landed_url)
        .where(which, delivery.c.landed_url.is_not(None), delivery.c.state.in_(("published", "rejected")))
        .with_for_update()
    )
    with engine.begin() as conn:
        rows = conn.execute(due).all()
        for row in rows:
            conn.execute(delivery.update().where(delivery.c.delivery_id == row.delivery_id).values(landed_url=None))
        for url in {row.landed_url for row in rows}:  # before the commit: a file that cannot be deleted stays known
            _unlink(conn, url)
    return len(rows)


def discard(engine: sa.Engine, url: str) -> None:
    """Delete a landed file, unless a delivery's row speaks of it."""
    with engine.connect() as conn:
        _unlink(conn, url)


def _unlink(conn: sa.Connection, url: str) -> None:
    from upath import UPath

    if not conn.scalar(sa.select(sa.exists().where(delivery.c.landed_url == url))):
        with suppress(FileNotFoundError):
            UPath(url).unlink()


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"talentpool landing").derive(key))


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _encrypt(file: BinaryIO, key: bytes, chunks: Iterator[bytes]) -> None:
    salt = os.urandom(SALT)
    cipher = _cipher(key, salt)
    file.write(MAGIC + salt)
    held = bytearray()
    index = 0
    for chunk in chunks:
        held += chunk
        while len(held) > CHUNK:  # strictly more: the last chunk is written below, marked as last
            file.write(cipher.encrypt(_nonce(index, False), bytes(held[:CHUNK]), None))
            del held[:CHUNK]
            index += 1
    file.write(cipher.encrypt(_nonce(index, True), bytes(held), None))


class _Plain(io.RawIOBase):
    """Decrypts chunk by chunk; one chunk is read ahead, because the last one is marked."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._file = file
        head = file.read(len(MAGIC) + SALT)
        if head[: len(MAGIC)] != MAGIC or len(head) < len(MAGIC) + SALT:
            raise TamperedError("the landed file is not one of ours, or was cut")
        self._cipher = _cipher(key, head[len(MAGIC) :])
        self._next = file.read(CHUNK + TAG)
        self._index = 0
        self._plain = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._plain:
            if self._ended:
                return 0
            self._advance()
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _advance(self) -> None:
        current, self._next = self._next, self._file.read(CHUNK + TAG)
        last = not self._next
        try:
            self._plain = memoryview(self._cipher.decrypt(_nonce(self._index, last), current, None))
        except InvalidTag as error:
            raise TamperedError("the landed file was changed or cut, or its key is another one") from error
        self._index += 1
        self._ended = last

    def close(self) -> None:
        self._file.close()
        super().close()
