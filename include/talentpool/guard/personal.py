"""Open the sealed records of given record ids, for the memory of one task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.guard.cipher import Personal, open_record
from talentpool.guard.keys import KeyRing
from talentpool.model import delivery, quarantine, record_salt, source_record, source_record_history

BATCH = 5_000


def open_personal(
    conn: sa.Connection, keys: KeyRing, record_ids: Sequence[UUID], *, at: date | None = None
) -> dict[UUID, Personal]:
    """Personal values by record id: of the live version, or of the one valid on `at`.

    A record without a salt was erased, one without a version on the date is unknown; both are left out.
    """
    opened: dict[UUID, Personal] = {}
    data_keys: dict[int, bytes] = {}
    for start in range(0, len(record_ids), BATCH):
        batch = list(record_ids[start : start + BATCH])
        for row in conn.execute(_sealed(batch, at)):
            if row.delivery_id not in data_keys:
                data_keys[row.delivery_id] = keys.unwrap(row.wrapped_key)
            opened[row.record_id] = open_record(
                data_keys[row.delivery_id], bytes(row.salt), row.record_id.bytes, bytes(row.sealed)
            )
    return opened


def _sealed(batch: list[UUID], at: date | None) -> sa.Select:
    live, past = source_record, source_record_history
    columns = ("record_id", "delivery_id", "sealed", "valid_from")
    version = sa.select(*(live.c[name] for name in columns)).where(live.c.record_id.in_(batch))
    if at is None:
        found = version.subquery()
    else:
        both = sa.union_all(
            version.where(live.c.valid_from <= at),
            sa.select(*(past.c[name] for name in columns)).where(
                past.c.record_id.in_(batch), past.c.valid_from <= at, past.c.valid_to > at
            ),
        ).subquery()
        found = (
            sa.select(both)
            .ext(distinct_on(both.c.record_id))
            .order_by(both.c.record_id, both.c.valid_from.desc())
            .subquery()
        )
    return (
        sa.select(found.c.record_id, found.c.delivery_id, found.c.sealed, delivery.c.wrapped_key, record_salt.c.salt)
        .join(delivery, delivery.c.delivery_id == found.c.delivery_id)
        .join(
            record_salt,
            sa.and_(record_salt.c.delivery_id == found.c.delivery_id, record_salt.c.record_id == found.c.record_id),
        )
        .where(found.c.sealed.is_not(None))
    )


def open_every_version(
    conn: sa.Connection, keys: KeyRing, record_ids: Sequence[UUID]
) -> Iterator[tuple[UUID, Personal]]:
    """Every sealed version of some records that still opens: live, replaced, and set aside."""
    salt, parts = record_salt, []
    for table in (source_record, source_record_history, quarantine):
        same = sa.and_(salt.c.delivery_id == table.c.delivery_id, salt.c.record_id == table.c.record_id)
        if table is quarantine:
            same = sa.and_(same, salt.c.row_no == table.c.row_no)
        parts.append(
            sa.select(table.c.record_id, table.c.sealed, salt.c.salt, delivery.c.wrapped_key)
            .join(salt, same)
            .join(delivery, delivery.c.delivery_id == table.c.delivery_id)
            .where(table.c.record_id.in_(record_ids), table.c.sealed.is_not(None))
        )
    for row in conn.execute(sa.union(*parts)):
        key = keys.unwrap(row.wrapped_key)
        yield row.record_id, open_record(key, bytes(row.salt), row.record_id.bytes, bytes(row.sealed))
