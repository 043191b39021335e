"""What is ingested: the demo's synthetic people as one partner's roster in the standard template, and the month after.

The second month is made of the first by counted changes of rows that every rule accepts, so that the number of rows
that must be sealed is known without asking the product.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path

from talentpool.area import counties as counties_of
from talentpool.declare import TEMPLATE_V1
from talentpool.demo.population import NEVER_ISSUED, City, make_city
from talentpool.demo.profiles import PRESETS, PROFILES
from talentpool.demo.rosters import OUTSIDE, Row, write_rosters
from talentpool.settings import Settings

FIRST, SECOND = date(2026, 10, 31), date(2026, 11, 30)
CHANGED, NEW, GONE = 0.02, 0.005, 0.005
_ADULT_SINCE = "2008"


@dataclass(frozen=True)
class Population:
    """Two rosters of one partner, UTF-8. `changed`, `new`, `gone`: rows in which the second differs."""

    partner: str
    preset: str
    rows: int
    first: Path
    second: Path
    second_rows: int
    changed: int
    new: int
    gone: int


def make_population(folder: Path, partner: str, preset: str, rows: int, seed: int = 1) -> Population:
    """Write first.csv and second.csv into `folder`. The same arguments give the same bytes."""
    assert NEVER_ISSUED == "140199", "only numbers that nobody has"
    rng = random.Random(f"bench|{partner}|{preset}|{seed}")  # noqa: S311 - synthetic, reproducible on purpose
    settings = Settings()
    counties = counties_of(settings.reference, settings.area)
    profile = next(profile for profile in PROFILES if profile.partner == partner)
    noise = PRESETS[preset]
    people = rows + round(rows * NEW * 2) + 20
    city = make_city(rng, [profile], counties, people=people, as_ofs=[FIRST], noise=noise)
    entries = write_rosters(rng, city, profile, noise, counties, [FIRST], preset == "hard")
    every = [row for entry in entries for row in entry.rows.values()]
    before, reserve = every[:rows], [row for row in every[rows:] if acceptable(row)]
    sound = [at for at, row in enumerate(before) if acceptable(row)]
    picked = rng.sample(sound, round(rows * CHANGED) + round(rows * GONE))
    changed, gone = picked[: round(rows * CHANGED)], set(picked[round(rows * CHANGED) :])
    new = reserve[: round(rows * NEW)]
    after: list[Row] = list(before)
    for place, at in enumerate(changed):
        after[at] = _changed(rng, after[at], city, list(counties), moved=place % 2 == 0)
    after = [row for at, row in enumerate(after) if at not in gone] + new
    folder.mkdir(parents=True)
    write_rows(folder / "first.csv", before)
    write_rows(folder / "second.csv", after)
    return Population(
        partner, preset, len(before), folder / "first.csv", folder / "second.csv", len(after),
        len(changed), len(new), len(gone),
    )  # fmt: skip


def acceptable(row: Row) -> bool:
    """A row that no rule sets aside or refuses, today and a month later."""
    adult = row.document_no != "" or row.birth_date.replace("-", "").replace("/", "")[:4] < _ADULT_SINCE
    # somebody else's document, borrowed: its owner may have been a child when this one was hired
    born = row.document_no[6:10]
    grown = len(row.document_no) != 18 or not born.isdigit() or int(row.hired_on[:4] or 9999) - int(born) > 14
    return bool(row.consented_on) and row.notice_version == "v1" and adult and grown and row.county != OUTSIDE


def _changed(rng: random.Random, row: Row, city: City, counties: list[str], *, moved: bool) -> Row:
    """The same person at another station of another county, or with a number nobody has."""
    if not moved:
        return replace(row, mobile=city.taken.mobile(rng))
    county = rng.choice([code for code in counties if row.station not in city.stations[code]])
    return replace(row, county=county, station=rng.choice(city.stations[county]))


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Rows in the standard template, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(TEMPLATE_V1)
        writer.writerows(map(attrgetter(*TEMPLATE_V1.values()), rows))
