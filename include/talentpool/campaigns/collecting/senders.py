"""Know who sends receipts by a folder or a server of their own: a recipient on record, a station's head, a partner.

A sender speaks for the rows that it was handed, and for no other: a county's recipient for that county, a head for the rows that
the station hands out, a partner for its own people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.area import contains, county_names
from talentpool.campaigns.release.plans import STATION
from talentpool.model import recipient, station, target_row
from talentpool.settings import Settings

PARTNER = "partner"


@dataclass(frozen=True)
class Sender:
    """Who sends, under the name that stands on record. `counties`: whose rows, None = of every county; `partner`, `station`: of
    these alone, where they are set."""

    code: str
    counties: frozenset[str] | None = None
    partner: str | None = None
    station: str | None = None

    def theirs(self) -> list[sa.ColumnElement[bool]]:
        """What a target_row must meet for the sender to speak of it."""
        row = target_row.c
        found: list[sa.ColumnElement[bool]] = []
        if self.counties is not None:
            found.append(row.county.in_(self.counties))
        if self.partner is not None:
            found.append(row.partner == self.partner)
        if self.station is not None:
            found += [row.station == self.station, row.facts["by_station"].as_boolean()]
        return found


def senders(conn: sa.Connection, settings: Settings, today: date) -> dict[str, Sender]:
    """Code -> sender, of everybody to whom lists leave: recipients that are valid today, stations that have a key."""
    counties = county_names(conn, settings.area)
    of, at = recipient.c, station.c
    found = {
        row.code: Sender(row.code, frozenset(code for code in counties if contains(row.division, code)))
        for row in conn.execute(sa.select(of.code, of.division).where(of.valid_until >= today).order_by(of.code))
    }
    heads = sa.select(at.partner, at.county, at.name).where(at.recipient_key.is_not(None))
    for row in conn.execute(heads.order_by(at.partner, at.county, at.name)):
        code = f"{STATION}:{row.partner}:{row.county}:{row.name}"
        found[code] = Sender(code, frozenset({row.county}), row.partner, row.name)
    return found


def partner_sender(code: str) -> Sender:
    """A partner, who sends by the server that its declaration names."""
    return Sender(f"{PARTNER}:{code}", partner=code)
