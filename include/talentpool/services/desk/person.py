"""Show one person as an officer sees them: masked, on the officer's side, with every job and version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.declare.rules import list_reasons
from talentpool.guard import KeyRing, mask_document, mask_mobile, mask_name, open_personal
from talentpool.model import (
    audit_log,
    employment_spell,
    person_redirect,
    record_person,
    source_record,
    source_record_history,
    target_list,
    target_row,
)
from talentpool.review.fields import Agreement, compared
from talentpool.services.desk.care import Care, history
from talentpool.services.rights.subject import names_on_record

MOST_ENTRIES = 100


@dataclass(frozen=True)
class Job:
    """One record: masked values, facts, spells that ended, versions that were replaced (newest first). `words`: how its
    values agree with the first record's, field by field; {} for the first."""

    record_id: UUID
    partner: str
    name: str
    document: str
    mobile: str
    mobile2: str
    readable: bool
    facts: Any
    spells: tuple[Any, ...]
    versions: tuple[Any, ...]
    words: Agreement


@dataclass(frozen=True)
class ListPlace:
    """A list that judged the person. `reason`: why not on it, in words; '' for whom it selected."""

    list_id: int
    campaign: str
    cycle: str
    as_of: date
    state: str
    county: str | None
    reason: str


@dataclass(frozen=True)
class PersonView:
    """`seen`: who looked, why, newest first; `lists` that judged the person and `care`, what came of those that were locked with
    the person on them, too: as far as the asking officer may know them."""

    person_id: UUID
    jobs: tuple[Job, ...]
    birth_year: int | None
    sex: int
    seen: tuple[Any, ...]
    lists: tuple[ListPlace, ...] = ()
    care: tuple[Care, ...] = ()

    @property
    def subject(self) -> str:
        return f"person:{self.person_id}"


def view_person(conn: sa.Connection, keys: KeyRing, person_id: UUID) -> PersonView | None:
    """None when the connection sees no record of that person: there is none, or not on this side.

    An id from before a merge leads to the person it was merged into.
    """
    merged = sa.select(person_redirect.c.new_id).where(person_redirect.c.old_id == person_id)
    person_id = conn.scalar(merged) or person_id
    live, of = source_record, record_person
    rows = conn.execute(
        sa.select(live)
        .join(of, of.c.record_id == live.c.record_id)
        .where(of.c.person_id == person_id)
        .order_by(live.c.spell_to.is_not(None), live.c.partner, live.c.record_id)
    ).all()
    if not rows:
        return None
    records = [row.record_id for row in rows]
    people = open_personal(conn, keys, records)
    spells = _by_record(conn, employment_spell, records, employment_spell.c.starts_on.desc())
    versions = _by_record(conn, source_record_history, records, source_record_history.c.valid_from.desc())
    jobs, first = [], people.get(records[0])
    for row in rows:
        personal = people.get(row.record_id)
        values = (personal.name, personal.document_no, personal.mobile, personal.mobile2) if personal else ("",) * 4
        jobs.append(
            Job(
                row.record_id, row.partner, mask_name(values[0]), mask_document(values[1]), mask_mobile(values[2]),
                mask_mobile(values[3]), personal is not None, row, spells.get(row.record_id, ()),
                versions.get(row.record_id, ()),
                compared(first, rows[0], personal, row) if first and personal and row is not rows[0] else {},
            )
        )  # fmt: skip
    born = next((row.birth_date for row in rows if isinstance(row.birth_date, date)), None)
    sex = next((row.sex for row in rows if row.sex in (1, 2)), 0)
    ids = [person_id, *conn.scalars(sa.select(person_redirect.c.old_id).where(person_redirect.c.new_id == person_id))]
    return PersonView(
        person_id, tuple(jobs), born.year if born else None, sex, _seen(conn, person_id), _lists(conn, ids),
        history(conn, ids),
    )  # fmt: skip


def _by_record(
    conn: sa.Connection, table: sa.Table, records: list[UUID], order: sa.ColumnElement[Any]
) -> dict[UUID, tuple[Any, ...]]:
    found: dict[UUID, tuple[Any, ...]] = {}
    for row in conn.execute(sa.select(table).where(table.c.record_id.in_(records)).order_by(order)):
        found[row.record_id] = (*found.get(row.record_id, ()), row)
    return found


def _lists(conn: sa.Connection, ids: list[UUID]) -> tuple[ListPlace, ...]:
    """Newest first. A list knows people by the ids they had when it was drawn."""
    row, of = target_row.c, target_list.c
    query = (
        sa.select(
            of.list_id, of.campaign, of.passport, of.cycle, of.as_of, of.state, row.county, row.selected, row.reason
        )
        .join(target_list, of.list_id == row.list_id)
        .where(row.person_id.in_(ids))
        .order_by(of.as_of.desc(), of.list_id.desc())
        .limit(MOST_ENTRIES)
    )
    words = list_reasons()
    return tuple(
        ListPlace(
            one.list_id, one.passport.get("name", one.campaign), one.cycle, one.as_of, one.state, one.county,
            "" if one.selected else words.get(one.reason, one.reason),
        )
        for one in conn.execute(query)
    )  # fmt: skip


def _seen(conn: sa.Connection, person_id: UUID) -> tuple[Any, ...]:
    log = audit_log
    query = sa.select(log.c.at, log.c.actor, log.c.action, log.c.reason).where(
        log.c.subject.in_(names_on_record(conn, person_id))
    )
    return tuple(conn.execute(query.order_by(log.c.seq.desc()).limit(MOST_ENTRIES)))
