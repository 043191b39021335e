"""Read stored results for the pages: by the queries that the pages show, through whatever connection the reader was given.

`side` is '' for the whole delivery or a county's code; row-level security gives a county's officer that county's rows alone, so a
reader without a right finds nothing, as if nothing were there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.alarm.expected import Standing, calendars

MONTHS = (3, 6, 12, 24)
"""Periods that may be chosen."""
EARLIEST = date(2000, 1, 1)
CAME = (Standing.RECEIVED, Standing.HELD)
DUE = (*CAME, Standing.LATE, Standing.MISSING)


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both included: `months` back from `last`."""

    first: date
    last: date
    months: int

    @property
    def words(self) -> str:
        return f"{self.first} 至 {self.last}"


def period(months: int | None, until: date | None, today: date) -> Period:
    """The period asked for; the year up to today where none, or another than MONTHS, is."""
    months = months if months in MONTHS else 12
    last = max(min(until or today, today), EARLIEST)
    years, month = divmod(last.year * 12 + last.month - 1 - months, 12)
    day = min(last.day, (date(years + (month + 1) // 12, (month + 1) % 12 + 1, 1) - date(years, month + 1, 1)).days)
    return Period(date(years, month + 1, day), last, months)


@dataclass(frozen=True)
class Reader:
    """Who reads what. `conn`: what it may see is the connection's to say; `calendar`: of the tasks' login, for days on which
    rosters were due, which name nobody; `side`: '' or a county's code; `whole`: whether it reads verdicts of whole deliveries."""

    conn: sa.Connection
    calendar: sa.Connection
    office: Office
    side: str = ""
    whole: bool = True

    def ask(self, name: str, **values: Any) -> Sequence[sa.Row[Any]]:
        """The rows of one of the named queries."""
        query = sa.text(queries()[name])
        asked = {key: values.get(key, self.side if key == "side" else None) for key in query.compile().params}
        return self.conn.execute(query, asked).all()

    def names(self) -> dict[str, str]:
        """Code -> name of every partner that is declared, by name."""
        found = partner_names(self.office.settings)
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def punctual(self, asked: Period) -> Mapping[str, list[tuple[date, bool]]]:
        """Partner -> each roster that was due in the period: its day, and whether it came within its grace. What was
        handed in of the time before the partner was connected was due to nobody."""
        today = today_in_office(self.office.settings)
        found = {}
        for each in calendars(self.calendar, self.office, asked.first, asked.last, today):
            due = [one for one in each.rosters if one.standing in DUE and not one.handed_in]
            found[each.code] = [(one.due.on, one.standing in CAME and one.in_time) for one in due]
        return found


@cache
def queries() -> dict[str, str]:
    """Name -> text of every query, as it is run and shown."""
    parts = Path(__file__).with_name("queries.sql").read_text(encoding="utf-8").split("-- name: ")[1:]
    return {name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)}
