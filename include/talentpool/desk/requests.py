"""Read what the request pages need beside the requests: whom a form names, and what can be opted out of."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from talentpool.declare import load_campaign
from talentpool.declare.files import campaign_files
from talentpool.errors import DeclarationError
from talentpool.model import record_person, use_stop
from talentpool.settings import Settings

MOST = 200


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
