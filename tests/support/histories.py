"""A partner's months before the one that a test is about: a hundred people and more, of whom few come and go."""

from __future__ import annotations

from collections.abc import Iterator

from rosters import Office, person

HERE, THERE = "140403", "140425"
DAYS = [f"2026-{month:02d}-28" for month in range(2, 12)]


def people(first: int, last: int) -> list[dict[str, str]]:
    """Rows of these numbers, a third of them in the other county."""
    return [person(n, county=HERE if n % 3 else THERE, station="一站") for n in range(first, last)]


def months(size: int = 150) -> Iterator[list[dict[str, str]]]:
    """Two leave and two come each month."""
    for month in range(len(DAYS)):
        yield people(1 + 2 * month, size + 1 + 2 * month)


def live_through(office: Office, count: int, size: int = 150, *, partner: str = "didi") -> list[dict[str, str]]:
    """So many months are published; returns the rows of the next one."""
    rosters = months(size)
    for day in DAYS[:count]:
        assert office.deliver(day, next(rosters), partner=partner).status == "published"
    return next(rosters)
