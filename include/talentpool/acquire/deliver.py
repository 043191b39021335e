"""Take one delivery: from the partner's server or a file into the landing store, and record it.

An unfinished delivery (a run that was killed) comes first; then the oldest that waits. What was handled before, good
or bad, is known by its offer id and not pulled again; a file that the partner replaced has another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from talentpool.acquire.connection import Connection
from talentpool.acquire.landing import land
from talentpool.acquire.manifest import SUFFIX, Counted, Manifest, read_manifest
from talentpool.acquire.transports import Offer, transport
from talentpool.acquire.transports.inbox import read_chunks
from talentpool.declare import Partner
from talentpool.errors import RejectedError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import delivery
from talentpool.rules_version import RULES_VERSION
from talentpool.settings import Settings

UNFINISHED = ("landed", "staged", "audited")
HANDLED = ("published", "held")
MAX_BYTES = {"csv": 4 * 1024**3, "xlsx": 64 * 1024**2}
NO_HASH = "0" * 64


@dataclass(frozen=True)
class Landed:
    """A recorded delivery. `duplicate`: these bytes were published or held before, nothing was done."""

    delivery_id: int
    as_of: date
    kind: str
    duplicate: bool = False


@dataclass(frozen=True)
class _Facts:
    """What is known of a delivery before its bytes are read."""

    name: str
    as_of: date
    kind: str
    since: date | None
    offer_id: str | None
    manifest: Manifest | None


def acquire(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    partner: Partner,
    *,
    file: Path | None = None,
    as_of: date | None = None,
    kind: str | None = None,
    since: date | None = None,
    connection: Connection | None = None,
) -> Landed | None:
    """Land the oldest waiting delivery, or `file`; None when nothing waits.

    With `as_of` and no file only an offer of that date is taken (a backfill). A delivery that fails its manifest is
    recorded as rejected. Raises UnavailableError when partner or store is out of reach, UsageError on a contradiction.
    """
    if file is not None:
        return _from_file(engine, keys, settings, partner, file, as_of=as_of, kind=kind, since=since)
    unfinished = _unfinished(engine, partner.code, as_of)
    if unfinished is not None:
        return unfinished
    module = transport(partner.transport.kind)  # type: ignore[attr-defined]
    connection = connection or Connection.from_env(partner.transport.connection)  # type: ignore[attr-defined]
    known = known_offers(engine, partner.code)
    with module.waiting(partner.transport, connection) as offers:
        for offer in offers:
            if offer.offer_id in known or (as_of is not None and offer.as_of != as_of):
                continue
            return _from_offer(engine, keys, settings, partner, offer, kind=kind, since=since)
    return None


def _from_offer(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    partner: Partner,
    offer: Offer,
    *,
    kind: str | None,
    since: date | None,
) -> Landed:
    facts = _Facts(offer.name, offer.as_of, kind or partner.cadence.kind, since or None, offer.offer_id, manifest=None)
    try:
        if offer.manifest is not None:
            facts = _with_manifest(facts, read_manifest(offer.manifest, offer.name))
    except RejectedError as error:
        return _record_rejected(engine, keys, partner, facts, Counted(), error)
    return _land(engine, keys, settings, partner, facts, offer.chunks())


def _from_file(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    partner: Partner,
    file: Path,
    *,
    as_of: date | None,
    kind: str | None,
    since: date | None,
) -> Landed:
    if not file.is_file():
        raise UsageError(f"{file.name}: no such file")
    beside = file.with_name(file.name + SUFFIX)
    manifest = read_manifest(beside.read_bytes(), file.name) if beside.is_file() else None
    if manifest is not None:
        for name, given, said in (
            ("--as-of", as_of, manifest.as_of), ("--kind", kind, manifest.kind), ("--since", since, manifest.since),
        ):  # fmt: skip
            if given is not None and given != said:
                raise UsageError(f"{file.name}: {name} says {given}, the manifest says {said}; drop one of the two")
    elif as_of is None:
        raise UsageError(f"{file.name}: it has no manifest, so --as-of is required")
    resolved_as_of = manifest.as_of if manifest is not None else as_of
    assert resolved_as_of is not None
    resolved_kind = manifest.kind if manifest is not None else kind or "delta"
    if resolved_kind == "full" and since is not None:
        raise UsageError("--since belongs to a delta; a full snapshot has none")
    if since is not None and since >= resolved_as_of:
        raise UsageError("--since is not before --as-of")
    facts = _Facts(
        file.name, resolved_as_of, resolved_kind, since or (manifest.since if manifest else None), None, manifest
    )
    return _land(engine, keys, settings, partner, facts, read_chunks(file), again=True)


def _with_manifest(facts: _Facts, manifest: Manifest) -> _Facts:
    if manifest.as_of != facts.as_of:
        raise RejectedError(
            "manifest_mismatch",
            f"{facts.name}: the name says {facts.as_of}, the manifest {manifest.as_of}; they belong to two deliveries",
        )
    return _Facts(facts.name, manifest.as_of, manifest.kind, manifest.since, facts.offer_id, manifest)


def _land(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    partner: Partner,
    facts: _Facts,
    chunks: Iterator[bytes],
    *,
    again: bool = False,
) -> Landed:
    """Write and verify; `again` processes a file that was rejected before once more (somebody asked for it)."""
    counted = Counted()

    def check(read: Counted) -> None:
        nonlocal counted
        counted = read
        if facts.manifest is not None:
            read.verify(facts.manifest, facts.name)

    try:
        url, counted = land(settings, keys, partner.code, _capped(chunks, facts.name), check)
    except RejectedError as error:
        return _record_rejected(engine, keys, partner, facts, counted, error)
    with engine.begin() as conn:
        _lock(conn, partner.code)
        found = conn.execute(_same(partner.code, facts.as_of, counted.sha256)).one_or_none()
        if found is not None and found.state in HANDLED:
            _remember_offer(conn, found.delivery_id, facts)
            return Landed(found.delivery_id, facts.as_of, facts.kind, duplicate=True)
        if found is not None and not (found.state == "rejected" and not again):
            conn.execute(
                delivery.update()
                .where(delivery.c.delivery_id == found.delivery_id)
                .values(state="landed", kind=facts.kind, since=facts.since, landed_url=url, reasons={}, message=None)
            )
            return Landed(found.delivery_id, facts.as_of, facts.kind)
        if found is not None:
            return Landed(found.delivery_id, facts.as_of, facts.kind)
        notes = {"name_reissued": 1} if conn.scalar(_reissued(partner.code, facts)) else {}
        row = _row(keys, partner, facts, counted) | {"landed_url": url, "state": "landed", "notes": notes}
        delivery_id = conn.scalar(delivery.insert().values(row).returning(delivery.c.delivery_id))
    assert delivery_id is not None
    return Landed(delivery_id, facts.as_of, facts.kind)


def _capped(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    cap = MAX_BYTES.get(name.rsplit(".", 1)[-1].lower(), MAX_BYTES["csv"])
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > cap:
            raise RejectedError("file_too_large", f"{name}: larger than {cap // 1024**2} MiB; split it or send CSV")
        yield chunk


def _record_rejected(
    engine: sa.Engine, keys: KeyRing, partner: Partner, facts: _Facts, counted: Counted, error: RejectedError
) -> Landed:
    """A delivery that failed before staging is on record too, so that it is seen and not pulled for ever."""
    row = _row(keys, partner, facts, counted) | {
        "state": "rejected", "reasons": {error.code: 1}, "message": str(error), "landed_url": None,
    }  # fmt: skip
    with engine.begin() as conn:
        _lock(conn, partner.code)
        found = conn.execute(_same(partner.code, facts.as_of, row["sha256"])).one_or_none()
        if found is not None:
            if found.state == "rejected":
                conn.execute(delivery.update().where(delivery.c.delivery_id == found.delivery_id).values(row))
            return Landed(found.delivery_id, facts.as_of, facts.kind)
        delivery_id = conn.scalar(delivery.insert().values(row).returning(delivery.c.delivery_id))
    assert delivery_id is not None
    return Landed(delivery_id, facts.as_of, facts.kind)


def _row(keys: KeyRing, partner: Partner, facts: _Facts, counted: Counted) -> dict:
    manifest = facts.manifest
    return {
        "partner": partner.code,
        "as_of": facts.as_of,
        "kind": facts.kind,
        "since": facts.since,
        "sha256": counted.sha256 if counted.bytes else NO_HASH,
        "bytes": counted.bytes,
        "source_name": facts.name,
        "offer_id": facts.offer_id,
        "form": "unknown",
        "manifest_rows": manifest.rows if manifest else None,
        "notice_version": manifest.notice_version if manifest else None,
        "expires_on": facts.as_of + timedelta(days=partner.retention.raw_days),
        "wrapped_key": keys.new_data_key().wrapped,
        "rules_version": RULES_VERSION,
        "declaration_hash": partner.hash,
    }


def _lock(conn: sa.Connection, partner: str) -> None:
    conn.execute(sa.text("select pg_advisory_xact_lock(hashtextextended('acquire:' || :p, 0))"), {"p": partner})


def _same(partner: str, as_of: date, sha256: str) -> sa.Select:
    return sa.select(delivery.c.delivery_id, delivery.c.state).where(
        delivery.c.partner == partner, delivery.c.as_of == as_of, delivery.c.sha256 == sha256
    )


def _reissued(partner: str, facts: _Facts) -> sa.Select:
    return sa.select(
        sa.exists().where(
            delivery.c.partner == partner,
            delivery.c.source_name == facts.name,
            delivery.c.as_of == facts.as_of,
            delivery.c.state.in_(HANDLED),
        )
    )


def _remember_offer(conn: sa.Connection, delivery_id: int, facts: _Facts) -> None:
    """The same bytes under a new offer: take the new id, so that it is not read again every time."""
    if facts.offer_id:
        conn.execute(delivery.update().where(delivery.c.delivery_id == delivery_id).values(offer_id=facts.offer_id))


def known_offers(engine: sa.Engine, partner: str) -> set[str]:
    """Ids of the offers handled before, whatever became of them."""
    with engine.connect() as conn:
        return set(
            conn.scalars(
                sa.select(delivery.c.offer_id).where(delivery.c.partner == partner, delivery.c.offer_id.is_not(None))
            )
        )


def _unfinished(engine: sa.Engine, partner: str, as_of: date | None) -> Landed | None:
    query = (
        sa.select(delivery.c.delivery_id, delivery.c.as_of, delivery.c.kind)
        .where(delivery.c.partner == partner, delivery.c.state.in_(UNFINISHED))
        .order_by(delivery.c.as_of, delivery.c.delivery_id)
    )
    if as_of is not None:
        query = query.where(delivery.c.as_of == as_of)
    with engine.connect() as conn:
        row = conn.execute(query.limit(1)).one_or_none()
    return Landed(row.delivery_id, row.as_of, row.kind) if row else None
