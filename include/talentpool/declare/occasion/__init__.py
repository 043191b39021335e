"""Tell when campaigns come round: kinds of occasion, their cycles, and which days the office works.

Pure: dates in, dates out; no clock and no database.
"""

from talentpool.declare.occasion.cycles import (
    cycle_of,
    draw_day,
    event_dates,
    extra_cycle,
    is_extra,
    refuse_out_of_season,
    say_cycle,
    turn_of,
    turns,
)
from talentpool.declare.occasion.kinds import LONGEST_SEASON, Dated, Occasion, Turn
from talentpool.declare.occasion.lunisolar import CHECKED_UNTIL, festival_date, solar_term_date
from talentpool.declare.occasion.working_days import WorkingDays, years_with_a_table

__all__ = [
    "CHECKED_UNTIL",
    "LONGEST_SEASON",
    "Dated",
    "Occasion",
    "Turn",
    "WorkingDays",
    "cycle_of",
    "draw_day",
    "event_dates",
    "extra_cycle",
    "festival_date",
    "is_extra",
    "refuse_out_of_season",
    "say_cycle",
    "solar_term_date",
    "turn_of",
    "turns",
    "years_with_a_table",
]
