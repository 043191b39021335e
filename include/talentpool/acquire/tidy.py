"""Remove exactly the landed file from a folder, whoever else writes there; close the files that lie there to others.

A file is first taken aside under a name that nobody else uses: what somebody puts under its old name from then on is
another file, and is not touched. Only then its bytes are looked at, and it is removed or put back.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

log = logging.getLogger(__name__)

MARK = ".taken-"
_TOKEN = 32


def remove_exactly(path: Path, sha256: str) -> bool:
    """Remove a file if these are its bytes; whether it is gone. One that cannot be removed is named in the log."""
    aside = path.with_name(f"{MARK}{uuid4().hex}{path.name}")
    try:
        if path.is_symlink() or not path.is_file():
            return not path.is_symlink() and not path.exists()
        path.rename(aside)
    except FileNotFoundError:
        return True
    except OSError as error:
        log.error(
            "收件夹里的一个文件已经入库，但删不掉（%s）；请让收件夹属于运行任务的用户，权限 0700", type(error).__name__
        )
        return False
    if _sha256(aside) == sha256:
        aside.unlink()
        return True
    _put_back(aside, path)
    return False


def put_back_taken(folder: Path) -> None:
    """Files that a killed run had taken aside stand under their names again."""
    for aside in folder.glob(f"{MARK}*"):
        name = aside.name[len(MARK) + _TOKEN :]
        if name:
            _put_back(aside, folder / name)


def close_to_others(path: Path) -> None:
    """Nobody but its owner reads a roster that lies in plain; one that is another user's stays as it is."""
    with suppress(OSError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & 0o700)
            finally:
                os.close(descriptor)


def _put_back(aside: Path, path: Path) -> None:
    """Under its name, or beside the new file of that name as a copy, which is listed and never taken by itself."""
    target, turn = path, 0
    while True:
        try:
            os.link(aside, target)
        except FileExistsError:
            turn += 1
            target = path.with_name(f"{path.stem} ({turn}){path.suffix}")
            continue
        aside.unlink(missing_ok=True)
        return


def _sha256(path: Path) -> str:
    """'' for a file that cannot be read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
