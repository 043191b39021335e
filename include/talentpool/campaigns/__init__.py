"""Draw a campaign's list from the pool of a date, freeze it, and write the sheets that go out."""

from talentpool.campaigns.drawing import OFFICE, Drawn, draw, may_be_drawn
from talentpool.campaigns.life.approver import Approver, known_officer
from talentpool.campaigns.life.approving import Approved, decide
from talentpool.declare.occasion import cycle_of, event_dates, festival_date, turn_of, turns
from talentpool.declare.rules import list_reasons, rule

__all__ = [
    "OFFICE",
    "Approved",
    "Approver",
    "Drawn",
    "cycle_of",
    "decide",
    "draw",
    "event_dates",
    "festival_date",
    "known_officer",
    "list_reasons",
    "may_be_drawn",
    "rule",
    "turn_of",
    "turns",
]
