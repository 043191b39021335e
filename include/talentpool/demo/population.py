"""The true people of a synthetic city, and on whose rosters they are. Numbers use a prefix that was never issued."""

from __future__ import annotations

import csv
import random
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from talentpool.conform.documents import check_digit
from talentpool.demo.names import make_names
from talentpool.demo.profiles import COUNTY_WEIGHTS, PROFILES, Noise, Profile
from talentpool.settings import INCLUDE

NEVER_ISSUED = "140199"
MOBILE_HEADS = ("130", "131", "135", "136", "137", "138", "139", "150", "151", "152", "155", "158", "159", "166", "176",
                "177", "178", "180", "183", "185", "186", "187", "188", "189", "191", "199")  # fmt: skip


@dataclass(repr=False)
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
    last_month: int = 10_000


@dataclass(repr=False)
class City:
    """`rosters`: partner -> the people on it."""

    people: list[Person]
    rosters: dict[str, list[Person]]
    stations: dict[str, list[str]] = field(default_factory=dict)


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
    end: date,
    months: int,
    noise: Noise,
) -> City:
    """Draw the people of the declared partners; by default as many as the bulletin counts."""
    default = sum(profile.people for profile in profiles)
    stations = make_stations(rng, counties)
    weights = [COUNTY_WEIGHTS.get(code, 8) for code in counties]
    city = City([], {profile.partner: [] for profile in profiles}, stations)
    taken = _Taken()
    left = people if people is not None else default
    for place, profile in enumerate(profiles):
        size = left if place == len(profiles) - 1 else round((people or default) * profile.people / default)
        left -= size
        young = round(size * profile.young)
        for i in range(size):
            city.people.append(_person(rng, profile, i < young, counties, weights, stations, end, taken))
        leavers = sum(rng.random() < noise.leave * max(months - 1, 0) for _ in range(size))
        for _ in range(leavers):
            gone = _person(rng, profile, rng.random() < profile.young, counties, weights, stations, end, taken)
            gone.last_month = rng.randrange(max(months - 1, 1))
            city.people.append(gone)
    names = make_names(rng, [person.sex for person in city.people])
    for number, (person, name) in enumerate(zip(city.people, names, strict=True)):
        person.key, person.name = f"P{number:07d}", name
        if person.last_month > months and rng.random() < noise.join * max(months - 1, 0):
            person.first_month = rng.randrange(1, months)
        city.rosters[person.profile.partner].append(person)
    _second_rosters(rng, city, noise)
    return city


def _person(
    rng: random.Random,
    profile: Profile,
    young: bool,
    counties: dict[str, str],
    weights: list[int],
    stations: dict[str, list[str]],
    end: date,
    taken: _Taken,
) -> Person:
    sex = 1 if rng.random() < 0.84 else 2
    born = _born(rng, young, end)
    county = rng.choices(list(counties), weights)[0]
    adult = max((end - born).days - 18 * 366, 30)
    hired = end - timedelta(days=min(rng.randrange(70, 3_000), adult))
    return Person(
        key="",
        name="",
        sex=sex,
        born=born,
        document=taken.document(born, sex),
        mobile=taken.mobile(rng),
        profile=profile,
        county=county,
        station=rng.choice(stations[county]),
        hired=hired,
    )


def _born(rng: random.Random, young: bool, end: date) -> date:
    """A birth date whose completed years on `end` are 18 to 35, or 36 to 60."""
    age = round(rng.triangular(18, 35, 29)) if young else round(rng.triangular(36, 60, 40))
    month, day = rng.randrange(1, 13), rng.randrange(1, 29)
    year = end.year - age - (0 if (month, day) <= (end.month, end.day) else 1)
    return date(year, month, day)


class _Taken:
    """Numbers already given out, so that no two people share one by accident."""

    def __init__(self) -> None:
        self._sequence: Counter[tuple[date, int]] = Counter()
        self._mobiles: set[str] = set()

    def document(self, born: date, sex: int) -> str:
        self._sequence[born, sex] += 1
        sequence = 2 * self._sequence[born, sex] - (1 if sex == 1 else 0)
        first = f"{NEVER_ISSUED}{born:%Y%m%d}{sequence % 1000:03d}"
        return first + check_digit(first)

    def mobile(self, rng: random.Random) -> str:
        while True:
            number = rng.choice(MOBILE_HEADS) + f"{rng.randrange(10**8):08d}"
            if number not in self._mobiles and len(set(number[3:])) > 2:
                self._mobiles.add(number)
                return number


def make_stations(rng: random.Random, counties: dict[str, str]) -> dict[str, list[str]]:
    """A few stations a county, named after its streets and towns where those are known."""
    with (INCLUDE / "reference" / "towns_changzhi_xinghualing.csv").open(encoding="utf-8", newline="") as lines:
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
        others = [p for p in city.people if p.profile.partner != partner and p.last_month > 1_000]
        own = city.rosters[partner]
        share = noise.two_rosters / (1 - noise.two_rosters)
        own.extend(rng.sample(others, min(len(others), round(len(own) * share))))


def profiles_of(partners: list[str]) -> list[Profile]:
    """Profiles of the declared partners, in the order of the table."""
    return [profile for profile in PROFILES if profile.partner in partners]
