"""Place the people of a drawn population on rosters: where, since when, and with which number at each partner."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from talentpool.demo.family.faults import any_day
from talentpool.demo.family.people import Drawing, Resident
from talentpool.demo.family.traits import Traits
from talentpool.demo.population import NO_END

TELLS = 0.6
"""Of people on two rosters who move or change their number, how many tell the second partner."""
_WORDS = {"postal": "揽投部", "sf": "营业点", "meituan": "配送站", "didi": "司机之家"}
"""What partners call a station of their own."""


@dataclass(repr=False, slots=True)
class Job:
    """A person's place on a roster in the months [first, last]. `mobiles`, `places`: month -> what changes then."""

    person: Resident
    partner: str
    county: str
    station: str
    hired: date
    mobile: str
    first: int
    last: int
    mobiles: dict[int, str] = field(default_factory=dict)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)


class Stations:
    """What each partner calls the stations of a county: some by the name that everybody uses, some by its own."""

    def __init__(self, rng: random.Random, traits: Traits, shared: dict[str, list[str]]) -> None:
        self._rng, self.shared = rng, shared
        self._names = {
            (partner, county, name): (
                f"{name.removesuffix('站')}{_WORDS.get(partner, '服务点')}" if rng.random() < of.own_stations else name
            )
            for partner, of in traits.partners.items()
            for county, names in shared.items()
            for name in names
        }

    def of(self, partner: str, county: str, name: str) -> str:
        return self._names[partner, county, name]

    def any(self, partner: str, county: str) -> str:
        return self.of(partner, county, self._rng.choice(self.shared[county]))


def set_months(drawing: Drawing, people: Sequence[Resident], as_ofs: list[date], leavers: int) -> None:
    """When people work: the last `leavers` of them left before the last month, some of the others joined after the first."""
    rng, traits, months = drawing.rng, drawing.traits, len(as_ofs)
    settled = 31 * months + 8
    gone = []
    for at, person in enumerate(people):
        since_16 = (drawing.end - person.born).days - 16 * 366
        person.hired = drawing.end - timedelta(days=min(settled + int(rng.expovariate(1 / 700)), since_16, 6_000))
        person.first_month = min(bisect_left(as_ofs, person.hired), months - 1)
        if at >= len(people) - leavers:
            person.last_month = max(rng.randrange(max(months - 1, 1)), person.first_month)
            gone.append(person)
        elif months > 1 and rng.random() < traits.join * (months - 1):
            person.first_month = max(rng.randrange(1, months), person.first_month)
            person.hired = as_ofs[person.first_month] - timedelta(days=rng.randrange(28))
    rng.shuffle(gone)
    for person in people:
        if gone and person.first_month > gone[-1].last_month and rng.random() < traits.recycled:
            person.mobile = gone.pop().mobile


def place(drawing: Drawing, person: Resident, stations: Stations, as_ofs: list[date]) -> list[Job]:
    """The jobs of one person, the main one first."""
    main = Job(
        person, person.partners[0], person.county, stations.of(person.partners[0], person.county, person.station),
        person.hired, person.mobile, person.first_month, min(person.last_month, NO_END),
    )  # fmt: skip
    jobs = [main]
    for partner in person.partners[1:]:
        job = _another(drawing, main, partner, stations, as_ofs)
        if job.first <= job.last:
            jobs.append(job)
    _share(drawing, person, jobs)
    _change(drawing, jobs, stations, len(as_ofs))
    return jobs


def _another(drawing: Drawing, main: Job, partner: str, stations: Stations, as_ofs: list[date]) -> Job:
    rng, traits, person = drawing.rng, drawing.traits, main.person
    county = main.county
    if rng.random() < traits.elsewhere:
        county = rng.choice([code for code in drawing.counties if code != county] or [county])
    station = stations.any(partner, county)
    if county == main.county and rng.random() < traits.same_station:
        station = main.station
    hired = main.hired
    if rng.random() >= traits.partners[partner].hired_as_elsewhere:
        of_age = person.born + timedelta(days=16 * 366)
        begun = as_ofs[0] if main.last < NO_END or rng.random() > traits.join * len(as_ofs) else as_ofs[-1]
        hired = any_day(rng, max(of_age, main.hired - timedelta(days=1_500)), begun)
    mobile = person.mobile
    if rng.random() < traits.old_number:
        sold = rng.random() < traits.old_number_sold
        mobile = rng.choice(drawing.people).mobile if sold else drawing.taken.mobile(rng)
    elif person.second and rng.random() < traits.sim_is_main:
        mobile = person.second
    first = min(bisect_left(as_ofs, hired), len(as_ofs) - 1)
    last = main.last
    if last == NO_END and len(as_ofs) > 1 and rng.random() < traits.leave * (len(as_ofs) - 1):
        last = max(rng.randrange(len(as_ofs) - 1), first)
    return Job(person, partner, county, station, hired, mobile, first, last)


def _share(drawing: Drawing, person: Resident, jobs: list[Job]) -> None:
    """Who gives a shared number gives it to one partner, or to all of them."""
    if person.shared:
        everywhere = drawing.rng.random() < 0.5
        told = jobs if everywhere else [drawing.rng.choice(jobs)]
        for job in told:
            job.mobile = person.shared


def _change(drawing: Drawing, jobs: list[Job], stations: Stations, months: int) -> None:
    """New numbers and other counties, month by month; another partner hears of it or not."""
    rng, traits, person = drawing.rng, drawing.traits, jobs[0].person
    for month in range(1, months):
        if rng.random() < traits.new_mobile:
            number = drawing.taken.mobile(rng)
            for job in jobs:
                if job is jobs[0] or rng.random() < TELLS:
                    job.mobiles[month] = number
        if rng.random() < traits.move:
            county = person.county if rng.random() < 0.3 else drawing.county()
            for job in jobs:
                if job is jobs[0] or rng.random() < TELLS:
                    job.places[month] = county, stations.any(job.partner, county)
            if person.first_month <= month <= person.last_month:
                person.county = county
