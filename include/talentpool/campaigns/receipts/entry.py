"""Hold what is known of a row of a list, and which of two such words is the stronger. Imports nothing that reads files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from talentpool.campaigns.receipts.outcomes import STRENGTH, Outcome


@dataclass(frozen=True)
class Entry:
    """What is known of a row of the list. `delivered`: how many were handed out."""

    row_id: str
    outcome: Outcome
    delivered: int
    on_day: date | None
    correction: bool = False

    @property
    def rank(self) -> tuple[int, int, date]:
        """Of two entries of a row the greater one stands, in whatever order they came."""
        later = date.max if self.on_day is None else self.on_day
        return (
            STRENGTH.index(self.outcome),
            self.delivered,
            date.fromordinal(date.max.toordinal() - later.toordinal() + 1),
        )
