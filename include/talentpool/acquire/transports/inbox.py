"""A folder where an officer drops files; the as-of date is in the file's name."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.manifest import SUFFIX
from talentpool.acquire.transports import Offer
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
    folder = Path(str(connection.extra.get("path") or connection.host))
    if not folder.is_dir():
        raise UnavailableError(f"inbox of connection {connection.conn_id!r} is not a folder; set its path")
    yield iter(sorted(_offers(options, folder), key=lambda offer: (offer.as_of, offer.name)))


def _offers(options: Options, folder: Path) -> Iterator[Offer]:
    pattern = re.compile(options.file_name)
    for path in folder.iterdir():
        matched = pattern.match(path.name)
        if not matched or not path.is_file() or path.is_symlink():
            continue
        stat = path.stat()
        if time.time() - stat.st_mtime < SETTLE_SECONDS:
            continue
        beside = path.with_name(path.name + SUFFIX)
        manifest = beside.read_bytes() if beside.is_file() else None
        mark = hashlib.sha256(manifest or b"").hexdigest()[:16]
        yield Offer(
            name=path.name,
            as_of=_as_of(matched["as_of"]),
            offer_id=f"{path.name}@{mark}@{stat.st_size}@{stat.st_mtime_ns}",
            manifest=manifest,
            chunks=partial(read_chunks, path),
        )


def _as_of(digits: str) -> date:
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a local file."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
