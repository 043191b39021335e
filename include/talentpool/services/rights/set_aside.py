"""Find a person's set-aside rows under any number and partner, by the values sealed in them.

They have no index and nothing that matches them with anybody, so each is opened for the moment and held against the
person by the rule that arriving rows of the withdrawn are held against (conform/rows/resemblance.py). A request is rare.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from talentpool.conform.lookup import document_index
from talentpool.conform.rows.resemblance import CERTAIN, Agreement, compare, facets, resemblance
from talentpool.conform.values.documents import USABLE, comparable, read_document
from talentpool.guard import Blinder, KeyRing, Personal, open_every_version, open_set_aside
from talentpool.guard.personal import SetAside
from talentpool.model import delivery, quarantine, record_person, source_record, source_record_history
from talentpool.services.rights.subject import Subject, of_person
from talentpool.services.rights.suppressing import births_of, document_types, own_versions, traits_of_versions


@dataclass(frozen=True, repr=False)
class Aside:
    """A set-aside row of somebody. `plain`: what it says is theirs beyond doubt, and may be shown to them."""

    row: SetAside
    plain: bool


def with_set_aside(conn: sa.Connection, keys: KeyRing, subject: Subject) -> tuple[Subject, list[Aside]]:
    """The subject with the records that only set-aside rows name, and every set-aside row that is theirs.

    A row under a number that is somebody else's in the pool stays that person's record: only the row is the subject's.
    """
    subject = _with_their_pool(conn, keys, subject)
    found = _theirs(conn, keys, subject)
    others = {each.row.record for each in found} - set(subject.records)
    pooled = {
        record
        for table in (source_record, source_record_history)
        for record in conn.scalars(sa.select(table.c.record_id).where(table.c.record_id.in_(others)))
    }
    places = tuple((each.row.delivery_id, each.row.row_no) for each in found if each.row.record in pooled)
    return replace(subject, records=(*subject.records, *sorted(others - pooled)), aside=places), found


def partners_of(conn: sa.Connection, subject: Subject) -> list[str]:
    """Whose rosters name the subject, in the pool or set aside."""
    live, aside = source_record, quarantine
    rows = sa.tuple_(aside.c.delivery_id, aside.c.row_no).in_(subject.aside)
    pooled = sa.select(live.c.partner).where(live.c.record_id.in_(subject.records))
    waiting = (
        sa.select(delivery.c.partner)
        .join(aside, aside.c.delivery_id == delivery.c.delivery_id)
        .where(sa.or_(aside.c.record_id.in_(subject.records), rows))
    )
    return sorted(conn.scalars(sa.union(pooled, waiting)))


def _with_their_pool(conn: sa.Connection, keys: KeyRing, subject: Subject) -> Subject:
    """Who was asked for by a number that is only set aside, and is in the pool by the document of that row."""
    if subject.person is not None:
        return subject
    numbers = {one.document_no for _, one in open_every_version(conn, keys, subject.records) if one.document_no}
    indexes = [index for number in numbers if (index := document_index(keys, number)) is not None]
    of, live = record_person, source_record
    query = sa.select(of.c.person_id).join(live, live.c.record_id == of.c.record_id)
    people = set(conn.scalars(query.where(live.c.id_index.in_(indexes))))
    if len(numbers) != 1 or len(people) != 1:  # two people doubled under one number: nobody says which of them asks
        return subject
    (person,) = people
    return Subject(person, tuple(dict.fromkeys((*subject.records, *of_person(conn, person)))))


def _theirs(conn: sa.Connection, keys: KeyRing, subject: Subject) -> list[Aside]:
    own = own_versions(conn, keys, subject.records)
    # two people doubled under one number, which nobody knows but from there: nothing says which of them asks
    alone = subject.person is not None or len(traits_of_versions(own, set()).names) <= 1
    judge = _judge(conn, subject, own)
    found = []
    for row in open_set_aside(conn, keys):
        named, agreed = row.record in subject.records, judge(row.personal)
        certain = alone and _certain(agreed, same_number=named)
        if named or certain:
            told = named or bool(agreed.document) or bool(agreed.name)
            found.append(Aside(row, certain and told and agreed.name is not False))
    return found


def _judge(conn: sa.Connection, subject: Subject, own: Sequence[Personal]) -> Callable[[Personal], Agreement]:
    """How a row agrees with the person: resident numbers as arriving rows do, any other number as a whole."""
    hashed, nobody = Blinder(os.urandom(32)).one, bytes(16)
    known = traits_of_versions(own, births_of(conn, subject))
    kept = {kind: frozenset(values) for kind, values in facets(hashed, nobody, known).items()}
    kinds = document_types(conn, subject)
    numbers = {number for one in own for number in _numbers(one, kinds)}

    def judge(row: Personal) -> Agreement:
        agreed = compare(hashed, nobody, kept, traits_of_versions([row], set()))
        return replace(agreed, document=True) if numbers & _numbers(row, kinds) else agreed

    return judge


def _certain(agreed: Agreement, *, same_number: bool) -> bool:
    if resemblance(agreed, same_number=same_number) == CERTAIN:
        return True
    # it says nothing but their mobile, and nothing against it: if it is anybody's, it is theirs
    return bool(agreed.mobile) and agreed.name is None and False not in agreed.beside_the_name


def _numbers(one: Personal, kinds: set[str]) -> set[str]:
    read = read_document(one.document_no)
    if read.status not in USABLE:
        return set()
    return {read.number} | {comparable(read.number, kind) for kind in kinds}
