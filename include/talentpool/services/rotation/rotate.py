"""Rotate keys (`keys rotate`): a new envelope key, data keys wrapped anew, and on request new data keys.

Every step is written down, so that a killed rotation is gone on with. What was sealed before opens at every moment.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.deliveries.delivery_state import ON_ITS_WAY, State
from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.envelope import is_address
from talentpool.guard.sources import KeySource, envelope_id, new_text, version
from talentpool.model import delivery, key_check, key_rotation
from talentpool.services.rotation.envelope import alone, rewrap, unfinished
from talentpool.services.rotation.records import Resealed, reseal_all


@dataclass(frozen=True)
class Rotated:
    """What this run did. `waiting`: deliveries that are not published yet and keep their data key;
    `refused`: records that no key opened, each in the audit log."""

    rotation_id: int
    key_id: str
    resumed: bool
    rewrapped: int
    resealed: int
    deliveries: int
    refused: int
    waiting: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rotate(
    engine: sa.Engine,
    keys: KeyRing,
    source: KeySource,
    *,
    by: str,
    reason: str,
    records: bool = False,
    to: str | None = None,
) -> Rotated:
    """Rotate, or go on with the rotation that a killed process left. `to`: the address of a key in a KMS.

    UsageError when another process rotates, or when keys are kept where we cannot write and the new one is not there.
    """
    if not by.strip() or not reason.strip():
        raise UsageError("a rotation must name who asks for it (--by) and why (--reason)")
    if to is not None and not is_address(to):
        raise UsageError("--to names a key in a KMS: aws-kms://..., gcp-kms://... or hcvault://...")
    with alone(engine):
        with engine.connect() as conn:
            found = unfinished(conn)
        if found and to is not None:
            raise UsageError("a rotation is not finished yet; finish it without --to, then rotate to that key")
        number = (
            found.rotation_id if found else _begin(engine, keys, source, by=by, reason=reason, records=records, to=to)
        )
        if found and records and not found.with_records:
            _with_records(engine, number)
        with engine.connect() as conn:
            rotation = conn.execute(sa.select(key_rotation).where(key_rotation.c.rotation_id == number)).one()
        keys.check(engine)  # the new key is known now
        rewrapped = rewrap(engine, keys, number)
        done = reseal_all(engine, keys, number, rotation.up_to) if rotation.with_records else Resealed()
        waiting = _end(engine, rotation, by=by, reason=reason, refused=done.refused)
    return Rotated(
        number, rotation.key_id, found is not None, rewrapped, done.records, done.deliveries, done.refused, waiting
    )


def _begin(
    engine: sa.Engine, keys: KeyRing, source: KeySource, *, by: str, reason: str, records: bool, to: str | None
) -> int:
    """The key first, then the database learns of it: what is wrapped with it can always be opened."""
    with engine.connect() as conn:
        known = max(version(key_id) for key_id in conn.scalars(sa.select(key_check.c.key_id)))
    key_id = envelope_id(known + 1)
    laid_down = source.read(key_id) is not None
    if laid_down and to is not None:
        raise UsageError(f"key {key_id!r} exists already ({source.where(key_id)}); rotate to it without --to")
    if not laid_down:
        source.write(key_id, to or new_text())
    anew = keys.envelope(key_id)
    proof = b"talentpool key rotation"
    if anew.decrypt(anew.encrypt(proof, proof), proof) != proof:
        raise UsageError(f"key {key_id!r} cannot decrypt what it encrypts; nothing was changed")
    with engine.begin() as conn:
        conn.execute(insert(key_check), {"key_id": key_id, "fingerprint": keys.fingerprint(key_id)})
        newest = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(delivery.c.delivery_id), 0)))
        number: int = conn.execute(
            key_rotation.insert().returning(key_rotation.c.rotation_id),
            {"key_id": key_id, "with_records": records, "up_to": newest, "actor": by, "reason": reason},
        ).scalar_one()
        audit(conn, "key_use", f"key:{key_id}", actor=by, reason=reason,
              details={"what": "rotation began", "rotation": number, "records": records})  # fmt: skip
    return number


def _with_records(engine: sa.Engine, number: int) -> None:
    with engine.begin() as conn:
        newest = sa.select(sa.func.coalesce(sa.func.max(delivery.c.delivery_id), 0)).scalar_subquery()
        conn.execute(
            key_rotation.update().where(key_rotation.c.rotation_id == number).values(with_records=True, up_to=newest)
        )


def _end(engine: sa.Engine, rotation: sa.Row, *, by: str, reason: str, refused: int) -> int:
    held = sa.select(sa.func.count()).where(
        delivery.c.delivery_id <= rotation.up_to,
        delivery.c.state.in_((*ON_ITS_WAY, State.HELD)),
    )
    with engine.begin() as conn:
        waiting = (conn.scalar(held) or 0) if rotation.with_records else 0
        counts = conn.execute(
            key_rotation.update()
            .where(key_rotation.c.rotation_id == rotation.rotation_id)
            .values(done_at=sa.func.now())
            .returning(key_rotation.c.rewrapped, key_rotation.c.resealed)
        ).one()
        audit(conn, "key_use", f"key:{rotation.key_id}", actor=by, reason=reason,
              details={"what": "rotation done", "rotation": rotation.rotation_id, "rewrapped": counts.rewrapped,
                       "resealed": counts.resealed, "refused": refused, "waiting": waiting})  # fmt: skip
    return waiting
