"""Count the deliveries that wait at a partner's; nothing is pulled and nothing recorded."""

from __future__ import annotations

from talentpool.acquire.connection import Connection
from talentpool.acquire.record import known_offers, offer_key
from talentpool.acquire.transports import transport
from talentpool.declare import Partner
from talentpool.office import Office


def backlog(office: Office, partner: Partner, *, connection: Connection | None = None) -> int:
    """Offers that were never handled. Raises UnavailableError when the partner is out of reach."""
    module = transport(partner.transport.kind)  # type: ignore[attr-defined]
    connection = connection or Connection.from_env(partner.transport.connection)  # type: ignore[attr-defined]
    known = known_offers(office.engine, partner.code)
    with module.waiting(partner.transport, connection, office.settings) as offers:
        return sum(1 for offer in offers if offer_key(office.keys, offer.offer_id) not in known)
