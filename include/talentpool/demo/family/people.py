"""Make the true people of a drawn population: who they are, their kin and namesakes, and what they carry."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from talentpool.conform.values.documents import check_digit
from talentpool.demo.family.naming import Name, Naming
from talentpool.demo.family.traits import Traits
from talentpool.demo.population import NEVER_ISSUED, Person, Taken, make_stations
from talentpool.demo.profiles import COUNTY_WEIGHTS, Profile
from talentpool.errors import UsageError

_NOBODY = Name("", "")


@dataclass(repr=False, slots=True)
class Resident(Person):
    """A true person with a name in parts. `second`: the number of another SIM; `shared`: one that others give too."""

    called: Name = _NOBODY
    partners: tuple[str, ...] = ()
    """Whose rosters the person is on; the main job first."""
    second: str = ""
    shared: str = ""
    twin: Resident | None = None
    """Who was born before on that day, of the same mother."""


class Drawing:
    """Draws one resident after the other."""

    def __init__(self, rng: random.Random, traits: Traits, counties: dict[str, str], end: date) -> None:
        self.rng, self.traits, self.end = rng, traits, end
        self.stations = make_stations(rng, counties)
        self.counties = list(counties)
        self._weights = [COUNTY_WEIGHTS.get(code, 8) * rng.lognormvariate(0, traits.county_shake) for code in counties]
        self.naming = Naming(rng, traits, counties)
        self.taken = Taken()
        self._documents: set[str] = set()
        self.people: list[Resident] = []

    def county(self) -> str:
        return self.rng.choices(self.counties, self._weights)[0]

    def resident(self, number: int, profile: Profile, partners: tuple[str, ...]) -> Resident:
        """Somebody with a county, a name and a number; the document and the dates of work come later."""
        rng, county = self.rng, self.county()
        sex = 2 if rng.random() < self.traits.women else 1
        young = rng.random() < profile.young
        age = rng.triangular(18, 36, 29) if young else rng.triangular(36, 60, 40)
        born = self.end - timedelta(days=int(age * 365.25) + 1)
        return Resident(
            key=f"P{number:07d}",
            name="",
            sex=sex,
            born=born,
            document="",
            mobile=self.taken.mobile(rng),
            profile=profile,
            county=county,
            station=rng.choice(self.stations[county]),
            hired=born,
            called=self.naming.make(county, sex, born),
            partners=partners,
            second=self.taken.mobile(rng) if rng.random() < self.traits.second_sim else "",
        )

    def document(self, person: Resident) -> str:
        """A number that nobody has. Its three digits of sequence are any, as stations of police give them out; twins are
        registered one after the other."""
        born, odd = person.born, person.sex % 2
        near = int(person.twin.document[14:17]) + 1 if person.twin and person.twin.document else 0
        for attempt in range(2_000):
            drawn = near + attempt if near and attempt < 4 else self.rng.randrange(1, 1000)
            sequence = drawn + (drawn % 2 != odd)
            if sequence > 999:
                continue
            first = f"{NEVER_ISSUED}{born:%Y%m%d}{sequence:03d}"
            if first not in self._documents:
                self._documents.add(first)
                return first + check_digit(first)
        raise UsageError(f"more people born on one day than numbers exist; take fewer people ({born:%Y})")


def make_alike(drawing: Drawing, people: Sequence[Resident]) -> None:
    """Twins, siblings, namesakes: of two people who were drawn the second becomes like the first."""
    rng, traits = drawing.rng, drawing.traits
    free = rng.sample(people, len(people))

    def pairs(share: float) -> list[tuple[Resident, Resident]]:
        count = min(int(share * len(people) / 2 + rng.random()), len(free) // 2)
        return [(free.pop(), free.pop()) for _ in range(count)]

    for first, other in pairs(traits.twins):
        other.born, other.twin = first.born, first
        if rng.random() < 0.7:
            other.sex = first.sex
        _as_kin(drawing, first, other)
    for first, other in pairs(traits.siblings):
        born = first.born + timedelta(days=rng.randint(330, 4_000) * rng.choice((-1, 1)))
        if 18 * 366 < (drawing.end - born).days < 60 * 365:
            other.born = born
        _as_kin(drawing, first, other)
    for first, other in pairs(traits.namesake_born_same_day):
        other.born = first.born
        _as_namesake(first, other)
        if rng.random() < 0.5:
            other.county, other.station = first.county, first.station
    for first, other in pairs(traits.namesake_same_station):
        _as_namesake(first, other)
        other.county, other.station = first.county, first.station


def _as_kin(drawing: Drawing, first: Resident, other: Resident) -> None:
    rng = drawing.rng
    if rng.random() < 0.85:
        other.county = first.county
        other.station = first.station if rng.random() < 0.5 else rng.choice(drawing.stations[first.county])
    while True:
        other.called = drawing.naming.alike(first.called, first.county, other.sex, other.born)
        if str(other.called) != str(first.called):
            break
    if rng.random() < drawing.traits.kin_mobile:
        other.shared = first.mobile


def _as_namesake(first: Resident, other: Resident) -> None:
    other.sex, other.called = first.sex, first.called


def share_mobiles(drawing: Drawing, people: Sequence[Resident]) -> None:
    """Groups of 2 to 30 who give one number: of a family, of the head of a station, of a dormitory."""
    rng = drawing.rng
    left = drawing.traits.shared_mobile * len(people)
    stations: dict[tuple[str, str], list[Resident]] = {}
    families: dict[tuple[str, str], list[Resident]] = {}
    for person in people:
        stations.setdefault((person.county, person.station), []).append(person)
        families.setdefault((person.county, person.called.surname), []).append(person)
    while left > 1:
        family = rng.random() < 0.5
        most = min(2 + int(rng.expovariate(1.5 if family else 0.2)), 5 if family else 30)
        one = rng.choice(people)
        place = families[one.county, one.called.surname] if family else stations.get((one.county, one.station), [one])
        group = rng.sample(place, min(most, len(place)))
        number = one.mobile if rng.random() < 0.7 else drawing.taken.mobile(rng)
        for person in group:
            person.shared = number
        left -= max(len(group), 1)
