"""Take receipts out of drop folders: one a sender under the deployment's folder (TALENTPOOL_RECEIPTS), named by its code.

A file is taken once: claimed under a name of ours, looked at, then moved to `taken` or `refused` beside what is wrong with it.
A run that was killed finds what it had claimed. Names that somebody gave a file are neither read nor kept.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from talentpool.campaigns.collecting.senders import Sender, senders
from talentpool.campaigns.collecting.sent import LARGEST, Sent, take_sent
from talentpool.office import Office
from talentpool.private_files import replace

TAKEN, REFUSED, CLAIMED = "taken", "refused", ".claimed-"
SETTLE_SECONDS = 2
"""A file younger than this may still be growing; it waits for the next run."""
MOST_FILES = 200
"""Of one folder in one run."""
KEPT_DAYS = 30
"""What was taken or refused is deleted after so many days: people's names stand in it."""


@dataclass
class Collected:
    """What came of a run, in counts. `strangers`: folders of nobody on record, which were not opened."""

    files: int = 0
    rows: int = 0
    to_mend: int = 0
    refused: int = 0
    strangers: int = 0
    unreachable: list[str] = field(default_factory=list)

    def count(self, sent: Sent) -> None:
        """One more file."""
        self.files += 1
        if sent.returned is None:
            self.refused += 1
        else:
            self.rows += sent.returned.taken
            self.to_mend += len(sent.returned.told)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def collect_folders(office: Office, today: date) -> Collected:
    """Take what lies in the senders' folders. What the database cannot take now stays claimed for the next run."""
    root, done = office.settings.receipts_dir, Collected()
    with office.engine.connect() as conn:
        known = senders(conn, office.settings, today)
    if not root.is_dir():
        return done
    for folder in sorted(root.iterdir()):
        if folder.is_symlink() or not folder.is_dir():
            continue
        if folder.name not in known:
            done.strangers += 1
            continue
        for claimed in _claimed(folder):
            _take(office, known[folder.name], folder, claimed, today, done)
        _let_go(folder)
    return done


def _claimed(folder: Path) -> Iterator[Path]:
    """The folder's files, each renamed before it is read: what is put under its old name from then on is another file."""
    now = time.time()
    for path in sorted(folder.iterdir())[:MOST_FILES]:
        if path.is_symlink() or not path.is_file():
            continue
        if path.name.startswith(CLAIMED):
            yield path
        elif not path.name.startswith(".") and now - max(path.stat().st_mtime, path.stat().st_ctime) >= SETTLE_SECONDS:
            claimed = folder / f"{CLAIMED}{uuid4().hex}"
            with suppress(FileNotFoundError):  # another run was faster
                path.rename(claimed)
                yield claimed


def _take(office: Office, sender: Sender, folder: Path, claimed: Path, today: date, done: Collected) -> None:
    data = _read(claimed)
    sent = take_sent(office, data, sender, today=today, via="folder")
    place = folder / (REFUSED if sent.returned is None else TAKEN)
    place.mkdir(exist_ok=True)
    name = f"{today:%Y%m%d}_{hashlib.sha256(data).hexdigest()[:16]}"
    if sent.returned is None:
        replace(place / f"{name}.txt", f"{sent.refused}\n".encode())
    elif sent.returned.sheet is not None:
        replace(place / f"{name}_需更正.xlsx", sent.returned.sheet)
    claimed.rename(place / f"{name}.xlsx")
    done.count(sent)


def _read(path: Path) -> bytes:
    """The bytes, no more than a sheet may have and one; links are not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read(LARGEST + 1)


def _let_go(folder: Path) -> None:
    """Delete what was taken or refused long ago."""
    before = time.time() - KEPT_DAYS * 86400
    for name in (TAKEN, REFUSED):
        place = folder / name
        for path in place.iterdir() if place.is_dir() and not place.is_symlink() else ():
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
