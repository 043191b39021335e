"""Draw a campaign's list from the pool of a date, freeze it, and write the sheets that go out."""

from talentpool.declare.rules import list_reasons, rule
from talentpool.target.drawing import OFFICE, Drawn, approve, draw
from talentpool.target.lists import Approved
from talentpool.target.occasion import cycle_of, event_dates, festival_date, occasion_date

__all__ = [
    "OFFICE",
    "Approved",
    "Drawn",
    "approve",
    "cycle_of",
    "draw",
    "event_dates",
    "festival_date",
    "list_reasons",
    "occasion_date",
    "rule",
]
