"""Hold together what the rules of a whole delivery ask of it: whose it is, its row, and what it may be held against."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.bounds import Gauge
from talentpool.declare import Partner


@dataclass(frozen=True)
class UnderAudit:
    """A delivery between staging and its verdict.

    Args:
        facts: its row of the table of deliveries.
        past: a backfill, which goes to history and changes nothing live.
        days_ahead: by how many days its date lies after today; 0 or less for all but those of days to come.
        know_people: False for a trial, where whoever reads the verdict could try values until one fits somebody.
        gauge: what is measured of it, and the bounds that this is held against.
    """

    partner: Partner
    facts: sa.Row
    past: bool
    days_ahead: int
    know_people: bool
    gauge: Gauge

    @property
    def delivery_id(self) -> int:
        return int(self.facts.delivery_id)

    @property
    def compares_values(self) -> bool:
        """Whether columns are held against known people: never in a trial of a county's file, for a hold would tell whether
        most of it fits. The city's officer sees the whole area, and is told what waits for a person."""
        return self.know_people or self.facts.sent_counties is None
