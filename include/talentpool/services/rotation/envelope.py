"""List envelope keys, wrap data keys anew under the newest, and destroy one that nothing needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.envelope import is_address
from talentpool.guard.keys import FOR_EVER
from talentpool.guard.sources import KeySource, version
from talentpool.locks import ROTATION_LOCK, try_hold
from talentpool.model import delivery, key_check, key_rotation

AT_ONCE = 200


@dataclass(frozen=True)
class KeyState:
    """A key as the database knows it. `deliveries`: whose data keys it wraps; `rotated`: how, if at all."""

    key_id: str
    fingerprint: str
    rotated: str
    current: bool = False
    kept: str = "local"
    deliveries: int = 0


@dataclass(frozen=True)
class Destroyed:
    """An envelope key that is gone, and how many data keys were wrapped anew for that."""

    key_id: str
    rewrapped: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def listed(conn: sa.Connection, keys: KeyRing) -> list[KeyState]:
    """Every key, the envelope keys first and in order."""
    counted = sa.select(delivery.c.wrapped_by, sa.func.count()).group_by(delivery.c.wrapped_by)
    uses: dict[str, int] = {row.wrapped_by: row[1] for row in conn.execute(counted)}
    known = conn.execute(sa.select(key_check.c.key_id, key_check.c.fingerprint)).all()
    found = []
    for key_id, print_ in sorted(known, key=lambda row: (not version(row[0]), version(row[0]), row[0])):
        if version(key_id):
            kept = "kms" if is_address(keys.text(key_id)) else "local"
            how = "keys rotate"
            found.append(KeyState(key_id, print_, how, key_id == keys.current, kept, uses.get(key_id, 0)))
        else:
            found.append(KeyState(key_id, print_, "never" if key_id in FOR_EVER else "not built"))
    return found


def unfinished(conn: sa.Connection) -> sa.Row | None:
    """The rotation that waits to be gone on with."""
    return conn.execute(
        sa.select(key_rotation).where(key_rotation.c.done_at.is_(None)).order_by(key_rotation.c.rotation_id).limit(1)
    ).one_or_none()


@contextmanager
def alone(engine: sa.Engine) -> Iterator[None]:
    """One rotation at a time; UsageError for a second one. A killed one lets go with its connection."""
    with engine.connect() as conn:
        if not try_hold(conn, ROTATION_LOCK):
            raise UsageError("keys of this database are being rotated by another process; wait until it has ended")
        try:
            yield
        finally:
            conn.rollback()


def rewrap(engine: sa.Engine, keys: KeyRing, rotation_id: int | None, *, only: str | None = None) -> int:
    """Wrap every data key (those under `only`) with the current envelope key, some in a transaction; returns how many.

    The data keys stay, so that whoever works with one goes on undisturbed.
    """
    under = delivery.c.wrapped_by == only if only else delivery.c.wrapped_by != keys.current
    waiting = sa.select(delivery.c.delivery_id, delivery.c.wrapped_key, delivery.c.wrapped_by).where(under)
    done = 0
    while True:
        with engine.begin() as conn:
            # a publication holds its delivery's row for a while: the others first
            rows = conn.execute(waiting.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
            rows = rows or conn.execute(waiting.limit(1).with_for_update()).all()
            if not rows:
                return done
            for row in rows:
                anew = keys.wrap(keys.unwrap(row.wrapped_key, row.wrapped_by))
                conn.execute(delivery.update().where(delivery.c.delivery_id == row.delivery_id).values(anew.columns()))
            if rotation_id is not None:
                conn.execute(
                    key_rotation.update()
                    .where(key_rotation.c.rotation_id == rotation_id)
                    .values(rewrapped=key_rotation.c.rewrapped + len(rows))
                )
            done += len(rows)


def destroy(engine: sa.Engine, keys: KeyRing, source: KeySource, key_id: str, *, by: str, reason: str) -> Destroyed:
    """Destroy an envelope key that was replaced, once nothing in the database needs it.

    Backups of the database from before its rotation never open again. UsageError when it is in use, and when it is kept
    where only its keeper can remove it; the database has forgotten it by then.
    """
    with alone(engine):
        with engine.connect() as conn:
            known = set(conn.scalars(sa.select(key_check.c.key_id)))
            going_on = unfinished(conn)
        if not version(key_id) or not (key_id in known or source.read(key_id)):
            raise UsageError(f"there is no envelope key {key_id!r}; `talentpool keys list` names them")
        if key_id == keys.current:
            raise UsageError(f"key {key_id!r} is in use; `talentpool keys rotate` replaces it first")
        if going_on is not None:
            raise UsageError("a rotation is not finished; `talentpool keys rotate` goes on with it")
        # who had opened the keys before the rotation may have wrapped with the old one since
        rewrapped = rewrap(engine, keys, None, only=key_id)
        try:
            with engine.begin() as conn:
                conn.execute(
                    key_check.delete().where(key_check.c.key_id == key_id)
                )  # the foreign key refuses when used
                audit(conn, "key_use", f"key:{key_id}", actor=by, reason=reason, details={"what": "destroyed"})
        except IntegrityError:
            raise UsageError(f"key {key_id!r} was used again this moment; try again") from None
        source.destroy(key_id)
    return Destroyed(key_id, rewrapped)
