"""List rows that were set aside and still wait: of each partner what its newest roster, or the newest word of it, left aside.

A newer full roster stands in the place of all rows before it; a delta in that of the records that it names. A row that was
corrected or taken as it is came in by a delivery of its own, and waits no more; one that was corrected and has another fault
waits for that alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.publications import CORRECTION, is_roster
from talentpool.guard import KeyRing, Personal, mask_mobile
from talentpool.guard.mask import mask_document, mask_name
from talentpool.guard.personal import DELIVERY_KEYS, Opener
from talentpool.model import delivery, delivery_sighting, quarantine, quarantine_word, record_salt, remembered_value
from talentpool.services.mending.allowed import FOR_THE_CITY, NOT_HERE
from talentpool.texts.reasons import reasons


@dataclass(frozen=True, order=True)
class Place:
    """Where a row stands: its delivery, and its line in it."""

    delivery_id: int
    row_no: int


@dataclass(frozen=True)
class Waiting:
    """A row that waits. `days`: since the roster's date; `returned_by`: who told the partner, None while nobody did."""

    place: Place
    record: UUID
    partner: str
    as_of: date
    county: str | None
    codes: tuple[str, ...]
    days: int
    returned_by: str | None = None
    returned_on: date | None = None


def waiting(
    conn: sa.Connection, today: date, counties: Collection[str] | None = None, place: Place | None = None
) -> list[Waiting]:
    """Every row that waits in these counties (None = everywhere), the oldest first; one `place` alone. For the pipeline's
    login: what a county's officer sees of it the officer's own connection says."""
    aside, of = quarantine, delivery
    codes = sa.func.array_agg(aside.c.code).label("codes")
    kept = (aside.c.delivery_id, aside.c.row_no, aside.c.record_id, aside.c.county, of.c.partner, of.c.as_of)
    query = (
        sa.select(*kept, codes)
        .join(of, of.c.delivery_id == aside.c.delivery_id)
        .where(aside.c.record_id.is_not(None), of.c.effect == "live", ~_overtaken())
        .group_by(*kept)
        .order_by(of.c.as_of, aside.c.delivery_id, aside.c.row_no)
    )
    if counties is not None:
        query = query.where(aside.c.county.in_(list(counties)))
    if place is not None:
        query = query.where(aside.c.delivery_id == place.delivery_id, aside.c.row_no == place.row_no)
    rows = [row for row in conn.execute(query) if not set(row.codes) & NOT_HERE]
    told, left = _returned(conn, {row.delivery_id for row in rows}), _left(conn, rows)
    found = []
    for row in rows:
        here = Place(row.delivery_id, row.row_no)
        by, on = told.get(here, (None, None))
        codes_here, days = left.get(here) or tuple(sorted(row.codes)), (today - row.as_of).days
        found.append(Waiting(here, row.record_id, row.partner, row.as_of, row.county, codes_here, days, by, on))
    return found


def _overtaken() -> sa.ColumnElement[bool]:
    """A newer roster of the partner says something of the row's record, or no longer names it."""
    newer, seen = delivery.alias("newer"), delivery_sighting
    named = (
        sa.exists()
        .where(seen.c.delivery_id == newer.c.delivery_id, seen.c.record_id == quarantine.c.record_id)
        .correlate(newer, quarantine)
    )
    whole = sa.and_(newer.c.kind == "full", newer.c.sent_counties.is_(None))
    return (
        sa.exists()
        .where(
            newer.c.partner == delivery.c.partner, newer.c.state == State.PUBLISHED, newer.c.effect == "live",
            newer.c.publish_seq > delivery.c.publish_seq, sa.or_(whole, named),
        )
        .correlate(delivery, quarantine)
    )  # fmt: skip


def _left(conn: sa.Connection, rows: Sequence[sa.Row]) -> dict[Place, tuple[str, ...]]:
    """For what those rows still wait on which a correction holds: as the newest was judged, unless it fits who withdrew."""
    value, of = remembered_value.c, delivery.c
    holds = sa.select(value.delivery_id, value.row_no).where(
        value.ended_at.is_(None), value.record_id.in_([row.record_id for row in rows])
    )
    corrected = {Place(*row) for row in conn.execute(holds)} & {Place(row.delivery_id, row.row_no) for row in rows}
    places = {f"{CORRECTION}{place.delivery_id}_{place.row_no}.csv": place for place in corrected}
    judged = sa.select(of.source_name, of.reasons).where(
        of.source_name.in_(places), of.state == State.REJECTED, ~is_roster()
    )
    newest = {row.source_name: set_aside_for(row.reasons) for row in conn.execute(judged.order_by(of.delivery_id))}
    return {places[name]: codes for name, codes in newest.items() if not FOR_THE_CITY & set(codes)}


def set_aside_for(counted: Collection[str]) -> tuple[str, ...]:
    """Of the codes that a delivery of one row counted, those for which that row stays out."""
    known = reasons()
    return tuple(sorted(one for one in counted if one in known and known[one].outcome in ("quarantined", "refused")))


def _returned(conn: sa.Connection, deliveries: Collection[int]) -> dict[Place, tuple[str | None, date | None]]:
    word = quarantine_word
    query = sa.select(word).where(word.c.act == "returned", word.c.delivery_id.in_(deliveries)).order_by(word.c.word_id)
    return {Place(row.delivery_id, row.row_no): (row.said_by, row.made_at.date()) for row in conn.execute(query)}


@dataclass(frozen=True, repr=False)
class Masked:
    """What a page shows of a row: no value in full."""

    name: str
    document: str
    mobile: str


def masked(conn: sa.Connection, keys: KeyRing, places: Collection[Place]) -> dict[Place, Masked]:
    """Those of some rows that the connection sees, masked."""
    return {
        place: Masked(mask_name(one.name), mask_document(one.document_no), mask_mobile(one.mobile))
        for place, one in opened(conn, keys, places).items()
    }


def opened(conn: sa.Connection, keys: KeyRing, places: Collection[Place]) -> dict[Place, Personal]:
    """Those of some rows that the connection sees and that still open."""
    aside, salt, opener = quarantine, record_salt, Opener(keys)
    same = [salt.c[name] == aside.c[name] for name in ("delivery_id", "record_id", "row_no")]
    query = (
        sa.select(aside.c.delivery_id, aside.c.row_no, aside.c.record_id, aside.c.sealed, salt.c.salt, *DELIVERY_KEYS)
        .distinct()
        .join(salt, sa.and_(*same))
        .join(delivery, delivery.c.delivery_id == aside.c.delivery_id)
        .where(aside.c.sealed.is_not(None), _at(places))
    )
    return {Place(row.delivery_id, row.row_no): opener.open(row) for row in conn.execute(query)}


def seen(conn: sa.Connection, places: Collection[Place]) -> set[Place]:
    """Those of some rows that the connection sees."""
    query = sa.select(quarantine.c.delivery_id, quarantine.c.row_no).where(_at(places)).distinct()
    return {Place(*row) for row in conn.execute(query)}


def _at(places: Collection[Place]) -> sa.ColumnElement[bool]:
    wanted: Sequence[tuple[int, int]] = [(one.delivery_id, one.row_no) for one in places]
    return sa.tuple_(quarantine.c.delivery_id, quarantine.c.row_no).in_(wanted)
