"""Compute ages: completed years on a stated date. The birthday itself counts, unless the rule says the day after.

Someone born on 29 February has a birthday on 1 March in common years.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from talentpool.declare.pool import AgeBand


def completed_years(birth_date: date, as_of: date, birthday_rule: str = "on_day") -> int:
    """Years completed on `as_of`; negative before birth. `birthday_rule`: on_day or day_after."""
    day = as_of if birthday_rule == "on_day" else as_of - timedelta(days=1)
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def in_band(birth_date: date | None, as_of: date, band: AgeBand) -> bool:
    """Whether the age lies in the band; an unknown birth date lies in none."""
    if birth_date is None:
        return False
    age = completed_years(birth_date, as_of, band.birthday_rule)
    return band.min <= age <= band.max if band.inclusive else band.min <= age < band.max


def band_labels(lower_bounds: tuple[int, ...]) -> list[str]:
    """Labels of the bands that ascending lower bounds make: below the first, between, and from the last on."""
    between = [f"{a}-{b - 1}" for a, b in pairwise(lower_bounds)]
    return [f"<{lower_bounds[0]}", *between, f"{lower_bounds[-1]}+"]
