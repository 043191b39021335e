"""Keep raw files as delivered (without pictures) in the landing store: named by content, encrypted, expiring.

Any fsspec target: a local folder by default, a bucket in a cluster. What a file is made of, and why no other file can
take its place, stands in landed_file.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import BinaryIO
from uuid import uuid4

import sqlalchemy as sa

from talentpool.acquire import landed_file
from talentpool.acquire.landed_file import CHUNK, Delivered
from talentpool.acquire.manifest import Counted
from talentpool.acquire.pictures import without_pictures
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.holds import in_force, settle
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


def expired(today: date) -> sa.ColumnElement[bool]:
    """In SQL: whether a delivery has a landed file whose day has passed."""
    return sa.and_(delivery.c.expires_on < today, delivery.c.landed_url.is_not(None))


def finished() -> sa.ColumnElement[bool]:
    """In SQL: what is unfinished or held keeps its landed file, from which it is staged again."""
    return delivery.c.state.in_((State.PUBLISHED, State.REJECTED))


def expire_landed(engine: sa.Engine, today: date) -> int:
    """Let go of landed files past their day and not under legal hold; returns of how many deliveries."""
    with engine.begin() as conn:
        settle(conn)
        return let_go_within(conn, sa.and_(expired(today), ~in_force(conn, today).of_landed()))


def let_go(engine: sa.Engine, partners: Sequence[str], today: date) -> int:
    """Let go of every landed file of some partners before its day (somebody on them is erased); returns how many. Those under
    legal hold stay."""
    with engine.begin() as conn:
        settle(conn)
        return let_go_within(conn, sa.and_(delivery.c.partner.in_(partners), ~in_force(conn, today).of_landed()))


def let_go_within(conn: sa.Connection, which: sa.ColumnElement[bool], most: int | None = None) -> int:
    """Let go of the landed files of finished deliveries, the oldest first and `most` at once. A file that several deliveries
    brought goes with the last of them; it goes before the commit: one that cannot be deleted stays known.
    """
    due = (
        sa.select(delivery.c.delivery_id, delivery.c.landed_url)
        .where(which, delivery.c.landed_url.is_not(None), finished())
        .order_by(delivery.c.delivery_id)
        .limit(most)
        .with_for_update()
    )
    rows = conn.execute(due).all()
    for row in rows:
        conn.execute(delivery.update().where(delivery.c.delivery_id == row.delivery_id).values(landed_url=None))
    for url in {row.landed_url for row in rows}:
        _unlink(conn, url)
    return len(rows)


def strays(settings: Settings, conn: sa.Connection, before: datetime) -> list[str]:
    """Landed files, whole or half written, of which no delivery speaks and which nobody has written to since `before`: a killed
    run left them."""
    from upath import UPath

    root = UPath(settings.landing_url)
    urls = conn.scalars(sa.select(delivery.c.landed_url).where(delivery.c.landed_url.is_not(None)))
    known = {tuple(url.rsplit("/", 2)[-2:]) for url in urls}
    if not root.exists():
        return []
    files = [file for folder in root.iterdir() if folder.is_dir() for file in folder.iterdir()]
    ours = [
        file for file in files if file.name.endswith((".tpl", ".part")) and (file.parent.name, file.name) not in known
    ]
    return sorted(str(file) for file in ours if file.stat().st_mtime < before.timestamp())


def discard(engine: sa.Engine, url: str) -> None:
    """Delete a landed file, unless a delivery's row speaks of it."""
    with engine.connect() as conn:
        _unlink(conn, url)


def _unlink(conn: sa.Connection, url: str) -> None:
    from upath import UPath

    if not conn.scalar(sa.select(sa.exists().where(delivery.c.landed_url == url))):
        with suppress(FileNotFoundError):
            UPath(url).unlink()
