"""Give names: surnames of a region, and given names that were in fashion in the years in which somebody was born.

Orders of names are those of demo_names.yml; how steep they are is drawn. Public figures (全国姓名报告 2018-2021, Ministry
of Public Security): the commonest hundred surnames are 85.9 % of people and the first five 30.8 %; the share of
two-character full names was 27.6 % of births at its height and 6.3 % in 2020.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from math import exp, log
from typing import Any

import yaml

from talentpool.demo.family.traits import Traits
from talentpool.settings import INCLUDE

SURNAME_OFFSET, GIVEN_OFFSET = 3.5, 10.0
"""What is added to a rank before it is raised: the first few are of one size."""
HEADSTART = 0.4
"""How far names that are given as a whole stand before those put together of two characters, as a power of their rank."""


@cache
def inventory() -> dict[str, Any]:
    """demo_names.yml."""
    found: dict[str, Any] = yaml.safe_load((INCLUDE / "reference" / "demo_names.yml").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, repr=False, slots=True)
class Name:
    """`surname` is empty where all of it is one name with a middle dot, in `given`."""

    surname: str
    given: str

    def __str__(self) -> str:
        return self.surname + self.given


class Ranked:
    """Things in the order of commonness, drawn by Zipf's law."""

    def __init__(self, things: Sequence[str], slope: float, offset: float, factors: Iterable[float] = ()) -> None:
        of = list(factors) or [1.0] * len(things)
        self.things = list(things)
        self._up_to = list(
            accumulate(f / (rank + offset) ** slope for rank, f in zip(range(1, len(things) + 1), of, strict=True))
        )

    def pick(self, rng: random.Random) -> str:
        return self.things[bisect_right(self._up_to, rng.random() * self._up_to[-1])]


class Naming:
    """The names of one population."""

    def __init__(self, rng: random.Random, traits: Traits, counties: Iterable[str]) -> None:
        self._rng, self._traits, of = rng, traits, inventory()
        surnames = list(dict.fromkeys(of["surnames"].split()))
        shaken = [rng.lognormvariate(0, traits.surname_shake) for _ in surnames]
        self._surnames = Ranked(surnames, traits.surname_slope, SURNAME_OFFSET, shaken)
        self._compounds = Ranked(of["compounds"].split(), 1.0, 1.0)
        self._rare, self._minority = of["rare"].split(), [_parts(group) for group in of["minority"]]
        self._since = sorted(int(year) for year in of["cohorts"])
        self._fashions = {
            (since, sex): _Fashion(rng, traits, of["cohorts"][str(since)][str(sex)], of["more"][str(sex)].split())
            for since in self._since
            for sex in (1, 2)
        }
        self._local = {county: Ranked(rng.sample(surnames[4:], rng.randint(3, 9)), 0.8, 1.0) for county in counties}
        self._families = {
            county: [(self._local[county].pick(rng), rng.choice(of["generations"].split())) for _ in range(12)]
            for county in self._local
        }
        self._liked = {
            (county, *key): [fashion.pairs.pick(rng) for _ in range(6)]
            for county in self._local
            for key, fashion in self._fashions.items()
        }

    def make(self, county: str, sex: int, born: date) -> Name:
        """A name for somebody of that county."""
        rng, traits = self._rng, self._traits
        draw = rng.random()
        if draw < traits.minority:
            first, second = rng.choice(self._minority)
            return Name("", f"{rng.choice(first)}·{rng.choice(second)}")
        surname, given = self._surname(county), self.given(county, sex, born)
        if draw < traits.minority + traits.compound:
            return Name(self._compounds.pick(rng), given)
        if draw < traits.minority + traits.compound + traits.rare:
            return Name(surname, given[:-1] + rng.choice(self._rare))
        if sex == 1 and rng.random() < traits.generation:
            surname, generation = rng.choice(self._families[county])
            return Name(surname, generation + self._fashion(born, sex).ends.pick(rng))
        return Name(surname, given)

    def given(self, county: str, sex: int, born: date) -> str:
        rng = self._rng
        since = self._cohort(born)
        fashion = self._fashions[since, sex]
        if rng.random() < getattr(self._traits, f"single_{since}"):
            return fashion.singles.pick(rng)
        if rng.random() < self._traits.given_local:
            return rng.choice(self._liked[county, since, sex])
        return fashion.pairs.pick(rng)

    def alike(self, name: Name, county: str, sex: int, born: date) -> Name:
        """What a brother or sister is called: the surname, and often a character of the given name."""
        if not name.surname:
            return Name("", f"{self.make_first()}·{name.given.partition('·')[2]}")
        other = self.given(county, sex, born)
        if len(name.given) == 2 and self._rng.random() < 0.6:
            end = self._fashion(born, sex).ends.pick(self._rng)
            return Name(name.surname, name.given[0] + end if self._rng.random() < 0.8 else end + name.given[1])
        return Name(name.surname, other)

    def make_first(self) -> str:
        return self._rng.choice(self._rng.choice(self._minority)[0])

    def _surname(self, county: str) -> str:
        local = self._rng.random() < self._traits.surname_local
        return (self._local[county] if local else self._surnames).pick(self._rng)

    def _cohort(self, born: date) -> int:
        return max((since for since in self._since if since <= born.year), default=self._since[0])

    def _fashion(self, born: date, sex: int) -> _Fashion:
        return self._fashions[self._cohort(born), sex]


class _Fashion:
    """Given names of a cohort and sex: `singles` and `pairs` of characters, and `ends`, the second characters alone."""

    def __init__(self, rng: random.Random, traits: Traits, of: dict[str, str], more: list[str]) -> None:
        whole, kinds = of["whole"].split(), round(traits.given_kinds)
        firsts, seconds = (
            Ranked(list(dict.fromkeys(_shuffled(rng, of[key].split()) + rng.sample(more, len(more)))), 1.2, 6.0)
            for key in ("first", "second")
        )
        made = dict.fromkeys(whole)
        most = min(kinds, len(firsts.things) * len(seconds.things) * 2 // 3)
        while len(made) < most:
            first, second = firsts.pick(rng), seconds.pick(rng)
            made[first + second if first != second or rng.random() < 0.3 else second + first] = None
        at = {name: (rank if rank <= len(whole) else rank / HEADSTART) for rank, name in enumerate(made, start=1)}
        order = sorted(made, key=lambda name: log(at[name]) + rng.gauss(0, 0.7))
        self.pairs = Ranked(order, traits.given_slope, GIVEN_OFFSET)
        self.singles = Ranked(_shuffled(rng, of["single"].split()), traits.given_slope, 2.0)
        self.ends = seconds


def _parts(group: list[str]) -> tuple[list[str], list[str]]:
    first, second = (part.split() for part in group)
    return first, second


def _shuffled(rng: random.Random, things: list[str]) -> list[str]:
    """Nearly in their order: a thing moves by a factor of its rank."""
    keys = {thing: rank * exp(rng.gauss(0, 0.5)) for rank, thing in enumerate(dict.fromkeys(things), start=1)}
    return sorted(keys, key=lambda thing: keys[thing])
