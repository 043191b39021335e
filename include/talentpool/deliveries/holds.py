"""Tell what is under legal hold: it is not deleted, though its time is over, until the hold ends.

A hold is on a kind of retention, a partner, a delivery or a person (services/retention/holding.py makes and ends them). Who
deletes asks here inside the transaction that deletes, after `settle`: a hold that is being placed is waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from talentpool.model import (
    delivery,
    quarantine,
    record_person,
    retention_hold,
    retention_hold_word,
    source_record,
    source_record_history,
    upload,
)

KIND, PARTNER, DELIVERY, PERSON = "kind", "partner", "delivery", "person"
PEOPLE, ROWS, RAW, UPLOADS, EXPORTS, SHEETS = "people", "quarantine", "raw_files", "uploads", "exports", "sheets"
"""Kinds that an erasure of a person touches, too (reference/retention.csv)."""


@dataclass(frozen=True)
class Holds:
    """What is held: whole kinds, partners, deliveries, and records of people."""

    kinds: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    deliveries: frozenset[int] = frozenset()
    records: frozenset[UUID] = frozenset()

    def of_delivery(self) -> sa.ColumnElement[bool]:
        """In SQL: whether a row of `delivery` is held."""
        of = delivery.c
        return sa.or_(of.partner.in_(self.partners), of.delivery_id.in_(self.deliveries))

    def of_landed(self) -> sa.ColumnElement[bool]:
        """In SQL: whether the landed file of a row of `delivery` is held."""
        return sa.true() if RAW in self.kinds else self.of_delivery()

    def of_upload(self) -> sa.ColumnElement[bool]:
        """In SQL: whether a row of `upload` is held."""
        return sa.true() if UPLOADS in self.kinds else upload.c.partner.in_(self.partners)


def in_force(conn: sa.Connection, today: date) -> Holds:
    """The holds of today."""
    rows = conn.execute(sa.select(retention_hold.c.about, retention_hold.c.records).where(stands(today))).all()
    found: dict[str, set[str]] = {KIND: set(), PARTNER: set(), DELIVERY: set(), PERSON: set()}
    for row in rows:
        what, _, which = row.about.partition(":")
        found[what].add(which)
    records = frozenset(record for row in rows for record in row.records)
    return Holds(
        frozenset(found[KIND]), frozenset(found[PARTNER]), frozenset(map(int, found[DELIVERY])), _theirs(conn, records)
    )


def stands(today: date) -> sa.ColumnElement[bool]:
    """In SQL: whether a hold is in force."""
    ended = sa.exists().where(
        retention_hold_word.c.hold_id == retention_hold.c.hold_id, retention_hold_word.c.carried_out
    )
    return sa.and_(retention_hold.c.until_day >= today, ~ended)


def settle(conn: sa.Connection) -> None:
    """Until this transaction ends no hold is placed or ended, and those that were are seen."""
    conn.execute(sa.text("lock table retention_hold, retention_hold_word in share mode"))


def keeps(conn: sa.Connection, today: date, records: Sequence[UUID]) -> bool:
    """Whether a hold keeps somebody with these records from being erased."""
    holds = in_force(conn, today)
    if PEOPLE in holds.kinds or set(records) & holds.records:
        return True
    aside = (
        sa.select(delivery.c.partner, delivery.c.delivery_id)
        .join(quarantine, quarantine.c.delivery_id == delivery.c.delivery_id)
        .where(quarantine.c.record_id.in_(records))
    )
    pooled = (
        sa.select(table.c.partner, table.c.delivery_id).where(table.c.record_id.in_(records))
        for table in (source_record, source_record_history)
    )
    set_aside = conn.execute(aside).all()
    if set_aside and ROWS in holds.kinds:
        return True
    places = [*set_aside, *conn.execute(sa.union(*pooled))]
    return any(row.partner in holds.partners or row.delivery_id in holds.deliveries for row in places)


def _theirs(conn: sa.Connection, records: frozenset[UUID]) -> frozenset[UUID]:
    """With every record that is the same person's by now."""
    own, other = record_person.alias("own"), record_person.alias("other")
    query = (
        sa.select(other.c.record_id).join(own, own.c.person_id == other.c.person_id).where(own.c.record_id.in_(records))
    )
    return records | frozenset(conn.scalars(query)) if records else records
