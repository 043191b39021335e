"""Names of drawn populations: as concentrated as public figures allow, of the fashion of their years, spoiled as typed.

Public figures (docs/populations.md), none of which shaped the lists: 张伟 2.1 in 10,000 of the country; in a city the
commonest name 3.6 and 3.8. Among people of four cohorts, most of them men, the commonest stands above that.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest
from pypinyin import lazy_pinyin

from talentpool.demo.family import Traits, draw
from talentpool.demo.family.faults import masked_name, misheard, misread, mistyped, wrong_birth, wrong_digits
from talentpool.demo.family.naming import Name, Naming, inventory

PEOPLE = 20_000
COUNTIES = [f"1404{n:02d}" for n in range(12)]


def named(seed: int, *, people: int = PEOPLE, sex: int = 0) -> tuple[Traits, list[tuple[Name, int, date]]]:
    """A city's names with sex and birth date."""
    traits, rng = draw(seed, "usual"), random.Random(f"naming {seed}")
    naming = Naming(rng, traits, COUNTIES)
    found = []
    for _ in range(people):
        who, born = sex or (2 if rng.random() < traits.women else 1), date(rng.randint(1966, 2008), 1, 1)
        found.append((naming.make(rng.choice(COUNTIES), who, born), who, born))
    return traits, found


@pytest.fixture(scope="module", params=[10, pytest.param(20, marks=pytest.mark.slow)])
def cities(request: pytest.FixtureRequest) -> list[tuple[Traits, list[tuple[Name, int, date]]]]:
    return [named(seed) for seed in range(request.param)]


def test_names_are_as_concentrated_as_public_figures_say(
    cities: list[tuple[Traits, list[tuple[Name, int, date]]]],
) -> None:
    commonest, again = [], []
    for _, people in cities:
        names = Counter(str(name) for name, *_ in people)
        commonest.append(names.most_common(1)[0][1] / len(people))
        again.append(sum(n for n in names.values() if n > 1) / len(people))
        surnames = Counter(name.surname for name, *_ in people)
        first = [n / len(people) for _, n in surnames.most_common(100)]
        assert 0.03 < first[0] < 0.25
        assert 0.15 < sum(first[:5]) < 0.50, "30.8 % in the country"
        assert 0.70 < sum(first) < 0.98, "85.9 % in the country"
    assert min(commonest) > 2e-4 and max(commonest) < 3e-3
    assert max(commonest) > 2 * min(commonest), "populations differ"
    assert sum(commonest) / len(commonest) > 5e-4, "several times the country's"
    assert 0.04 < min(again) < max(again) < 0.5
    assert max(again) > 2 * min(again)


def test_the_commonest_names_differ_from_city_to_city(
    cities: list[tuple[Traits, list[tuple[Name, int, date]]]],
) -> None:
    tops = [{str(n) for n, _ in Counter(str(name) for name, *_ in people).most_common(30)} for _, people in cities]
    shared = [len(a & b) for at, a in enumerate(tops) for b in tops[:at]]
    assert max(shared) < 25
    assert sum(shared) / len(shared) < 12


def test_shares_of_kinds_of_names_are_the_drawn_ones(
    cities: list[tuple[Traits, list[tuple[Name, int, date]]]],
) -> None:
    rare = set(inventory()["rare"].split())
    for traits, people in cities:
        for since, until in ((1966, 1976), (1976, 1986), (1986, 1996), (1996, 2009)):
            there = [name for name, sex, born in people if since <= born.year < until and sex == 2]
            share = sum(len(name.given) == 1 for name in there) / len(there)
            assert abs(share - getattr(traits, f"single_{since}")) < 0.07, since
        dots = sum("·" in str(name) for name, *_ in people)
        assert abs(dots / len(people) - traits.minority) < 0.005
        assert dots and any(len(name.surname) == 2 for name, *_ in people)
        assert any(name.given[-1] in rare for name, *_ in people)


def test_fashions_of_cohorts_and_sexes_differ() -> None:
    _, people = named(5, people=30_000)
    tops = {}
    for sex in (1, 2):
        for since in (1966, 1996):
            there = Counter(n.given for n, s, born in people if s == sex and since <= born.year < since + 10)
            tops[sex, since] = {given for given, _ in there.most_common(40)}
    for at, one in enumerate(tops):
        for other in list(tops)[:at]:
            assert len(tops[one] & tops[other]) < 12, (one, other)


def test_families_have_a_character_of_their_generation() -> None:
    naming = Naming(random.Random(1), draw(1, "usual"), COUNTIES)
    born = date(1980, 5, 5)
    first = Name("申", "国强")
    kin = [naming.alike(first, COUNTIES[0], 1, born) for _ in range(400)]
    assert all(name.surname == "申" for name in kin)
    assert 0.3 < sum(name.given[0] == "国" for name in kin) / len(kin) < 0.8
    assert all("·" in str(naming.alike(Name("", "扎西·顿珠"), COUNTIES[0], 1, born)) for _ in range(20))


def test_what_is_misheard_sounds_alike() -> None:
    rng = random.Random(2)
    _, people = named(1, people=2_000)
    same = changed = 0
    for name, *_ in people:
        if name.surname and not set(str(name)) & set(inventory()["rare"].split()):
            heard = misheard(rng, name)
            changed += heard != str(name)
            same += heard != str(name) and lazy_pinyin(list(heard)) == lazy_pinyin(list(str(name)))
            assert len(heard) == len(str(name)) and sum(a != b for a, b in zip(heard, str(name), strict=True)) <= 1
    assert changed > 1_700
    assert 0.6 < same / changed < 0.95, "the rest sound nearly alike"


def test_every_other_fault_of_a_name_is_seen() -> None:
    rng = random.Random(3)
    name = Name("张", "晓东")
    typed = {mistyped(rng, name) for _ in range(300)}
    assert typed >= {"张 晓东", "张晓", "张东", "张东晓", "张晓东东", "張曉東", "张晓东师傅"}
    assert misread(rng, Name("张", "晓军")) in {"张哓军", "张晓车"}
    assert {masked_name(rng, name) for _ in range(50)} == {"张*东", "张**"}
    assert {mistyped(rng, Name("", "扎西·顿珠")) for _ in range(50)} >= {"扎西", "扎西顿珠", "扎西.顿珠"}


def test_numbers_and_dates_go_wrong_by_a_digit_a_year_or_the_order() -> None:
    rng = random.Random(4)
    wrong = [wrong_digits(rng, "13812345678", 2) for _ in range(500)]
    assert all(text.startswith("13") and len(text) == 11 and text != "13812345678" for text in wrong)
    apart = Counter(sum(a != b for a, b in zip(text, "13812345678", strict=True)) for text in wrong)
    assert set(apart) == {1, 2} and apart[2] > 100
    assert wrong_birth(rng, date(1990, 3, 7), swapped=True) == date(1990, 7, 3)
    assert wrong_birth(rng, date(1990, 3, 17), swapped=True) == date(1990, 3, 17)
    years = {wrong_birth(rng, date(1992, 2, 29), swapped=False).year for _ in range(50)}
    assert years == {1991, 1993, 1982}
