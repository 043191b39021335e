"""Read rosters from a folder into which officers drop files; the as-of date is in the file's name.

Every inbox lies under one folder, which the deployment names (TALENTPOOL_INBOX) and no connection can leave. A roster
that was landed is removed from it: people's numbers lie there in plain.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.manifest import MAX_BYTES, SUFFIX, sidecar
from talentpool.acquire.names import Names, Overlooked, is_of_the_system, strangers
from talentpool.acquire.tidy import close_to_others, put_back_taken, remove_exactly
from talentpool.acquire.transports import Offer, Waiting
from talentpool.declare import Declaration, anchored_pattern, transport_options
from talentpool.errors import UnavailableError
from talentpool.settings import Settings

CHUNK = 1024 * 1024
MOST_BELOW = 100
"""Files in folders of the inbox that are named."""
SETTLE_SECONDS = 2
"""A file younger than this may still be growing; it waits for the next run."""


@transport_options
class Options(Declaration):
    """`file_name` holds a group (?P<as_of>YYYYMMDD)."""

    kind: Literal["inbox"]
    connection: str
    file_name: str = r"^roster_\w+?_(?P<as_of>\d{8})(_\d{2})?\.(csv|xlsx)$"

    @field_validator("file_name")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        return anchored_pattern(pattern)


def inbox_folder(settings: Settings, connection: Connection) -> Path:
    """The folder of a connection's inbox, links followed; a relative path lies in the deployment's folder of inboxes.

    UnavailableError when it is no folder, or not in there.
    """
    told = str(connection.extra.get("path") or connection.host)
    folder = within_inboxes(settings, Path(told), connection.conn_id) if told else None
    if folder is None or not folder.is_dir():
        raise UnavailableError(f"inbox of connection {connection.conn_id!r} is not a folder; set its path, mount it")
    return folder


def within_inboxes(settings: Settings, folder: Path, conn_id: str) -> Path:
    """`folder` without links and dots; UnavailableError when that does not lie in the deployment's folder of inboxes."""
    try:
        root = settings.inbox_dir.resolve()
        found = (root / folder).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that cannot be
        found = None
    if found is None or not found.is_relative_to(root):
        raise UnavailableError(
            f"inbox of connection {conn_id!r} lies outside the folder of inboxes (TALENTPOOL_INBOX); nothing was read "
            "or written: correct the connection's path"
        )
    return found


@contextmanager
def waiting(options: Options, connection: Connection, settings: Settings) -> Iterator[Waiting]:
    """Offers of the inbox, oldest as-of first. UnavailableError when the folder is not there, or is no inbox."""
    folder = inbox_folder(settings, connection)
    try:
        put_back_taken(folder)
        offers, overlooked = _look(options, folder)
    except OSError as error:
        raise UnavailableError(
            f"inbox of connection {connection.conn_id!r} cannot be read ({type(error).__name__}); try again later"
        ) from error
    yield Waiting(iter(offers), overlooked)


def _look(options: Options, folder: Path) -> tuple[list[Offer], list[Overlooked]]:
    """Offers, oldest as-of first, and the files that are not taken."""
    names = Names(options.file_name)
    offers, overlooked = [], []
    taken, now = set(), time.time()
    paths = list(folder.iterdir())
    here = {path.name for path in paths}
    for path in paths:
        close_to_others(path)
        as_of = names.as_of(path.name)
        if as_of is None:
            continue
        taken.add(path.name)
        if path.is_symlink() or not path.is_file():
            overlooked.append(names.overlooked(path.name, "not_a_file"))
        elif (settled := _settled(path.stat(), now)) is None:
            overlooked.append(names.overlooked(path.name, "clock_ahead"))
        elif settled:
            offers.append(_offer(path, as_of, here))
    for name, why in strangers(here, (SUFFIX,), taken):
        if (folder / name).is_file() or (folder / name).is_symlink():
            overlooked.append(names.overlooked(name, why))
    overlooked += [names.overlooked(name, "in_folder") for name in _below(folder)]
    return sorted(offers, key=lambda offer: (offer.as_of, offer.name)), overlooked


def _below(folder: Path) -> list[str]:
    """Files in folders of the inbox, by their paths in it; links are not followed."""
    found = []
    for inner, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names) if Path(inner) != folder else ():
            path = Path(inner, name)
            if not is_of_the_system(name) and path.is_file() and not path.is_symlink():
                close_to_others(path)
                found.append(str(path.relative_to(folder)))
        if len(found) >= MOST_BELOW:
            break
    return found[:MOST_BELOW]


def _settled(stat: os.stat_result, now: float) -> bool | None:
    """Whether a file has not been written to for a while; None when no clock can tell.

    Where the time of writing lies ahead (it is the time of another machine's clock), the folder's own counts.
    """
    for moment in (stat.st_mtime, stat.st_ctime):
        if moment <= now + SETTLE_SECONDS:
            return now - moment >= SETTLE_SECONDS
    return None


def _offer(path: Path, as_of: date, here: set[str]) -> Offer:
    stat = path.stat()
    beside = path.with_name(sidecar(path.name, SUFFIX, here) or path.name + SUFFIX)
    manifest = None
    if beside.is_file() and not beside.is_symlink():
        with beside.open("rb") as file:
            manifest = file.read(MAX_BYTES)
    mark = hashlib.sha256(manifest or b"").hexdigest()[:16]
    return Offer(
        name=path.name,
        as_of=as_of,
        offer_id=f"{path.name}@{mark}@{stat.st_size}@{stat.st_mtime_ns}",
        manifest=manifest,
        chunks=partial(read_chunks, path, follow=False),
        clear=partial(_clear, path, beside, manifest),
    )


def _clear(path: Path, beside: Path, manifest: bytes | None, sha256: str) -> bool:
    """Remove a landed file, and then the manifest that came with it; a file that holds anything else by now stays."""
    gone = remove_exactly(path, sha256)
    if gone and manifest is not None:
        remove_exactly(beside, hashlib.sha256(manifest).hexdigest())
    return gone


def read_chunks(path: Path, *, follow: bool = True) -> Iterator[bytes]:
    """The bytes of a local file; UnavailableError when it cannot be read, or changes under the reader.

    `follow`: also where `path` is a link.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | (0 if follow else os.O_NOFOLLOW)), "rb") as file:
            before = os.fstat(file.fileno())
            while chunk := file.read(CHUNK):
                yield chunk
            after = os.fstat(file.fileno())
    except OSError as error:
        raise UnavailableError(
            f"{path.name}: cannot be read ({type(error).__name__}); check its permissions"
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnavailableError(f"{path.name}: it changed while it was read; nothing was taken, try again later")
