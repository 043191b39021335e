"""Search for the person whom somebody names. Nothing is listed without a search; values come back masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from talentpool.conform.lookup import document_index, mobile_index, name_index
from talentpool.guard import KeyRing, mask_document, mask_mobile, mask_name, open_personal, record_id
from talentpool.model import record_person, source_record

MOST, MOST_WIDE = 50, 20
"""So many records at most, and of a name in more than one county: one with more is looked up by something else beside it."""
By = Literal["name", "mobile", "document", "staff_no"]


@dataclass(frozen=True)
class Wanted:
    """What is looked for: a value, with the counties for a name and the partner for a staff number."""

    by: By
    value: str
    counties: tuple[str, ...] = ()
    partner: str = ""

    @property
    def wide(self) -> bool:
        """A name in more than one county."""
        return self.by == "name" and len(self.counties) > 1

    @property
    def most(self) -> int:
        return MOST_WIDE if self.wide else MOST


@dataclass(frozen=True)
class Found:
    """One record of a person, masked; '' where the roster holds nothing."""

    person_id: UUID
    partner: str
    county: str | None
    station: str
    status: str
    name: str
    document: str
    mobile: str


@dataclass(frozen=True)
class Hits:
    """Records that a search found, the first `most` by person; `people`: whose they are, `more`: there are others."""

    records: tuple[UUID, ...]
    people: int
    more: bool = False


def find_people(conn: sa.Connection, keys: KeyRing, wanted: Wanted) -> Hits | None:
    """Records that the connection may see, by person; None when the value cannot be one of its kind."""
    matches = _condition(keys, wanted)
    if matches is None:
        return None
    rows = conn.execute(_records(matches).limit(wanted.most + 1)).all()
    shown = rows[: wanted.most]
    return Hits(tuple(row.record_id for row in shown), len({row.person_id for row in shown}), len(rows) > len(shown))


def masked(conn: sa.Connection, keys: KeyRing, records: Sequence[UUID]) -> list[Found]:
    """Those of some records that the connection sees, by person, masked."""
    rows = conn.execute(_records(source_record.c.record_id.in_(records))).all()
    people = open_personal(conn, keys, [row.record_id for row in rows])
    found = []
    for row in rows:
        personal = people.get(row.record_id)
        found.append(
            Found(
                row.person_id, row.partner, row.county, row.station, row.status,
                mask_name(personal.name) if personal else "",
                mask_document(personal.document_no) if personal else "",
                mask_mobile(personal.mobile) if personal else "",
            )
        )  # fmt: skip
    return found


def _records(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    live, of = source_record, record_person
    return (
        sa.select(of.c.person_id, live.c.record_id, live.c.partner, live.c.county, live.c.station, live.c.status)
        .join(of, of.c.record_id == live.c.record_id)
        .where(which)
        .order_by(of.c.person_id, live.c.partner, live.c.record_id)
    )


def _condition(keys: KeyRing, wanted: Wanted) -> sa.ColumnElement[bool] | None:
    live = source_record
    if wanted.by == "staff_no":
        if not wanted.value or not wanted.partner:
            return None
        record = record_id(keys, wanted.partner, wanted.value)
        return sa.and_(live.c.partner == wanted.partner, live.c.record_id == record)
    if wanted.by == "mobile":
        mobile = mobile_index(keys, wanted.value)
        return None if mobile is None else sa.or_(live.c.mobile_index == mobile, live.c.mobile2_index == mobile)
    if wanted.by == "document":
        document = document_index(keys, wanted.value)
        return None if document is None else live.c.id_index == document
    names = [name_index(keys, wanted.value, county) for county in wanted.counties]
    return live.c.name_county_index.in_(names) if names and None not in names else None
