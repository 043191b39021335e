"""Open the sealed records of given record ids, for the memory of one task.

What does not open was changed or moved by hand: refused, and written into the audit log at once, whatever becomes of
the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from talentpool.deliveries.record_versions import valid_on
from talentpool.errors import TamperedError
from talentpool.guard.audit import audit_apart
from talentpool.guard.cipher import Personal, open_former, open_record
from talentpool.guard.keys import KeyRing
from talentpool.model import (
    delivery,
    quarantine,
    record_salt,
    remembered_value,
    source_record,
    source_record_history,
)

BATCH = 5_000
DELIVERY_KEYS = (delivery.c.wrapped_key, delivery.c.wrapped_by, delivery.c.former_key)
"""What a query must bring along for an Opener; in one statement with the records, so that they fit."""


class Opener:
    """Opens sealed rows of several deliveries; a delivery whose records are being sealed anew has two data keys."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._known: dict[tuple[bytes, bytes | None], tuple[bytes, ...]] = {}

    def open(self, row: sa.Row) -> Personal:
        """A row of record_id, sealed, salt and DELIVERY_KEYS. TamperedError when no key of its delivery opens it."""
        keys = self.data_keys(row)
        salt, record, sealed = bytes(row.salt), row.record_id.bytes, bytes(row.sealed)
        if len(keys) > 1:
            try:
                return open_record(keys[0], salt, record, sealed)
            except TamperedError:
                pass  # perhaps not its turn yet
        return open_record(keys[-1], salt, record, sealed)

    def data_keys(self, row: sa.Row) -> tuple[bytes, ...]:
        """The delivery's data keys, the newest first."""
        # by what is stored, not by the delivery: a rotation may begin between two batches
        stored = (bytes(row.wrapped_key), bytes(row.former_key) if row.former_key is not None else None)
        if stored not in self._known:
            newest = self._keys.unwrap(stored[0], row.wrapped_by)
            self._known[stored] = (newest, open_former(newest, stored[1])) if stored[1] else (newest,)
        return self._known[stored]


def open_personal(
    conn: sa.Connection, keys: KeyRing, record_ids: Sequence[UUID], *, at: date | None = None
) -> dict[UUID, Personal]:
    """Personal values by record id: of the live version, or of the one valid on `at`.

    A record without a salt was erased, one without a version on the date is unknown; both are left out.
    """
    opened: dict[UUID, Personal] = {}
    opener = Opener(keys)
    for start in range(0, len(record_ids), BATCH):
        batch = list(record_ids[start : start + BATCH])
        for row in conn.execute(_sealed(batch, at)):
            opened[row.record_id] = _open(conn, opener, row)
    return opened


def _sealed(batch: list[UUID], at: date | None) -> sa.Select:
    live, past = source_record, source_record_history
    columns = ("record_id", "delivery_id", "sealed", "valid_from")
    now, then = (
        sa.select(*(table.c[name] for name in columns)).where(table.c.record_id.in_(batch)) for table in (live, past)
    )
    found = now.subquery() if at is None else valid_on(at, now, then)
    return (
        sa.select(found.c.record_id, found.c.delivery_id, found.c.sealed, record_salt.c.salt, *DELIVERY_KEYS)
        .join(delivery, delivery.c.delivery_id == found.c.delivery_id)
        .join(
            record_salt,
            sa.and_(
                record_salt.c.delivery_id == found.c.delivery_id,
                record_salt.c.record_id == found.c.record_id,
                record_salt.c.row_no > 0,
            ),
        )
        .where(found.c.sealed.is_not(None))
    )


def open_every_version(
    conn: sa.Connection,
    keys: KeyRing,
    record_ids: Sequence[UUID],
    tables: Sequence[sa.Table] = (source_record, source_record_history, quarantine),
) -> Iterator[tuple[UUID, Personal]]:
    """Every sealed version of some records that still opens: live, replaced, and set aside."""
    parts = [sealed_with_salt(table).where(table.c.record_id.in_(record_ids)) for table in tables]
    opener = Opener(keys)
    for row in conn.execute(sa.union(*parts)):
        yield row.record_id, _open(conn, opener, row)


@dataclass(frozen=True, repr=False)
class SetAside:
    """A row that was set aside: where it stands, for what, and what it says."""

    delivery_id: int
    row_no: int
    record: UUID
    partner: str
    as_of: date
    codes: tuple[str, ...]
    personal: Personal


def open_set_aside(conn: sa.Connection, keys: KeyRing) -> Iterator[SetAside]:
    """Every row that is set aside and still opens, one after the other. What was tampered with is on record, and no row."""
    aside = quarantine
    codes = sa.func.array_agg(aside.c.code).label("codes")
    kept = (aside.c.delivery_id, aside.c.row_no, aside.c.record_id, aside.c.sealed)
    rows = sa.select(*kept, codes).where(aside.c.sealed.is_not(None)).group_by(*kept).subquery()
    salt = record_salt
    query = (
        sa.select(rows, delivery.c.partner, delivery.c.as_of, salt.c.salt, *DELIVERY_KEYS)
        .join(salt, sa.and_(*(salt.c[name] == rows.c[name] for name in ("delivery_id", "record_id", "row_no"))))
        .join(delivery, delivery.c.delivery_id == rows.c.delivery_id)
        .order_by(rows.c.delivery_id, rows.c.row_no)
    )
    opener = Opener(keys)
    for row in conn.execute(query, execution_options={"yield_per": BATCH}):
        try:
            said = _open(conn, opener, row)
        except TamperedError:
            continue
        yield SetAside(
            row.delivery_id, row.row_no, row.record_id, row.partner, row.as_of, tuple(sorted(row.codes)), said
        )


def sealed_with_salt(table: sa.Table, *more: sa.ColumnElement) -> sa.Select:
    """Rows of a table that holds sealed records, with what opens them. Without its salt a row was erased."""
    salt = record_salt
    same = sa.and_(salt.c.delivery_id == table.c.delivery_id, salt.c.record_id == table.c.record_id)
    if table is quarantine:
        same = sa.and_(same, salt.c.row_no == table.c.row_no)
    elif table is remembered_value:  # a salt of its own, below those of rows, so that it outlives its row
        same = sa.and_(same, salt.c.row_no == -table.c.value_id)
    else:
        same = sa.and_(same, salt.c.row_no > 0)
    return (
        sa.select(table.c.record_id, table.c.delivery_id, table.c.sealed, salt.c.salt, *DELIVERY_KEYS, *more)
        .join(salt, same)
        .join(delivery, delivery.c.delivery_id == table.c.delivery_id)
        .where(table.c.sealed.is_not(None))
    )


def _open(conn: sa.Connection, opener: Opener, row: sa.Row) -> Personal:
    try:
        return opener.open(row)
    except TamperedError as error:
        refuse(conn, row.record_id, row.delivery_id, str(error))
        raise


def refuse(conn: sa.Connection, record_id: UUID, delivery_id: int, why: str) -> None:
    """Write a refusal into the audit log, in a transaction of its own, as whoever `conn` acts for."""
    actor = conn.scalar(sa.select(sa.func.current_setting("talentpool.actor", True))) or "talentpool"
    details = {"delivery": delivery_id}
    audit_apart(conn, "refused", f"record:{record_id}", actor=actor, reason=why, details=details)


def open_quarantined(
    conn: sa.Connection, keys: KeyRing, delivery_id: int, row_no: int, code: str
) -> tuple[UUID, Personal] | None:
    """A row that was set aside under a code: its record and values. None where there is none, or it was erased."""
    aside = quarantine
    which = (aside.c.delivery_id == delivery_id, aside.c.row_no == row_no, aside.c.code == code)
    row = conn.execute(sealed_with_salt(aside).where(*which)).one_or_none()
    return (row.record_id, _open(conn, Opener(keys), row)) if row is not None else None
