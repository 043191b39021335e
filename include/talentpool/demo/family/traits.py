"""Draw what a population is like: every trait by itself from a documented range, for a seed and a preset.

The ranges are wide on purpose and were set without regard to how records are compared. What is public: commonness of
names (see naming.py); that rosters mask or lack numbers. The rest is what offices tell of rosters, as ranges.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import combinations
from math import exp, log
from typing import Any

from talentpool.demo.profiles import PROFILES

Range = tuple[float, float]
PARTNERS = tuple(profile.partner for profile in PROFILES)


def _of(usual: Range, hard: Range | None = None, *, by_size: bool = False) -> Any:
    """A field drawn from `usual` or `hard` (as `usual` when left out); `by_size`: evenly in its logarithm."""
    return field(metadata={"usual": usual, "hard": hard or usual, "by_size": by_size})


@dataclass(frozen=True)
class PartnerTraits:
    """One partner's roster: shares of its rows (of 1) unless said otherwise."""

    id_full: float = _of((0.55, 0.90), (0.12, 0.45))
    """Full document numbers, faulty ones among them. The others are masked or missing, in the three proportions below."""
    id_by_county: float = _of((0.0, 0.5))
    """How far counties differ in that: by so much of it, up or down."""
    of_rest_masked_head: float = _of((0.05, 1.0))
    of_rest_masked_all: float = _of((0.05, 1.0))
    of_rest_missing: float = _of((0.20, 1.0))
    id_typo: float = _of((0.002, 0.015), (0.005, 0.02))
    id_legacy: float = _of((0.0, 0.003))
    birth_missing: float = _of((0.05, 0.30), (0.25, 0.70))
    birth_default: float = _of((0.0, 0.06), (0.0, 0.12))
    """1990-01-01 and the like, in rows without a full document number."""
    birth_swapped: float = _of((0.001, 0.006), (0.002, 0.012))
    birth_year_off: float = _of((0.001, 0.008), (0.002, 0.015))
    name_masked: float = _of((0.0, 0.03), (0.0, 0.15))
    rare_lost: float = _of((0.05, 0.9))
    """Of rare characters, those for which there is something else: ?, a blank, or the sound in letters."""
    name_placeholder: float = _of((0.0002, 0.002))
    name_fault: float = _of((0.01, 0.06), (0.03, 0.14))
    by_sound: float = _of((0.3, 1.0))
    """How much of the faults of names comes from an input method, against how they look and the rest."""
    by_sight: float = _of((0.05, 0.6))
    by_hand: float = _of((0.1, 0.7))
    mobile_missing: float = _of((0.005, 0.06), (0.03, 0.12))
    mobile_masked: float = _of((0.0, 0.03), (0.0, 0.10))
    mobile_typo: float = _of((0.002, 0.015), (0.005, 0.025))
    mobile2_filled: float = _of((0.0, 0.60))
    """Of those who have a second number, at partners whose roster has the column."""
    twice: float = _of((0.01, 0.04))
    """People who stand on this roster under two staff numbers."""
    hired_kept: float = _of((0.1, 0.8))
    """Of those, whose second entry has the hire date of the first."""
    hired_as_elsewhere: float = _of((0.02, 0.25))
    """Of people on another roster too, who have the same hire date on both."""
    own_stations: float = _of((0.1, 0.9))
    """Of its stations, those that no other partner has."""
    staff_no_reused: float = _of((0.0, 0.25))
    """Of people who join, who get the staff number of one who left."""
    sex_missing: float = _of((0.0, 0.05), (0.0, 0.15))


@dataclass(frozen=True)
class Traits:
    """A population: shares of its people (of 1) unless said otherwise. `overlaps`: of the smaller of two rosters, how
    many stand on the other too."""

    partners: Mapping[str, PartnerTraits]
    overlaps: Mapping[tuple[str, str], float]
    # names
    surname_slope: float = _of((1.20, 1.65))
    """Exponent of Zipf's law over ranks of surnames (of rank + 3.5)."""
    surname_shake: float = _of((0.1, 0.8))
    """Standard deviation of the logarithm by which the region changes the share of each surname."""
    surname_local: float = _of((0.02, 0.30))
    """People whose surname is one of the few that their county is full of."""
    given_slope: float = _of((0.70, 1.15))
    """The same over given names of a cohort and sex (of rank + 10)."""
    given_kinds: float = _of((1_000, 8_000), by_size=True)
    """Given names of two characters in use in a cohort and sex."""
    given_local: float = _of((0.0, 0.12))
    """People with one of the given names that their county likes."""
    generation: float = _of((0.02, 0.25))
    """Men whose given name begins with the character of their generation in the family."""
    single_1966: float = _of((0.04, 0.15))
    """Given names of one character, by the first year of a cohort."""
    single_1976: float = _of((0.08, 0.25))
    single_1986: float = _of((0.06, 0.25))
    single_1996: float = _of((0.02, 0.15))
    minority: float = _of((0.0005, 0.02), by_size=True)
    compound: float = _of((0.0005, 0.006), by_size=True)
    rare: float = _of((0.0005, 0.006), by_size=True)
    # people
    women: float = _of((0.08, 0.30))
    county_shake: float = _of((0.0, 0.6))
    """Standard deviation of the logarithm by which counties differ from the demo's sizes."""
    leave: float = _of((0.002, 0.02))
    """A month, as are the next three."""
    join: float = _of((0.002, 0.02))
    move: float = _of((0.001, 0.02))
    new_mobile: float = _of((0.003, 0.025))
    elsewhere: float = _of((0.02, 0.35))
    """People on two rosters who are in another county on the second."""
    same_station: float = _of((0.05, 0.6))
    """Of the others, who name the same station on both."""
    old_number: float = _of((0.05, 0.25), (0.12, 0.40))
    """People on two rosters whose number on the second is one that they gave up, or have not told."""
    old_number_sold: float = _of((0.0, 0.03))
    """Of those numbers, which somebody else on the rosters has now."""
    second_sim: float = _of((0.05, 0.45))
    sim_is_main: float = _of((0.05, 0.5))
    """Of people with a second number, who give it as the first one at another partner."""
    shared_mobile: float = _of((0.002, 0.025), (0.005, 0.045))
    """People who give a number of a dormitory, the head of their station, or the family: 2 to 30 people each."""
    recycled: float = _of((0.02, 0.30))
    """People who join with a number that somebody who left had."""
    twins: float = _of((0.001, 0.008))
    siblings: float = _of((0.003, 0.03))
    kin_mobile: float = _of((0.05, 0.4))
    """Of twins and siblings, who give one number."""
    namesake_born_same_day: float = _of((0.00002, 0.0004), by_size=True)
    """Beyond chance, which gives a city of 20,000 hardly one such pair."""
    namesake_same_station: float = _of((0.0005, 0.004))
    borrowed: float = _of((0.0005, 0.005), (0.001, 0.01))
    """Rows with somebody else's document under the name and number of who works there."""
    one_document_for_many: float = _of((0.0, 0.0015))
    """Rows of riders of a station on all of whom one document number was typed."""


OVERLAP: Range = (0.03, 0.60)
"""Range of `overlaps`, evenly in the logarithm."""


def ranges(kind: type[Traits] | type[PartnerTraits], preset: str) -> dict[str, Range]:
    """The documented range of each drawn field."""
    return {f.name: f.metadata[preset] for f in fields(kind) if f.metadata}


def draw(seed: int, preset: str, partners: Sequence[str] = PARTNERS) -> Traits:
    """The traits of a seed. Each has a source of chance of its own, so that none moves when another is added."""
    pairs = combinations(sorted(partners), 2)
    return Traits(
        partners={
            code: PartnerTraits(**_values(PartnerTraits, f"{seed}|{preset}|{code}", preset)) for code in partners
        },
        overlaps={pair: _between(f"{seed}|{preset}|{'+'.join(pair)}", OVERLAP, by_size=True) for pair in pairs},
        **_values(Traits, f"{seed}|{preset}", preset),
    )


def _values(kind: type[Traits] | type[PartnerTraits], source: str, preset: str) -> dict[str, float]:
    drawn = [f for f in fields(kind) if f.metadata]
    return {f.name: _between(f"{source}|{f.name}", f.metadata[preset], by_size=f.metadata["by_size"]) for f in drawn}


def _between(source: str, of: Range, *, by_size: bool) -> float:
    rng = random.Random(f"family|{source}")  # noqa: S311 - synthetic, reproducible on purpose
    return exp(rng.uniform(log(of[0]), log(of[1]))) if by_size else rng.uniform(*of)
