"""Draw a campaign's list from the pool of a date, freeze it, and write the sheets that go out."""

from talentpool.campaigns.drawing import OFFICE, Drawn, approve, draw, may_be_drawn
from talentpool.campaigns.lists import Approved
from talentpool.declare.occasion import cycle_of, event_dates, festival_date, turn_of, turns
from talentpool.declare.rules import list_reasons, rule

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
    "may_be_drawn",
    "rule",
    "turn_of",
    "turns",
]
