"""Encrypt what is read and decrypt what is written as age streams; no plaintext is ever in a file.

age works in chunks of 64 KiB that are each authenticated, the last one marked: a cut or changed file does not open.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from talentpool.errors import KeyMissingError, TamperedError
from talentpool.private_files import new_file

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

PIECE = 1024 * 1024


class _Pieces(io.RawIOBase):
    """An iterator of bytes as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            try:
                self._rest = memoryview(next(self._pieces))
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def as_file(pieces: Iterator[bytes]) -> BinaryIO:
    """`pieces` as a buffered file to read from."""
    return io.BufferedReader(_Pieces(pieces), buffer_size=PIECE)


def encrypt(source: IO[bytes], path: Path, recipients: Sequence[Recipient]) -> None:
    """Write `source` encrypted to a new file (0600), down to the disk."""
    import pyrage

    with new_file(path, durable=True, buffering=PIECE) as file:
        pyrage.encrypt_io(source, file, list(recipients))


def decrypt(path: Path, sink: IO[bytes], identities: Sequence[Identity]) -> None:
    """Write the plain bytes of a file into `sink`. What was written before an error is raised must not be used."""
    import pyrage

    with path.open("rb", buffering=PIECE) as file:
        try:
            pyrage.decrypt_io(file, sink, list(identities))
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise KeyMissingError(
                    f"{path.name} was not encrypted to this identity; use the one whose recipient made the backup"
                ) from None
            raise TamperedError(_damaged(path)) from None
        except OSError as error:
            if error.errno is not None:  # the disk or the pipe, not the cipher
                raise
            raise TamperedError(_damaged(path)) from None


def _damaged(path: Path) -> str:
    return f"{path.name} is damaged or cut and does not open; take another generation of the backup"


@contextmanager
def decrypting(path: Path, sink: IO[bytes], identities: Sequence[Identity]) -> Iterator[None]:
    """Decrypt into `sink`, beside the block, and close it. What did not open whole is raised at the block's end."""
    failure: list[BaseException] = []

    def work() -> None:
        try:
            with sink:
                decrypt(path, sink, identities)
        except BrokenPipeError:
            pass  # the reader had enough, or said itself why it ended
        except BaseException as error:  # noqa: BLE001 - raised again below, by the thread that waits
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    except Exception as error:  # noqa: BLE001 - raised again, or the cause of it
        thread.join()
        raise (failure[0] if failure else error) from None
    thread.join()
    if failure:
        raise failure[0]


@contextmanager
def decrypted(path: Path, identities: Sequence[Identity]) -> Iterator[BinaryIO]:
    """The plain bytes of a file as a file to read from; the block must read it to its end."""
    reading, writing = os.pipe()
    sink = os.fdopen(writing, "wb", buffering=PIECE)
    with decrypting(path, sink, identities), os.fdopen(reading, "rb", buffering=PIECE) as source:
        yield source


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
