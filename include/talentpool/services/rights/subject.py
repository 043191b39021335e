"""Find whom a request is about: by person id, or by partner and staff number, with every record of the person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard import KeyRing, record_id
from talentpool.model import (
    person_redirect,
    quarantine,
    record_person,
    remembered_value,
    source_record,
    source_record_history,
)


@dataclass(frozen=True)
class Subject:
    """A person by opaque ids. `person` is None for somebody of whom only set-aside rows exist.

    `aside`: (delivery, row) of set-aside rows that are theirs under a number of somebody else (services/rights/set_aside.py).
    """

    person: UUID | None
    records: tuple[UUID, ...]
    aside: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """What stands on record instead of a person's values."""
        return f"person:{self.person}" if self.person else f"record:{self.records[0]}"


def names_on_record(conn: sa.Connection, person: UUID) -> list[str]:
    """What a person is called in the log: by the id of today, and by those of before a merge."""
    old = conn.scalars(sa.select(person_redirect.c.old_id).where(person_redirect.c.new_id == person))
    return [f"person:{one}" for one in (person, *old)]


def find(conn: sa.Connection, keys: KeyRing, asked: str) -> Subject:
    """The subject of `<person_id>` or `<partner>:<staff_no>`; UsageError when nobody is known by it.

    The message repeats neither id nor number: a staff number is a person's.
    """
    try:
        person: UUID | None = UUID(asked)
    except ValueError:
        return _by_staff_no(conn, keys, asked)
    renamed = conn.scalar(sa.select(person_redirect.c.new_id).where(person_redirect.c.old_id == person))
    person = renamed or person
    records = of_person(conn, person)
    if not records:
        raise UsageError("there is no person with that id (any more); `talentpool links` lists today's ids")
    return Subject(person, records)


def _by_staff_no(conn: sa.Connection, keys: KeyRing, asked: str) -> Subject:
    partner, colon, staff_no = asked.partition(":")
    if not colon or not partner or not staff_no:
        raise UsageError("name a person id, or <partner>:<staff number>")
    record = record_id(keys, partner, staff_no)
    person = conn.scalar(sa.select(record_person.c.person_id).where(record_person.c.record_id == record))
    if person is not None:
        return Subject(person, of_person(conn, person))
    for table in (source_record, source_record_history, quarantine, remembered_value):
        if conn.scalar(sa.select(sa.exists().where(table.c.record_id == record))):
            return Subject(None, (record,))
    raise UsageError(f"no roster of {partner} names that staff number; check partner and number")


def of_person(conn: sa.Connection, person: UUID | None) -> tuple[UUID, ...]:
    """The records of a person in the pool."""
    query = sa.select(record_person.c.record_id).where(record_person.c.person_id == person)
    return tuple(conn.scalars(query.order_by(record_person.c.record_id)))
