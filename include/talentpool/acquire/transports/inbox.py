"""A folder where an officer drops files; the as-of date is in the file's name."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.manifest import MAX_BYTES, SUFFIX
from talentpool.acquire.transports import Offer, as_of_date
from talentpool.declare import Declaration, anchored_pattern
from talentpool.errors import UnavailableError

CHUNK = 1024 * 1024
SETTLE_SECONDS = 2
"""A file younger than this may still be growing; it waits for the next run."""


class Options(Declaration):
    """`file_name` holds a group (?P<as_of>YYYYMMDD)."""

    kind: Literal["inbox"]
    connection: str
    file_name: str = r"^roster_\w+?_(?P<as_of>\d{8})(_\d{2})?\.(csv|xlsx)$"

    @field_validator("file_name")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        return anchored_pattern(pattern)


@contextmanager
def waiting(options: Options, connection: Connection) -> Iterator[Iterator[Offer]]:
    """Offers of the inbox, oldest as-of first. UnavailableError when the folder is not there."""
    place = str(connection.extra.get("path") or connection.host)
    if not place or not Path(place).is_dir():
        raise UnavailableError(f"inbox of connection {connection.conn_id!r} is not a folder; set its path")
    try:
        offers = sorted(_offers(options, Path(place)), key=lambda offer: (offer.as_of, offer.name))
    except OSError as error:
        raise UnavailableError(
            f"inbox of connection {connection.conn_id!r} cannot be read ({type(error).__name__}); try again later"
        ) from error
    yield iter(offers)


def _offers(options: Options, folder: Path) -> Iterator[Offer]:
    pattern = re.compile(options.file_name)
    for path in folder.iterdir():
        matched = pattern.fullmatch(path.name)
        if not matched or not path.is_file() or path.is_symlink():
            continue
        as_of = as_of_date(matched["as_of"])
        if as_of is None:
            continue
        stat = path.stat()
        if time.time() - stat.st_mtime < SETTLE_SECONDS:
            continue
        beside = path.with_name(path.name + SUFFIX)
        manifest = None
        if beside.is_file() and not beside.is_symlink():
            with beside.open("rb") as file:
                manifest = file.read(MAX_BYTES)
        mark = hashlib.sha256(manifest or b"").hexdigest()[:16]
        yield Offer(
            name=path.name,
            as_of=as_of,
            offer_id=f"{path.name}@{mark}@{stat.st_size}@{stat.st_mtime_ns}",
            manifest=manifest,
            chunks=partial(read_chunks, path),
        )


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a local file; UnavailableError when it cannot be read, or changes under the reader."""
    try:
        with path.open("rb") as file:
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
