"""Work inside a sender's folder by the folder that was opened, never again by its path.

The folder is the sender's: whatever is put in a name's place meanwhile, nothing outside of it is read, written or deleted. All
errors are OSError.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

CLAIMED = ".claimed-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def opened(folder: Path | str, within: int | None = None) -> Iterator[int]:
    """A folder's descriptor; `within`: of the one that holds it. A link is none."""
    descriptor = os.open(folder, _FOLDER, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def own_place(folder: int, name: str) -> Iterator[int]:
    """The folder `name` in a sender's, made where there is none. A link in its place goes, a file waits under a name of ours."""
    with suppress(FileNotFoundError):
        mode = _mode(folder, name)
        if stat.S_ISLNK(mode):
            os.unlink(name, dir_fd=folder)
        elif not stat.S_ISDIR(mode):
            _rename(folder, name)
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    with opened(name, folder) as place:
        yield place


def names(folder: int) -> list[str]:
    return sorted(os.listdir(folder))


def is_plain(folder: int, name: str) -> bool:
    """Whether it is a file: no folder, no link, no pipe."""
    return stat.S_ISREG(_mode(folder, name))


def age(folder: int, name: str, now: float) -> float:
    """Seconds since it was written or renamed."""
    seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return now - max(seen.st_mtime, seen.st_ctime)


def claim(folder: int, name: str) -> str:
    """Give a file a name of ours: what is put under its old name from then on is another file. One that cannot be opened keeps
    its name, by which its sender finds it."""
    os.close(os.open(name, _READ, dir_fd=folder))
    return _rename(folder, name)


def _rename(folder: int, name: str) -> str:
    claimed = f"{CLAIMED}{uuid4().hex}"
    os.rename(name, claimed, src_dir_fd=folder, dst_dir_fd=folder)
    return claimed


def read(folder: int, name: str, most: int) -> bytes:
    """Its first `most` bytes."""
    with os.fdopen(os.open(name, _READ, dir_fd=folder), "rb") as file:
        return file.read(most)


def move(folder: int, name: str, place: int, target: str) -> None:
    """A file of the folder into a place of it, in place of the one of that name."""
    os.replace(name, target, src_dir_fd=folder, dst_dir_fd=place)


def let_go(folder: int, name: str, before: float) -> None:
    """Delete the files of the folder `name` in it that are older; where it is a link or missing, there is nothing of ours."""
    with suppress(FileNotFoundError, NotADirectoryError), opened(name, folder) as place:
        for one in names(place):
            seen = os.stat(one, dir_fd=place, follow_symlinks=False)
            if stat.S_ISREG(seen.st_mode) and seen.st_mtime < before:
                os.unlink(one, dir_fd=place)


def _mode(folder: int, name: str) -> int:
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
