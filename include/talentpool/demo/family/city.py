"""Put a drawn population together: its people, their places on the rosters, and what the rosters say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from talentpool.area import shipped, unambiguous
from talentpool.demo.family.jobs import Job, Stations, place, set_months
from talentpool.demo.family.overlap import plan
from talentpool.demo.family.people import Drawing, Resident, make_alike, share_mobiles
from talentpool.demo.family.rows import Roster
from talentpool.demo.family.traits import Traits
from talentpool.demo.profiles import Profile
from talentpool.demo.rosters import Entry
from talentpool.settings import INCLUDE


@dataclass(frozen=True, repr=False)
class Population:
    """`entries`: partner -> the entries of its roster."""

    people: list[Resident]
    entries: dict[str, list[Entry]]


def make_population(
    rng: random.Random,
    traits: Traits,
    profiles: Sequence[Profile],
    counties: dict[str, str],
    as_ofs: list[date],
    *,
    people: int,
    second: frozenset[str],
) -> Population:
    """People and rosters of the traits.

    Args:
        people: at work on the last as-of; who left before it comes on top.
        second: partners whose roster has a column for a second number.
    """
    drawing = Drawing(rng, traits, counties, as_ofs[-1])
    stations = Stations(rng, traits, drawing.stations)
    leavers = sum(rng.random() < traits.leave * (len(as_ofs) - 1) for _ in range(people))
    drawing.people = made = _people(drawing, profiles, people, leavers)
    make_alike(drawing, made)
    for person in made:
        person.name = str(person.called)
    for person in sorted(made, key=lambda person: person.twin is not None):  # the elder twin is registered first
        person.document = drawing.document(person)
    set_months(drawing, made, as_ofs, leavers)
    share_mobiles(drawing, made)
    jobs: dict[str, list[Job]] = {profile.partner: [] for profile in profiles}
    for person in made:
        for job in place(drawing, person, stations, as_ofs):
            jobs[job.partner].append(job)
    words = _words(counties)
    entries = {}
    for profile in profiles:
        roster = Roster(drawing, profile, words, as_ofs, second=profile.partner in second)
        entries[profile.partner] = roster.entries(jobs[profile.partner])
    return Population(made, entries)


def _people(drawing: Drawing, profiles: Sequence[Profile], people: int, leavers: int) -> list[Resident]:
    """Everybody, those who left at the end, each with the rosters that the overlaps ask for."""
    rng, by_code = drawing.rng, {profile.partner: profile for profile in profiles}
    total = sum(profile.people for profile in profiles)
    weights = {profile.partner: profile.people / total for profile in profiles}
    places: list[tuple[str, ...]] = []
    for cell, count in plan(people, weights, drawing.traits.overlaps).items():
        places += [cell] * count
    rng.shuffle(places)
    places += [rng.choice(places) for _ in range(leavers)]
    made = []
    for number, cell in enumerate(places):
        order = tuple(rng.sample(cell, len(cell)))
        made.append(drawing.resident(number, by_code[order[0]], order))
    return made


def _words(counties: dict[str, str]) -> dict[str, str]:
    """How partners call the counties of the area: by a name that no other county has."""
    names = unambiguous([county for county in shipped(INCLUDE / "reference") if county.current])
    return {code: names.get(code, name) for code, name in counties.items()}
