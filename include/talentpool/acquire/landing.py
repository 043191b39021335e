"""Keep raw files as delivered (without pictures) in the landing store: named by content, encrypted, expiring.

Any fsspec target: a local folder by default, a bucket in a cluster. What a file is made of, and why no other file can
take its place, stands in landed_file.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import BinaryIO
from uuid import uuid4

import sqlalchemy as sa

from talentpool.acquire import landed_file
from talentpool.acquire.landed_file import CHUNK, Delivered
from talentpool.acquire.manifest import Counted
from talentpool.acquire.pictures import without_pictures
from talentpool.deliveries.delivery_state import State
from talentpool.errors import TamperedError, UnavailableError
from talentpool.guard import KeyRing
from talentpool.model import delivery
from talentpool.settings import Settings


def land(
    settings: Settings, keys: KeyRing, partner: str, chunks: Iterator[bytes], check: Callable[[Counted], None]
) -> tuple[str, Counted]:
    """Write `chunks` encrypted and without pictures; returns (url, size and hash as delivered). `check` runs before the
    file takes its place.

    The file is written under a name of its own and renamed to its content's, so a half-written one is never found.
    """
    from upath import UPath

    folder = UPath(settings.landing_url) / partner
    counted = Counted()
    part = folder / f".{uuid4().hex}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            plain = without_pictures(counted.counting(chunks))
            landed_file.write(file, keys.key("landing"), partner, plain, counted)
        check(counted)
        whole = folder / f"{counted.sha256}.tpl"
        if whole.exists() and _is_intact(keys, str(whole), Delivered(partner, counted.on_record)):
            part.unlink()
        else:  # one that was exchanged or damaged is mended by delivering the file again
            part.rename(whole.path if whole.protocol else whole)
    except OSError as error:
        raise UnavailableError(f"the landing store cannot be written ({type(error).__name__}); check space") from error
    finally:
        with suppress(OSError):
            if part.exists():
                part.unlink()
    return str(whole), counted


def open_landed(keys: KeyRing, url: str, delivered: Delivered) -> BinaryIO:
    """A landed file as a stream of its plain bytes, a chunk at a time. TamperedError, before the first byte, when it is
    not the one that was delivered, and at the chunk that was changed.
    """
    from upath import UPath

    path = UPath(url)
    if not path.exists():
        raise UnavailableError("这份名册的原始文件已不在（到期删除，或被移走）；请合作单位以同一名册日期重新交付")
    return landed_file.read(path.open("rb"), keys.key("landing"), delivered)


def _is_intact(keys: KeyRing, url: str, delivered: Delivered) -> bool:
    try:
        with open_landed(keys, url, delivered) as file:
            while file.read(CHUNK):
                pass
    except TamperedError:
        return False
    return True


def expire_landed(engine: sa.Engine, today: date) -> int:
    """Let go of landed files past their day; returns of how many deliveries."""
    return _let_go(engine, delivery.c.expires_on < today)


def let_go(engine: sa.Engine, partners: Sequence[str]) -> int:
    """Let go of every landed file of some partners before its day (somebody on them is erased); returns how many."""
    return _let_go(engine, delivery.c.partner.in_(partners))


def _let_go(engine: sa.Engine, which: sa.ColumnElement[bool]) -> int:
    """What is unfinished or held is kept: it is staged from its landed file again. A file that several deliveries
    brought goes with the last of them.
    """
    due = (
        sa.select(delivery.c.delivery_id, delivery.c.landed_url)
        .where(which, delivery.c.landed_url.is_not(None), delivery.c.state.in_((State.PUBLISHED, State.REJECTED)))
        .with_for_update()
    )
    with engine.begin() as conn:
        rows = conn.execute(due).all()
        for row in rows:
            conn.execute(delivery.update().where(delivery.c.delivery_id == row.delivery_id).values(landed_url=None))
        for url in {row.landed_url for row in rows}:  # before the commit: a file that cannot be deleted stays known
            _unlink(conn, url)
    return len(rows)


def discard(engine: sa.Engine, url: str) -> None:
    """Delete a landed file, unless a delivery's row speaks of it."""
    with engine.connect() as conn:
        _unlink(conn, url)


def _unlink(conn: sa.Connection, url: str) -> None:
    from upath import UPath

    if not conn.scalar(sa.select(sa.exists().where(delivery.c.landed_url == url))):
        with suppress(FileNotFoundError):
            UPath(url).unlink()
