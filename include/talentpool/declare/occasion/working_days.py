"""Tell working days from the office's holiday table: weekends are off, holidays too, make-up workdays are worked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from talentpool.errors import UsageError

ONE_DAY = timedelta(days=1)
SATURDAY = 6
LONGEST_BREAK = 30
"""Days in which a working day is looked for."""
LONGEST_NOTICE = 15
"""Days off in a row beyond which a table is wrong; no notice has had more than nine, and weekends may stand beside them."""


@dataclass(frozen=True)
class WorkingDays:
    """The holiday table: days off, weekend days that are worked, and the years that it covers."""

    holidays: frozenset[date]
    worked: frozenset[date]

    @property
    def years(self) -> frozenset[int]:
        """Years of which the State Council's notice is in the table."""
        return years_with_a_table(self.holidays)

    def is_working(self, day: date) -> bool:
        """Of a year without a table only weekends are known."""
        return day in self.worked or (day not in self.holidays and day.isoweekday() < SATURDAY)

    def breaks(self) -> Iterator[tuple[date, int]]:
        """First day and length of every run of days off that a holiday is in, ascending."""
        last = date.min
        for day in sorted(self.holidays - self.worked):
            if day <= last:
                continue
            first = last = day
            while first > date.min and not self.is_working(first - ONE_DAY):
                first -= ONE_DAY
            while last < date.max and not self.is_working(last + ONE_DAY):
                last += ONE_DAY
            yield first, (last - first).days + 1

    def on_or_before(self, day: date) -> date:
        """The last working day up to `day`."""
        return self._nearest(day, -1)

    def on_or_after(self, day: date) -> date:
        """The first working day from `day` on."""
        return self._nearest(day, 1)

    def _nearest(self, day: date, step: int) -> date:
        for days in range(LONGEST_BREAK):
            found = day + timedelta(days=step * days)
            if self.is_working(found):
                return found
        raise UsageError(
            f"节假日表有误：{day} 前后 {LONGEST_BREAK} 天内没有工作日。请核对节假日表（talentpool reference check）"
        )


def years_with_a_table(holidays: Iterable[date]) -> frozenset[int]:
    """A year's notice is there when its New Year's Day is: a notice may name days of the December before."""
    return frozenset(day.year for day in holidays if (day.month, day.day) == (1, 1))
