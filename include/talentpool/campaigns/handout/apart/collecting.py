"""Collect what was carried from a host apart: each sealed file is taken once, what is wrong with one is said beside it."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.handout.apart.packing import renew
from talentpool.campaigns.handout.apart.taking import take_sealed
from talentpool.campaigns.handout.passes import Holder
from talentpool.errors import UnavailableError, UsageError
from talentpool.handout_host.record import LARGEST, MARKS, SUFFIX
from talentpool.handout_host.store import OUTBOX
from talentpool.model import handout_sealed
from talentpool.office import Office
from talentpool.private_files import replace
from talentpool.settings import Settings

log = logging.getLogger(__name__)

TAKEN, REFUSED = "taken", "refused"
SETTLE_SECONDS = 2
"""A file younger than this may still be growing; it waits for the next run."""
MOST_FILES = 20_000
"""In one run."""
LONGEST = 400
"""Bytes of what is said beside a file that was set aside."""
KEPT_DAYS = 30
"""What was taken is deleted after so many days; what was set aside stays until somebody has looked."""
WORDS = {
    "row_unknown": "名单上没有这一行", "row_settled": "已另有登记", "row_corrected": "已更正",
    "row_elsewhere": "已在另一份名单上", "row_withdrawn": "信息已停止使用",
    "handed_before": "此前已登记领取", "reserve_empty": "预留已发完",
    "other_county": "别的区县", "signature_missing": "没有签收人",
}  # fmt: skip
OTHERWISE = "其他"


@dataclass
class Collected:
    """What came of a run, in counts. `known`: files that were taken before; `waiting`: nobody could judge them now."""

    files: int = 0
    counted: int = 0
    not_counted: int = 0
    known: int = 0
    refused: int = 0
    waiting: int = 0
    packets: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Carried:
    """What came of an event from a host apart. `faults`: in words -> marks that were not counted."""

    marks: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    newest: datetime | None = None

    @property
    def not_counted(self) -> int:
        return sum(self.faults.values())


def carried(conn: sa.Connection, event_id: int) -> Carried:
    """The same, of what was taken by now."""
    of, faults = handout_sealed.c, Counter[str]()
    rows = conn.execute(sa.select(of.lines, of.faults, of.happened_at).where(of.event_id == event_id)).all()
    for row in rows:
        for code, count in row.faults.items():
            faults[WORDS.get(code, OTHERWISE)] += int(count)
    return Carried(sum(row.lines for row in rows), dict(faults), max((row.happened_at for row in rows), default=None))


def set_aside(settings: Settings) -> dict[str, int]:
    """Why files were set aside -> how many, of all events: who sealed one that does not open is not known."""
    refused = settings.handout_dir / OUTBOX / REFUSED
    told: Counter[str] = Counter()
    for path in sorted(refused.glob(f"*{SUFFIX}"))[:MOST_FILES] if _is_ours(refused) else ():
        with suppress(OSError, UnicodeDecodeError):  # what a host put there is none of ours
            told[_read(path.with_suffix(".txt"), LONGEST).decode().strip()] += 1
    return dict(told)


def collect_sealed(office: Office, still: Callable[[Holder], bool]) -> Collected:
    """Take what lies in the outbox, then write the packets anew by what is known now. `still`: as of take_sealed()."""
    outbox, done = office.settings.handout_dir / OUTBOX, Collected()
    for path in sorted(outbox.glob(f"*{SUFFIX}"))[:MOST_FILES] if outbox.is_dir() else ():
        if path.is_symlink() or not path.is_file():
            continue
        try:
            if time.time() - max(path.stat().st_mtime, path.stat().st_ctime) >= SETTLE_SECONDS:
                _take(office, path, still, done)
        except FileNotFoundError:  # another run was faster
            continue
        except OSError as error:  # of another login, say: it stops no other file
            log.warning("a sealed file could not be taken (%s)", error.strerror)
            done.waiting += 1
    _let_go(outbox / TAKEN)
    done.packets = renew(office).renewed
    return done


def _is_ours(place: Path) -> bool:
    """Whether it is a folder, and no link that somebody's host put in its place."""
    return place.is_dir() and not place.is_symlink()


def _own_place(place: Path) -> Path:
    if place.is_symlink():
        place.unlink()
    place.mkdir(exist_ok=True)
    return place


def _take(office: Office, path: Path, still: Callable[[Holder], bool], done: Collected) -> None:
    data = _read(path)
    name = hashlib.sha256(data).hexdigest()[:32]  # what somebody called it is neither read nor kept
    try:
        taken = take_sealed(office, data, still)
    except UnavailableError:
        done.waiting += 1
        return
    except UsageError as error:
        place = _own_place(path.parent / REFUSED)
        replace(place / f"{name}.txt", f"{error}\n".encode())
        path.rename(place / f"{name}{SUFFIX}")
        done.refused += 1
        return
    place = _own_place(path.parent / TAKEN)
    path.rename(place / f"{name}{SUFFIX}")
    for suffix in (".txt", SUFFIX):  # set aside before, and right by now
        (path.parent / REFUSED / f"{name}{suffix}").unlink(missing_ok=True)
    done.files += 1
    done.known += taken.known
    if taken.kind == MARKS:
        done.counted += taken.counted
        done.not_counted += sum(taken.faults.values())


def _read(path: Path, most: int = LARGEST) -> bytes:
    """The bytes, no more than a record may have and one; links are not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(most + 1)


def _let_go(place: Path) -> None:
    before = time.time() - KEPT_DAYS * 86400
    for path in place.iterdir() if place.is_dir() and not place.is_symlink() else ():
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
