"""Take receipts out of drop folders: one a sender under the deployment's folder (TALENTPOOL_RECEIPTS), named by its code.

A file is taken once: claimed under a name of ours if it can be read, looked at, then moved to `taken` or `refused` beside what is
wrong with it. A run that was killed finds what it had claimed. Names that somebody gave a file are neither read nor kept.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from talentpool.campaigns.collecting import places
from talentpool.campaigns.collecting.senders import Sender, senders
from talentpool.campaigns.collecting.sent import LARGEST, Sent, take_sent
from talentpool.office import Office
from talentpool.private_files import replace_within

log = logging.getLogger(__name__)

TAKEN, REFUSED = "taken", "refused"
SETTLE_SECONDS = 2
"""A file younger than this may still be growing; it waits for the next run."""
MOST_FILES = 200
"""Of one folder in one run."""
THEIRS = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)
"""What a folder says in which rights lack, or something else is put meanwhile; all the rest is the office's disk or system."""
KEPT_DAYS = 30
"""What was taken or refused is deleted after so many days: people's names stand in it."""


@dataclass
class Collected:
    """What came of a run, in counts. `strangers`: folders of nobody on record, of which no sheet was opened; `stuck`: senders of
    whom something may not be read or moved; `ill`: what ails the office's own machine, in its system's words, whosever turn it
    was. The next run tries both again."""

    files: int = 0
    rows: int = 0
    to_mend: int = 0
    refused: int = 0
    strangers: int = 0
    unreachable: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ill: list[str] = field(default_factory=list)

    def count(self, sent: Sent) -> None:
        """One more file."""
        self.files += 1
        if sent.returned is None:
            self.refused += 1
        else:
            self.rows += sent.returned.taken
            self.to_mend += len(sent.returned.told)

    def tell(self, code: str, error: OSError, *, ours: bool = False) -> None:
        """Something did not go in the turn of a sender, whose fault it is by THEIRS alone. The error's
        text has the name of a file in it. `ours`: it happened outside of that folder."""
        said = error.strerror or type(error).__name__
        log.warning("回执收件夹 %s：有文件没有收（%s）", code, said)
        found, what = (self.stuck, code) if not ours and error.errno in THEIRS else (self.ill, said)
        if what not in found:
            found.append(what)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def collect_folders(office: Office, today: date) -> Collected:
    """Take what lies in the senders' folders. What the database cannot take now stays claimed for the next run."""
    root, done = office.settings.receipts_dir, Collected()
    with office.engine.connect() as conn:
        known = senders(conn, office.settings, today)
    if not root.is_dir():
        return done
    try:
        paths = sorted(root.iterdir())
    except OSError as error:
        done.tell("", error, ours=True)
        return done
    for path in paths:
        sender = known.get(path.name)
        if path.is_symlink() or not path.is_dir():
            continue
        done.strangers += sender is None
        try:
            with places.opened(path) as folder:
                if sender is not None:
                    _take_all(office, sender, folder, today, done)
                _let_go(folder)
        except OSError as error:  # one sender's folder holds back no other's
            if sender is not None or error.errno not in THEIRS:
                done.tell(sender.code if sender else "", error)
    return done


def _take_all(office: Office, sender: Sender, folder: int, today: date, done: Collected) -> None:
    for name in _waiting(folder):
        try:
            claimed = name if name.startswith(places.CLAIMED) else places.claim(folder, name)
            _take(office, sender, folder, claimed, today, done)
        except FileNotFoundError:  # another run was faster
            continue
        except OSError as error:
            done.tell(sender.code, error)


def _waiting(folder: int) -> Iterator[str]:
    """The folder's files, as many as one run takes. Hidden ones are nobody's sheet, but those that a run before claimed."""
    now = time.time()
    shown = [name for name in places.names(folder) if name.startswith(places.CLAIMED) or not name.startswith(".")]
    for name in shown[:MOST_FILES]:
        try:
            settled = name.startswith(places.CLAIMED) or places.age(folder, name, now) >= SETTLE_SECONDS
            if settled and places.is_plain(folder, name):
                yield name
        except FileNotFoundError:
            continue


def _take(office: Office, sender: Sender, folder: int, claimed: str, today: date, done: Collected) -> None:
    data = places.read(folder, claimed, LARGEST + 1)
    try:
        sent = take_sent(office, data, sender, today=today, via="folder")
    except OSError as error:  # a process or a file of ours, to read it with
        done.tell(sender.code, error, ours=True)
        return
    name = f"{today:%Y%m%d}_{hashlib.sha256(data).hexdigest()[:16]}"
    with places.own_place(folder, REFUSED if sent.returned is None else TAKEN) as place:
        if sent.returned is None:
            replace_within(place, f"{name}.txt", f"{sent.refused}\n".encode())
        elif sent.returned.sheet is not None:
            replace_within(place, f"{name}_需更正.xlsx", sent.returned.sheet)
        places.move(folder, claimed, place, f"{name}.xlsx")
    done.count(sent)


def _let_go(folder: int) -> None:
    """Delete what was taken or refused long ago, of a sender whose time is over as well."""
    for name in (TAKEN, REFUSED):
        places.let_go(folder, name, time.time() - KEPT_DAYS * 86400)
