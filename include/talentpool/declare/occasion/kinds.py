"""Define the kinds of occasion that a campaign's YAML may declare, and on which days each comes round.

| kind | as declared |
|---|---|
| a fixed day | `{month: 7, day: 17}` |
| a lunar festival | `{festival: 端午}` |
| a solar term, or a period of heat | `{solar_term: 冬至}`, `{solar_term: 初伏}` |
| the nth weekday of a month (1 = Monday; nth -1 = the last) | `{month: 4, nth: 2, weekday: 6}` |
| a season | `{season: 三伏}`, `{season: {begins: {month: 6, day: 15}, ends: {solar_term: 立秋}}}` |
| every month | `{every: month, day: 10}`, `{every: month, nth: 1, weekday: 3}` |
| every quarter | `{every: quarter, month: 1, day: 15}`: the quarter's first month |

`days_before` takes days off any of them. A fixed 29 February falls on 1 March in common years, as birthdays do; a day
that a month lacks is its last, in what comes every month or quarter.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from talentpool.declare.base import Declaration
from talentpool.declare.occasion.lunisolar import LAST_HEAT, Festival, SolarTerm, festival_date, solar_term_date

LONGEST_SEASON = 184
"""Days: half a year. A longer season would reach into the draw of the next."""


@dataclass(frozen=True)
class Turn:
    """One time that an occasion comes round: the cycle's name, its first and its last day (the same but for a season)."""

    cycle: str
    first: date
    last: date


@dataclass(frozen=True)
class Dated:
    """A turn that an officer made: an extra one, or a declared one on another day. `replaces`: its declared first day."""

    turn: Turn
    replaces: date | None = None


class Day(Declaration):
    """A day of the year: month and day, a festival, or a solar term."""

    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    festival: Festival | None = None
    solar_term: SolarTerm | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Day:
        named = self.model_fields_set - {name for name in self.model_fields_set if getattr(self, name) is None}
        if named not in ({"month", "day"}, {"festival"}, {"solar_term"}):
            raise ValueError("a day is month and day, or festival, or solar_term")
        _refuse_no_day(self.month, self.day)
        return self

    def of(self, year: int) -> date:
        return _day_of(self, year)


class Season(Declaration):
    """From one day to another, which may lie in the next year."""

    begins: Day
    ends: Day

    @model_validator(mode="after")
    def _not_too_long(self) -> Season:
        first, last = self.of(2028)  # a leap year, with a leap month
        if (last - first).days >= LONGEST_SEASON:
            raise ValueError(f"a season has at most {LONGEST_SEASON} days; this one has {(last - first).days + 1}")
        return self

    def of(self, year: int) -> tuple[date, date]:
        first, last = self.begins.of(year), self.ends.of(year)
        return first, last if last >= first else self.ends.of(year + 1)


KINDS: dict[str, frozenset[str]] = {
    "fixed_day": frozenset({"month", "day"}),
    "festival": frozenset({"festival"}),
    "solar_term": frozenset({"solar_term"}),
    "nth_weekday": frozenset({"month", "nth", "weekday"}),
    "season": frozenset({"season"}),
    "monthly": frozenset({"every", "day"}),
    "monthly_weekday": frozenset({"every", "nth", "weekday"}),
    "quarterly": frozenset({"every", "month", "day"}),
}
"""Kind -> the keys that declare it, all of them and no others (but days_before)."""


class Occasion(Declaration):
    """When a campaign comes round; the module says which keys go together."""

    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    festival: Festival | None = None
    solar_term: SolarTerm | None = None
    nth: Literal[1, 2, 3, 4, -1] | None = None
    weekday: int | None = Field(default=None, ge=1, le=7, description="1 = Monday ... 7 = Sunday")
    season: Season | Literal["三伏"] | None = None
    every: Literal["month", "quarter"] | None = None
    days_before: int = Field(default=0, ge=0, le=120)

    @model_validator(mode="after")
    def _one_kind(self) -> Occasion:
        if self._named() not in KINDS.values():
            raise ValueError("give the keys of one kind: " + "; ".join(", ".join(sorted(k)) for k in KINDS.values()))
        if self.every is None:
            _refuse_no_day(self.month, self.day)
        elif (self.every == "quarter") != (self.kind == "quarterly"):
            raise ValueError("every: month takes day, or nth and weekday; every: quarter takes month and day")
        elif self.month is not None and self.month > 3:
            raise ValueError("every: quarter counts months within the quarter: 1, 2 or 3")
        return self

    def _named(self) -> frozenset[str]:
        keys = frozenset().union(*KINDS.values())
        return frozenset(name for name in keys if getattr(self, name) is not None)

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        return next(kind for kind, keys in KINDS.items() if keys == self._named())

    @property
    def by_moon_or_sun(self) -> bool:
        """Whether its days are computed from the lunar calendar or the solar terms."""
        days = (self.season.begins, self.season.ends) if isinstance(self.season, Season) else ()
        return self.season == "三伏" or any(one.festival or one.solar_term for one in (self, *days))

    def turns(self, year: int) -> list[Turn]:
        """The turns named after `year`, ascending: one, twelve or four. days_before may carry one into the year before."""
        earlier = timedelta(days=self.days_before)
        return [Turn(cycle, first - earlier, last - earlier) for cycle, first, last in self._days(year)]

    def _days(self, year: int) -> Iterator[tuple[str, date, date]]:
        if self.every is not None:
            for cycle, month in _months(self, year):
                yield cycle, (day := _in_month(self, year, month)), day
        elif self.season is not None:
            yield str(year), *_season(self.season, year)
        elif self.nth is not None:
            yield str(year), (day := _in_month(self, year, self.month or 1)), day
        else:
            yield str(year), (day := _day_of(self, year)), day


def _months(occasion: Occasion, year: int) -> list[tuple[str, int]]:
    if occasion.every == "month":
        return [(f"{year}-{month:02}", month) for month in range(1, 13)]
    return [(f"{year}-Q{quarter}", 3 * (quarter - 1) + (occasion.month or 1)) for quarter in range(1, 5)]


def _in_month(occasion: Occasion, year: int, month: int) -> date:
    begins, days = monthrange(year, month)  # weekday of the first (0 = Monday), and how many
    if occasion.nth is None:
        return date(year, month, min(occasion.day or 1, days))
    first = 1 + ((occasion.weekday or 1) - 1 - begins) % 7
    if occasion.nth == -1:
        return date(year, month, first + 7 * ((days - first) // 7))
    return date(year, month, first + 7 * (occasion.nth - 1))


def _season(season: Season | str, year: int) -> tuple[date, date]:
    if isinstance(season, Season):
        return season.of(year)
    return solar_term_date("初伏", year), solar_term_date("末伏", year) + LAST_HEAT


def _day_of(what: Day | Occasion, year: int) -> date:
    if what.festival is not None:
        return festival_date(what.festival, year)
    if what.solar_term is not None:
        return solar_term_date(what.solar_term, year)
    try:
        return date(year, what.month or 1, what.day or 1)
    except ValueError:
        return date(year, 3, 1)


def _refuse_no_day(month: int | None, day: int | None) -> None:
    if month is not None and day is not None:
        date(2024, month, day)  # a leap year: 29 February is a day
