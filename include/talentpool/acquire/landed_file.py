"""Encrypt and open a landed file: in chunks, bound to the partner and to the bytes that were delivered.

A head, chunks of 1 MiB, a seal. The chunks are AES-256-GCM under a key made for this file; the nonce counts the chunks
and its last byte marks the last one, so that a missing, moved or cut chunk does not open. The seal holds that key, under
the landing key, and opens only to whoever names the same partner and the same SHA-256 of the delivered bytes: another
file in its place gives no byte. It stands at the end because the hash is known only there, and an object store writes
from front to back. Neither plaintext nor more than a chunk is ever outside memory. docs/adr/0002 and 0049.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from talentpool.acquire.manifest import Counted
from talentpool.errors import TamperedError

CHUNK = 1024 * 1024
TAG = 16
MAGIC = b"TPL2"
FORMER = b"TPL1"
"""Of files without a seal, as an older release wrote them: their whole content is hashed before a byte is used."""
SALT = 16
HEAD = len(MAGIC) + SALT
NONCE = 12
KEY = 32
SEAL = NONCE + KEY + TAG
AGAIN = "nothing of it was used; have the partner deliver the file again, or take it in with `talentpool ingest --file`"


@dataclass(frozen=True)
class Delivered:
    """Whose bytes a landed file is, and which: `sha256` is that of the bytes as delivered, pictures included."""

    partner: str
    sha256: str

    @property
    def bound(self) -> bytes:
        return b"\x1f".join((b"talentpool landed file", self.partner.encode(), self.sha256.encode()))


def write(file: BinaryIO, key: bytes, partner: str, chunks: Iterator[bytes], counted: Counted) -> None:
    """Encrypt `chunks`; `counted` has seen all delivered bytes once they are exhausted."""
    salt, own = os.urandom(SALT), os.urandom(KEY)
    cipher = AESGCM(own)
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
    nonce = os.urandom(NONCE)
    delivered = Delivered(partner, counted.on_record)
    file.write(nonce + _sealer(key, salt).encrypt(nonce, own, delivered.bound))


def read(file: BinaryIO, key: bytes, delivered: Delivered) -> BinaryIO:
    """The plain bytes, a chunk at a time. TamperedError, before any, when the file is not the one that was delivered."""
    try:
        return io.BufferedReader(_Plain(file, key, delivered), buffer_size=CHUNK)
    except BaseException:
        file.close()
        raise


def _sealer(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=b"talentpool landing seal").derive(key))


def _former_cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=b"talentpool landing").derive(key))


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class _Plain(io.RawIOBase):
    """Decrypts chunk by chunk; one chunk is read ahead, because the last one is marked."""

    _next: bytes
    _plain: memoryview
    _left: int
    _index: int
    _ended: bool

    def __init__(self, file: BinaryIO, key: bytes, delivered: Delivered) -> None:
        super().__init__()
        self._file = file
        head = file.read(HEAD)
        form, salt = head[: len(MAGIC)], head[len(MAGIC) :]
        if form not in (MAGIC, FORMER) or len(head) < HEAD:
            raise TamperedError(f"the landed file was not written by this deployment, or was cut: {AGAIN}")
        size = file.seek(0, os.SEEK_END)
        self._end = size - (SEAL if form == MAGIC else 0)
        if form == MAGIC:
            self._cipher = AESGCM(self._opened(key, salt, delivered))
            self._begin()
        else:
            self._cipher = _former_cipher(key, salt)
            self._begin()
            self._hold_against(delivered)
            self._begin()

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

    def _opened(self, key: bytes, salt: bytes, delivered: Delivered) -> bytes:
        """The file's own key, from its seal."""
        if self._end < HEAD + TAG:
            raise TamperedError(f"the landed file was cut: {AGAIN}")
        self._file.seek(self._end)
        seal = self._file.read(SEAL)
        try:
            return _sealer(key, salt).decrypt(seal[:NONCE], seal[NONCE:], delivered.bound)
        except InvalidTag as error:
            raise TamperedError(
                "the landed file is not the one that this delivery brought: it was exchanged, changed or cut, "
                f"or its key is another one; {AGAIN}"
            ) from error

    def _begin(self) -> None:
        self._file.seek(HEAD)
        self._left = self._end - HEAD
        self._next = self._taken()
        self._index = 0
        self._plain = memoryview(b"")
        self._ended = False

    def _taken(self) -> bytes:
        chunk = self._file.read(min(CHUNK + TAG, self._left))
        self._left -= len(chunk)
        return chunk

    def _advance(self) -> None:
        current, self._next = self._next, self._taken()
        last = not self._next
        try:
            self._plain = memoryview(self._cipher.decrypt(_nonce(self._index, last), current, None))
        except InvalidTag as error:
            raise TamperedError(f"the landed file was changed or cut, or its key is another one; {AGAIN}") from error
        self._index += 1
        self._ended = last

    def _hold_against(self, delivered: Delivered) -> None:
        """A file without a seal, by the hash of all it holds. A picture that was taken out of it speaks against it, too:
        no release wrote such a file without a seal."""
        counted = Counted()
        while not self._ended:
            self._advance()
            counted.update(bytes(self._plain))
        if delivered.sha256 not in (counted.sha256, counted.on_record):
            raise TamperedError(
                "the landed file, of an older release, does not have the SHA-256 of what this delivery brought; "
                + AGAIN
            )

    def close(self) -> None:
        self._file.close()
        super().close()
