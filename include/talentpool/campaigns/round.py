"""Name what a list is drawn for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from talentpool.declare import Campaign
from talentpool.declare.occasion import turn_of


@dataclass(frozen=True)
class Followed:
    """A list that a follow-up follows. `open_too`: rows without a receipt come back, too: the day for receipts is over."""

    list_id: int
    open_too: bool


@dataclass(frozen=True)
class Round:
    """A campaign, in one of its cycles, from the facts of a day.

    `occasion`: the first day of that cycle's turn; `supplement`: 0 = the round's list, 1.. = late names beside it; `then`: with
    what was known at that moment, None = now; `rows_of`: a list that says whose identity was open and whose consent had ended,
    which no table tells later; `follows`: of a follow-up, the list that it follows first, then those which
    that one follows.
    """

    campaign: Campaign
    cycle: str
    as_of: date
    occasion: date
    supplement: int = 0
    then: datetime | None = None
    rows_of: int | None = None
    follows: tuple[Followed, ...] = ()

    @classmethod
    def on(cls, campaign: Campaign, as_of: date) -> Round:
        """The round that facts of `as_of` serve."""
        turn = turn_of(campaign, as_of)
        return cls(campaign, turn.cycle, as_of, turn.first)

    @property
    def head(self) -> tuple[str, str, str, str]:
        """What a list's hash begins with: campaign, cycle, as-of, hash of the declaration."""
        return self.campaign.code, self.cycle, self.as_of.isoformat(), self.campaign.hash
