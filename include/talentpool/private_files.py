"""Write files that only their owner may read: once, in place of another, or at the end of one.

`durable`: down to the disk before it is said to be there. Folders are the caller's; errors are OSError.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@contextmanager
def new_file(path: Path, *, durable: bool = False, buffering: int = io.DEFAULT_BUFFER_SIZE) -> Iterator[BinaryIO]:
    """A file to write to, closed to others from the beginning. FileExistsError: one is there already, whatever it is."""
    with os.fdopen(os.open(path, _NEW, 0o600), "wb", buffering=buffering) as file:
        yield file
        if durable:
            file.flush()
            os.fsync(file.fileno())


def create(path: Path, content: bytes, *, durable: bool = False) -> None:
    """A new file with this content. A run that is killed may leave a part of it."""
    with new_file(path, durable=durable) as file:
        file.write(content)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A name beside `path`, for what is linked or renamed to it when it is whole; nothing has it at the end.

    Of two processes each has its own: with one name for both, the one would move the other's half into place.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def create_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """A new file, whole or not at all. FileExistsError: one is there already."""
    with aside(path) as unfinished:
        create(unfinished, content, durable=durable)
        path.hardlink_to(unfinished)


def replace(path: Path, content: bytes, *, durable: bool = False) -> None:
    """The file has this content, whole, or the one it had."""
    with aside(path) as unfinished:
        create(unfinished, content, durable=durable)
        unfinished.replace(path)


def replace_within(folder: int, name: str, content: bytes) -> None:
    """The same in a folder that is held open: whatever has its path by now, the file is in that one."""
    unfinished = f".{name}.{secrets.token_hex(4)}.part"
    try:
        with os.fdopen(os.open(unfinished, _NEW, 0o600, dir_fd=folder), "wb") as file:
            file.write(content)
        os.replace(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished, dir_fd=folder)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """The same by a stream of text, in UTF-8 and with the line ends that are written."""
    with aside(path) as unfinished:
        with new_file(unfinished) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            yield text
        unfinished.replace(path)


def append(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Behind what is there, in one write: lines of two processes never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        if file.write(content) != len(
            content
        ):  # what is there now is cut: whoever reads it must not be the first to notice
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if durable:
            os.fsync(descriptor)
