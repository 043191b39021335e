"""Tell which roster of a partner is due on a day: from its cadence, its grace and working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from talentpool.declare.occasion import WorkingDays
from talentpool.declare.partner import Partner

HOURS_A_DAY = 24
FARTHEST_BACK = 40
"""Times that a cadence may come round within a break: it has nine days, and a cadence comes round once a day at most."""


@dataclass(frozen=True)
class Due:
    """A roster that is due: with facts of later than `after`, it comes round on `fires`, is expected on the working day `on`, and
    is late after the working day `until`."""

    partner: str
    after: date
    fires: date
    on: date
    until: date

    def is_met(self, as_of: date | None) -> bool:
        """Whether a roster of this as-of date is the one that was due, or a newer one."""
        return as_of is not None and as_of > self.after


def due(partner: Partner, day: date, working: WorkingDays, fired_by: date | None = None) -> Due | None:
    """The newest roster that is due on `day` or before; with `fired_by`, of those that come round up to then.

    A day that is no working day moves to the next; grace counts in whole working days. None for a cadence that never comes round.
    """
    fires = _fired(partner.cadence.cron, min(day, fired_by or day))
    for _ in range(FARTHEST_BACK):
        if fires is None:
            return None
        before = _fired(partner.cadence.cron, fires - timedelta(days=1))
        on = working.on_or_after(fires)
        if on <= day:
            return Due(partner.code, before or date.min, fires, on, _later(on, partner.cadence.grace_hours, working))
        fires = before
    return None


def rounds(partner: Partner, first: date, last: date, working: WorkingDays) -> list[Due]:
    """Every roster that is due on a day from `first` to `last`, ascending; none for a cadence that never comes round. Of two
    that a break moves to one working day the later is due, as `due` has it."""
    found: list[Due] = []
    roster = due(partner, last, working)
    while roster is not None and roster.on >= first:
        if not found or roster.on < found[-1].on:
            found.append(roster)
        earlier = due(partner, last, working, fired_by=roster.fires - timedelta(days=1))
        roster = earlier if earlier is not None and earlier.fires < roster.fires else None
    return found[::-1]


def _fired(cron: str, day: date) -> date | None:
    """The last day up to `day`, that one too, on which the cadence comes round."""
    from croniter import CroniterBadDateError, croniter  # type: ignore[import-untyped]

    try:
        found: datetime = croniter(cron, datetime.combine(day, time.max)).get_prev(datetime)
    except CroniterBadDateError:
        return None
    return found.date()


def _later(day: date, hours: int, working: WorkingDays) -> date:
    """The working day so many hours, rounded up to days, after a working day."""
    for _ in range(ceil(hours / HOURS_A_DAY)):
        day = working.on_or_after(day + timedelta(days=1))
    return day
