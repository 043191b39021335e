"""Make the true people of a synthetic city and place them on rosters. Numbers use a prefix that was never issued."""

from __future__ import annotations

import csv
import random
from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from talentpool.conform.values.documents import check_digit
from talentpool.demo.names import make_names
from talentpool.demo.profiles import COUNTY_WEIGHTS, PROFILES, Noise, Profile
from talentpool.errors import UsageError
from talentpool.settings import INCLUDE

NEVER_ISSUED = "140199"
NO_END = 10_000
"""The last month of those who stay."""
MOBILE_HEADS = ("130", "131", "135", "136", "137", "138", "139", "150", "151", "152", "155", "158", "159", "166", "176",
                "177", "178", "180", "183", "185", "186", "187", "188", "189", "191", "199")  # fmt: skip


@dataclass(repr=False, slots=True)
class Person:
    """A true person. Months count from 0; a person works in [first_month, last_month]."""

    key: str
    name: str
    sex: int
    born: date
    document: str
    mobile: str
    profile: Profile
    county: str
    station: str
    hired: date
    first_month: int = 0
    last_month: int = NO_END


@dataclass(repr=False)
class City:
    """`rosters`: partner -> the people on it; `stations`: county -> names; `taken`: numbers that somebody has."""

    people: list[Person]
    rosters: dict[str, list[Person]]
    stations: dict[str, list[str]]
    taken: Taken


def month_ends(end: date, months: int) -> list[date]:
    """`months` as-of dates, the last one `end`, the others the ends of the months before."""
    found = [end]
    day = end
    for _ in range(months - 1):
        day = day.replace(day=1) - timedelta(days=1)
        found.append(day.replace(day=monthrange(day.year, day.month)[1]))
    return found[::-1]


def make_city(
    rng: random.Random,
    profiles: list[Profile],
    counties: dict[str, str],
    *,
    people: int | None,
    as_ofs: list[date],
    noise: Noise,
) -> City:
    """Draw the people of the declared partners; by default as many as the bulletin counts.

    `people` are those at work on the last as-of; who left before it comes on top.
    """
    default = sum(profile.people for profile in profiles)
    months = len(as_ofs)
    taken = Taken()
    city = City([], {profile.partner: [] for profile in profiles}, make_stations(rng, counties), taken)
    draw = _Drawing(rng, city.stations, counties, as_ofs, taken)
    left = people if people is not None else default
    for place, profile in enumerate(profiles):
        size = left if place == len(profiles) - 1 else round((people or default) * profile.people / default)
        left -= size
        young = round(size * profile.young)
        for i in range(size):
            city.people.append(draw.person(profile, i < young))
        leavers = sum(rng.random() < noise.leave * max(months - 1, 0) for _ in range(size))
        for _ in range(leavers):
            gone = draw.person(profile, rng.random() < profile.young)
            gone.last_month = max(rng.randrange(max(months - 1, 1)), gone.first_month)
            city.people.append(gone)
    names = make_names(rng, [person.sex for person in city.people])
    for number, (person, name) in enumerate(zip(city.people, names, strict=True)):
        person.key, person.name = f"P{number:07d}", name
        if person.last_month == NO_END and rng.random() < noise.join * max(months - 1, 0):
            person.first_month = max(rng.randrange(1, months), person.first_month)
            person.hired = as_ofs[person.first_month] - timedelta(days=rng.randrange(28))
        city.rosters[person.profile.partner].append(person)
    _recycle_mobiles(rng, city, noise)
    _second_rosters(rng, city, noise)
    return city


class _Drawing:
    """Draws one person after the other."""

    def __init__(
        self,
        rng: random.Random,
        stations: dict[str, list[str]],
        counties: dict[str, str],
        as_ofs: list[date],
        taken: Taken,
    ) -> None:
        self._rng, self._stations, self._as_ofs, self._taken = rng, stations, as_ofs, taken
        self._codes = list(counties)
        self._weights = list(accumulate(COUNTY_WEIGHTS.get(code, 8) for code in counties))
        self._settled = 31 * len(as_ofs) + 8
        """Days before the end on which everybody but joiners is at work already."""

    def person(self, profile: Profile, young: bool) -> Person:
        rng, end = self._rng, self._as_ofs[-1]
        sex = 1 if rng.random() < 0.84 else 2
        born = _born(rng, young, end)
        county = rng.choices(self._codes, cum_weights=self._weights)[0]
        since_16 = (end - born).days - 16 * 366
        hired = end - timedelta(days=min(self._settled + rng.randrange(3_000), since_16))
        return Person(
            key="",
            name="",
            sex=sex,
            born=born,
            document=self._taken.document(born, sex),
            mobile=self._taken.mobile(rng),
            profile=profile,
            county=county,
            station=rng.choice(self._stations[county]),
            hired=hired,
            first_month=bisect_left(self._as_ofs, hired),
        )


def _born(rng: random.Random, young: bool, end: date) -> date:
    """A birth date whose completed years on `end` are 18 to 35, or 36 to 60."""
    age = round(rng.triangular(18, 35, 29)) if young else round(rng.triangular(36, 60, 40))
    birthday = end.replace(year=end.year - age, day=28 if (end.month, end.day) == (2, 29) else end.day)
    return birthday - timedelta(days=rng.randrange(365))


class Taken:
    """Numbers already given out, so that no two people share one by accident."""

    def __init__(self) -> None:
        self._sequence: dict[tuple[date, int], int] = {}
        self._mobiles: set[str] = set()

    def document(self, born: date, sex: int) -> str:
        """The next number of that day: odd sequences are men, even ones women."""
        sequence = self._sequence.get((born, sex), -1 if sex == 1 else 0) + 2
        if sequence > 999:
            raise UsageError(f"more people born on one day than numbers exist; take fewer people ({born:%Y})")
        self._sequence[born, sex] = sequence
        first = f"{NEVER_ISSUED}{born.year:04d}{born.month:02d}{born.day:02d}{sequence:03d}"
        return first + check_digit(first)

    def mobile(self, rng: random.Random, head: str = "") -> str:
        """A number nobody has; with the first three digits of `head` when given."""
        while True:
            number = (head[:3] or rng.choice(MOBILE_HEADS)) + f"{rng.randrange(10**8):08d}"
            if number not in self._mobiles and len(set(number[3:])) > 2:
                self._mobiles.add(number)
                return number


def _recycle_mobiles(rng: random.Random, city: City, noise: Noise) -> None:
    """Some joiners were sold a number that somebody who left had before."""
    leavers = [p for p in city.people if p.last_month < NO_END]
    rng.shuffle(leavers)
    for joiner in city.people:
        if leavers and joiner.first_month > leavers[-1].last_month and rng.random() < noise.recycled:
            joiner.mobile = leavers.pop().mobile


def make_stations(rng: random.Random, counties: dict[str, str]) -> dict[str, list[str]]:
    """A few stations a county, named after its streets and towns where those are known."""
    with (INCLUDE / "reference" / "towns.csv").open(encoding="utf-8", newline="") as lines:
        towns: dict[str, list[str]] = {}
        for row in csv.DictReader(lines):
            if row["name_nbs_2023"] and not row["functional_zone"]:
                towns.setdefault(row["county_code"], []).append(row["name_nbs_2023"])
    stations = {}
    for code, name in counties.items():
        known = [town.removesuffix("街道") for town in towns.get(code, [])] or [
            f"{name}城关",
            f"{name}城东",
            f"{name}城西",
        ]
        rng.shuffle(known)
        stations[code] = [f"{place}站" for place in sorted(known[:5])]
    return stations


def _second_rosters(rng: random.Random, city: City, noise: Noise) -> None:
    """Of each roster but the largest, a share are people whose main job is at another partner."""
    partners = sorted(city.rosters, key=lambda p: -len(city.rosters[p]))
    for partner in partners[1:]:
        others = [p for p in city.people if p.profile.partner != partner and p.last_month == NO_END]
        own = city.rosters[partner]
        share = noise.two_rosters / (1 - noise.two_rosters)
        own.extend(rng.sample(others, min(len(others), round(len(own) * share))))


def profiles_of(partners: list[str]) -> list[Profile]:
    """Profiles of the declared partners, in the order of the table."""
    return [profile for profile in PROFILES if profile.partner in partners]
