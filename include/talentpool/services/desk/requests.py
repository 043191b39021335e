"""Read what the request pages need beside the requests: whom a form names, and what can be opted out of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from talentpool.declare import load_campaign
from talentpool.declare.files import campaign_files
from talentpool.errors import DeclarationError
from talentpool.guard import KeyRing, mask_mobile, open_personal
from talentpool.guard.mask import mask_name
from talentpool.model import person_request, record_person, source_record, use_stop
from talentpool.settings import Settings

MOST = 200


@dataclass(frozen=True, repr=False)
class Masked:
    """A record of whom a request is about, so that nobody confirms the wrong one: no value in full."""

    record: UUID
    partner: str
    name: str
    county: str | None
    station: str
    mobile: str


def masked(conn: sa.Connection, keys: KeyRing, number: int, counties: Collection[str] | None) -> list[Masked]:
    """The records of these counties (None = all) that a request is about, as the pool has them now; none of an erasure that is
    done. The pipeline's connection sees those out of use; whose request it is was checked before (rights.journal.entry)."""
    live, stop = source_record, person_request
    ids = conn.scalar(sa.select(stop.c.records).where(stop.c.request_id == number)) or []
    query = sa.select(live).where(live.c.record_id.in_(ids)).order_by(live.c.partner, live.c.record_id)
    rows = conn.execute(query if counties is None else query.where(live.c.county.in_(list(counties)))).all()
    people = open_personal(conn, keys, [row.record_id for row in rows])
    return [
        Masked(row.record_id, row.partner, mask_name(one.name), row.county, row.station, mask_mobile(one.mobile))
        for row in rows
        if (one := people.get(row.record_id)) is not None
    ]


def is_there(conn: sa.Connection, person_id: UUID) -> bool:
    """Whether the connection sees the person: asked before the pipeline's own login does anything."""
    return bool(conn.scalar(sa.select(sa.exists().where(record_person.c.person_id == person_id))))


def declined(conn: sa.Connection, records: Collection[UUID]) -> dict[int, str]:
    """Request -> the purpose that the person of these records declines by it. For a connection that sees every request."""
    stop = use_stop.c
    query = sa.select(stop.request_id, stop.purpose).where(
        stop.record_id.in_(records), stop.lifted_at.is_(None), stop.purpose != ""
    )
    return {row.request_id: row.purpose for row in conn.execute(query.distinct().order_by(stop.request_id))}


def purposes(settings: Settings) -> dict[str, str]:
    """Purpose -> name of its campaigns, as declared; one whose declaration is broken is left out."""
    names: dict[str, list[str]] = {}
    for code in campaign_files(settings.campaign_dirs):
        try:
            campaign = load_campaign(settings.campaign_dirs, code)
        except DeclarationError:
            continue
        names.setdefault(campaign.purpose, []).append(campaign.name)
    return {purpose: "、".join(said) for purpose, said in sorted(names.items())}
