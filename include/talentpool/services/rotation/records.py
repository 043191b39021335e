"""Seal records anew: a fresh data key for a delivery, then its records in bounded batches.

While a delivery is at it, its former data key is kept under the new one, and a reader tries both. A batch holds the
lock of publications: no version of its records can move from the live table to history between two looks. Salts stay
as they are, so that an erasure keeps reaching every backup, and old backups of the database fit the newest keys.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.errors import TamperedError
from talentpool.guard import KeyRing
from talentpool.guard.cipher import open_record, reseal, wrap_former
from talentpool.guard.personal import Opener, refuse, sealed_with_salt
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import (
    delivery,
    key_rotation,
    quarantine,
    record_salt,
    remembered_value,
    source_record,
    source_record_history,
)

log = logging.getLogger(__name__)

RECORDS = 1_000
"""Record ids in a batch: some tenths of a second in which nothing is published."""
_KEYS = {
    source_record: ("partner", "record_id"),
    source_record_history: ("partner", "record_id", "valid_from"),
    quarantine: ("delivery_id", "row_no", "code"),
    remembered_value: ("value_id",),
}


@dataclass
class Resealed:
    """Records sealed anew, deliveries done with, and records that no key opened: they stay as they are."""

    records: int = 0
    deliveries: int = 0
    refused: int = 0


def reseal_all(engine: sa.Engine, keys: KeyRing, rotation_id: int, up_to: int) -> Resealed:
    """Every published delivery up to `up_to` that this rotation has not done yet, one after the other."""
    done = Resealed()
    of_this = delivery.c.resealed_in.is_distinct_from(rotation_id)
    todo = sa.select(delivery.c.delivery_id).where(
        delivery.c.delivery_id <= up_to,
        delivery.c.state == State.PUBLISHED,
        sa.or_(of_this, delivery.c.former_key.is_not(None)),
    )
    kept: list[int] = []
    while True:
        with engine.connect() as conn:
            left = todo.where(delivery.c.delivery_id.not_in(kept)).order_by(delivery.c.delivery_id)
            number = conn.scalar(left.limit(1))
        if number is None:
            return done
        _begin(engine, keys, number, rotation_id)
        refused = done.refused
        last: UUID | None = UUID(int=0)
        while last is not None:
            last = _batch(engine, keys, number, last, rotation_id, done)
        if done.refused > refused:
            kept.append(number)  # what did not open here may open where it belongs: its key stays
        else:
            with engine.begin() as conn:
                conn.execute(delivery.update().where(delivery.c.delivery_id == number).values(former_key=None))
        done.deliveries += 1
        log.info("delivery %d: records sealed anew (%d so far)", number, done.records)


def _begin(engine: sa.Engine, keys: KeyRing, number: int, rotation_id: int) -> None:
    """Give the delivery a fresh data key and keep the former; nothing when a killed run did so."""
    with engine.begin() as conn:
        row = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == number).with_for_update()).one()
        if row.former_key is None:
            fresh = keys.new_data_key()
            former = wrap_former(fresh.plain, keys.unwrap(row.wrapped_key, row.wrapped_by))
            conn.execute(
                delivery.update()
                .where(delivery.c.delivery_id == number)
                .values(fresh.columns() | {"former_key": former, "resealed_in": rotation_id})
            )
        elif row.resealed_in != rotation_id:  # only after a rotation was ended by hand
            conn.execute(delivery.update().where(delivery.c.delivery_id == number).values(resealed_in=rotation_id))


def _batch(engine: sa.Engine, keys: KeyRing, number: int, after: UUID, rotation_id: int, done: Resealed) -> UUID | None:
    """Seal some records anew in all tables that hold them; the last one's id, None when there were none left."""
    salt = record_salt
    with engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        records = conn.scalars(
            sa.select(salt.c.record_id)
            .where(salt.c.delivery_id == number, salt.c.record_id > after)
            .distinct()
            .order_by(salt.c.record_id)
            .limit(RECORDS)
        ).all()
        if not records:
            return None
        opener, count = Opener(keys), 0
        for table in _KEYS:
            count += _reseal(conn, opener, table, number, records, done)
        conn.execute(
            key_rotation.update()
            .where(key_rotation.c.rotation_id == rotation_id)
            .values(resealed=key_rotation.c.resealed + count)
        )
    done.records += count
    return records[-1]


def _reseal(
    conn: sa.Connection, opener: Opener, table: sa.Table, number: int, records: Sequence[UUID], done: Resealed
) -> int:
    names = _KEYS[table]
    query = sealed_with_salt(table, *(table.c[name].label(f"key_{name}") for name in names))
    anew = []
    for row in conn.execute(query.where(table.c.delivery_id == number, table.c.record_id.in_(records))).all():
        newest, *former = opener.data_keys(row)
        salt, record, sealed = bytes(row.salt), row.record_id.bytes, bytes(row.sealed)
        if not former or _opens(newest, salt, record, sealed):
            continue  # a killed run did it
        try:
            fresh = reseal(former[0], newest, salt, record, sealed)
        except TamperedError as error:
            refuse(conn, row.record_id, number, str(error))
            done.refused += 1
            continue
        anew.append({f"key_{name}": getattr(row, f"key_{name}") for name in names} | {"fresh": fresh})
    if anew:
        where = (table.c[name] == sa.bindparam(f"key_{name}") for name in names)
        conn.execute(table.update().where(*where).values(sealed=sa.bindparam("fresh")), anew)
    return len(anew)


def _opens(data_key: bytes, salt: bytes, record: bytes, sealed: bytes) -> bool:
    try:
        open_record(data_key, salt, record, sealed)
    except TamperedError:
        return False
    return True
