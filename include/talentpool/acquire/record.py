"""Read and write what is on record of deliveries: handled offers, the unfinished delivery, a new one's first state.

A partner's records are made one at a time, under a lock, and one delivery has one row whatever the number of offers
that brought its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.acquire.landed_file import Delivered
from talentpool.acquire.manifest import Counted, Manifest
from talentpool.acquire.refusals import keep_rejection
from talentpool.acquire.sender import of_sender, sender_of, taken
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import HANDLED, ON_ITS_WAY, State
from talentpool.deliveries.publications import is_roster
from talentpool.deliveries.rules_version import RULES_VERSION
from talentpool.deliveries.staging import drop_staged
from talentpool.errors import RejectedError
from talentpool.guard import Blinder, KeyRing, redact
from talentpool.locks import acquire_lock, hold
from talentpool.model import delivery, handled_offer
from talentpool.office import Office

_OFFER = b"\x1foffer\x1f"
_TRIAL = "trial:"


@dataclass(frozen=True)
class Landed:
    """A recorded delivery. `duplicate`: these bytes were published or held before, nothing was done."""

    delivery_id: int
    as_of: date
    kind: str
    duplicate: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of a delivery before its bytes are read; `rows` is how many the partner says there are."""

    name: str
    as_of: date
    kind: str
    since: date | None = None
    offer_id: str | None = None
    rows: int | None = None
    notice_version: str | None = None
    manifest: Manifest | None = None


def known_offers(engine: sa.Engine, partner: str) -> set[str]:
    """Ids of the offers handled before, whatever became of them."""
    with engine.connect() as conn:
        return set(conn.scalars(sa.select(handled_offer.c.offer_id).where(handled_offer.c.partner == partner)))


def landed_of_offer(engine: sa.Engine, partner: str, key: str) -> str | None:
    """SHA-256 of the bytes that were landed of an offer and still lie where it was made; None where there are none."""
    query = sa.select(handled_offer.c.sha256).where(
        handled_offer.c.partner == partner, handled_offer.c.offer_id == key, handled_offer.c.cleared_at.is_(None)
    )
    with engine.connect() as conn:
        return conn.scalar(query)


def cleared(engine: sa.Engine, partner: str, key: str) -> None:
    """The receipt: what was offered lies there no more."""
    which = handled_offer.c.partner == partner, handled_offer.c.offer_id == key
    with engine.begin() as conn:
        conn.execute(handled_offer.update().where(*which).values(cleared_at=sa.func.now()))


def unfinished(engine: sa.Engine, partner: str, as_of: date | None) -> Landed | None:
    """The oldest delivery (of `as_of`, when given) whose run was killed."""
    query = (
        sa.select(delivery.c.delivery_id, delivery.c.as_of, delivery.c.kind)
        .where(delivery.c.partner == partner, delivery.c.state.in_(ON_ITS_WAY))
        .order_by(delivery.c.as_of, delivery.c.delivery_id)
    )
    if as_of is not None:
        query = query.where(delivery.c.as_of == as_of)
    with engine.connect() as conn:
        row = conn.execute(query.limit(1)).one_or_none()
    return Landed(row.delivery_id, row.as_of, row.kind) if row else None


def void_left_corrections(engine: sa.Engine, partner: str) -> None:
    """A correction is taken in by the transaction that lands it (docs/adr/0112). One that is seen unfinished or held was left by
    a release of before: its word may have ended, or a newer row come, so it never goes live."""
    of = delivery.c
    left = sa.select(of.delivery_id).where(of.partner == partner, of.state.in_((*ON_ITS_WAY, State.HELD)), ~is_roster())
    with engine.begin() as conn:
        for number in conn.scalars(left.with_for_update()).all():
            drop_staged(conn, number)
            said = "这次更正没有做完，已作废；这一行仍未入库的，请在“待更正”中再更正一次"
            void = {"state": State.REJECTED, "effect": "none", "reasons": {"superseded": 1}, "message": said}
            conn.execute(delivery.update().where(of.delivery_id == number).values(void))


def record_landed(office: Office, partner: Partner, facts: Facts, counted: Counted, url: str) -> tuple[Landed, bool]:
    """Record verified, landed bytes. Returns (delivery, whether its row speaks of the file at `url`).

    Bytes published or held before are a duplicate, of the same sender's counties: what a county could not do with them
    the partner may. Bytes rejected before are taken again: somebody offered them
    anew, by hand or with another manifest. An unfinished delivery of these bytes is gone on with.
    """
    with office.engine.begin() as conn:
        _lock(conn, partner.code)
        sender = sender_of(conn, partner.code, counted.sha256, offered=facts.offer_id is not None)
        row = first_row(partner, facts, counted) | {"landed_url": url} | of_sender(sender)
        found = conn.execute(_same(row)).one_or_none()
        if found is not None and found.state in HANDLED:
            _remember(conn, office.keys, partner.code, found.delivery_id, facts, counted.sha256)
            taken(conn, sender, found.delivery_id)
            return Landed(found.delivery_id, facts.as_of, row["kind"], duplicate=True), found.landed_url == url
        if found is None:
            again = {"name_reissued": 1} if conn.scalar(reissued(partner.code, facts)) else {}
            row |= {"state": State.LANDED, "notes": notes_of_name(facts) | again} | office.keys.new_data_key().columns()
            delivery_id = _insert(conn, row)
        else:
            delivery_id = found.delivery_id
            if found.state == State.REJECTED:
                row |= {"state": State.LANDED, "reasons": {}, "findings": [], "message": None, "decided": None}
            conn.execute(delivery.update().where(delivery.c.delivery_id == delivery_id).values(row))
        _remember(conn, office.keys, partner.code, delivery_id, facts, counted.sha256)
        taken(conn, sender, delivery_id)
    return Landed(delivery_id, facts.as_of, row["kind"]), True


def record_rejected(office: Office, partner: Partner, facts: Facts, counted: Counted, error: RejectedError) -> Landed:
    """A delivery that failed before staging is on record too, so that it is seen and not pulled for ever."""
    refused = {"state": State.REJECTED, "reasons": {error.code: 1}, "message": redact(str(error)), "landed_url": None}
    refused |= {"notes": notes_of_name(facts)}
    row = first_row(partner, facts, counted) | refused
    with office.engine.begin() as conn:
        _lock(conn, partner.code)
        sender = sender_of(conn, partner.code, row["sha256"], offered=facts.offer_id is not None)
        row |= of_sender(sender)
        found = conn.execute(_same(row)).one_or_none()
        if found is None:
            delivery_id = _insert(conn, row | office.keys.new_data_key().columns())
        else:
            delivery_id = found.delivery_id
            if found.state == State.REJECTED:
                conn.execute(delivery.update().where(delivery.c.delivery_id == delivery_id).values(row))
        if found is None or found.state == State.REJECTED:
            keep_rejection(conn, delivery_id, error.code)
        _remember(conn, office.keys, partner.code, delivery_id, facts)
        taken(conn, sender, delivery_id)
    return Landed(delivery_id, facts.as_of, row["kind"], duplicate=found is not None and found.state in HANDLED)


def first_row(partner: Partner, facts: Facts, counted: Counted) -> dict[str, Any]:
    """What a delivery's row says before anything is known of its content."""
    return {
        "partner": partner.code,
        "as_of": facts.as_of,
        "kind": facts.kind,
        "since": facts.since,
        "sha256": counted.on_record,
        "bytes": counted.bytes,
        "source_name": redact(facts.name),
        "form": "unknown",
        "manifest_rows": facts.rows,
        "notice_version": facts.notice_version,
        "expires_on": facts.as_of + timedelta(days=partner.retention.raw_days),
        "rules_version": RULES_VERSION,
        "declaration_hash": partner.hash,
    }


def trial_hash(sha256: str) -> str:
    """What a trial's row has in place of the hash, so that it is of content that no other row has."""
    return f"{_TRIAL}{uuid4().hex}:{sha256}"


def delivered(facts: sa.Row) -> Delivered:
    """What a delivery's row says of the bytes that were delivered: its landed file opens to nothing else."""
    sha256: str = facts.sha256
    return Delivered(facts.partner, sha256.rpartition(":")[2] if sha256.startswith(_TRIAL) else sha256)


def notes_of_name(facts: Facts) -> dict[str, int]:
    """What must be said of a file's name: that a person's number was taken out of it."""
    return {"file_name_redacted": 1} if redact(facts.name) != facts.name else {}


def offer_key(keys: KeyRing, offer_id: str) -> str:
    """What is remembered of an offer. One whose name holds a person's number is known by a keyed hash of it."""
    clean = redact(offer_id)
    return (
        clean
        if clean == offer_id
        else f"{clean}@{Blinder(keys.key('record_id')).one(_OFFER + offer_id.encode()).hex()}"
    )


def _insert(conn: sa.Connection, row: dict[str, Any]) -> int:
    return int(conn.execute(delivery.insert().values(row).returning(delivery.c.delivery_id)).scalar_one())


def _lock(conn: sa.Connection, partner: str) -> None:
    hold(conn, acquire_lock(partner))


def _same(row: dict[str, Any]) -> sa.Select:
    """The row of these bytes from such a sender, locked: a run that publishes it right now is waited for, never
    overwritten."""
    return (
        sa.select(delivery.c.delivery_id, delivery.c.state, delivery.c.landed_url)
        .where(*(delivery.c[name] == row[name] for name in ("partner", "as_of", "sha256")))
        .where(delivery.c.sent_counties.is_not_distinct_from(row["sent_counties"]))
        .with_for_update()
    )


def reissued(partner: str, facts: Facts) -> sa.Select:
    """Whether this name was delivered for this date before."""
    return sa.select(
        sa.exists().where(
            delivery.c.partner == partner,
            delivery.c.source_name == redact(facts.name),
            delivery.c.as_of == facts.as_of,
            delivery.c.state.in_(HANDLED),
        )
    )


def _remember(
    conn: sa.Connection, keys: KeyRing, partner: str, delivery_id: int, facts: Facts, landed: str | None = None
) -> None:
    if facts.offer_id:
        row: dict[str, Any] = {"partner": partner, "offer_id": offer_key(keys, facts.offer_id)}
        row |= {"delivery_id": delivery_id, "sha256": landed}
        conn.execute(insert(handled_offer).values(row).on_conflict_do_nothing())
