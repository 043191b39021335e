"""Compute ages: completed years on a stated date. The birthday itself counts, unless the rule says the day after.

Someone born on 29 February has a birthday on 1 March in common years.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise


def latest_birth_date(years: int, as_of: date, birthday_rule: str = "on_day") -> date:
    """The latest day of birth of those who have completed `years` on `as_of`: ages compared in SQL as dates."""
    day = as_of if birthday_rule == "on_day" else as_of - timedelta(days=1)
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: born on the 28th or before
        return date(day.year - years, 2, 28)


def band_labels(lower_bounds: tuple[int, ...]) -> list[str]:
    """Labels of the bands that ascending lower bounds make: below the first, between, and from the last on."""
    between = [f"{a}-{b - 1}" for a, b in pairwise(lower_bounds)]
    return [f"<{lower_bounds[0]}", *between, f"{lower_bounds[-1]}+"]
