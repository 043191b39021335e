"""The traits of drawn populations: in the ranges of docs/populations.md, all over them, each by itself."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields, replace
from itertools import chain
from pathlib import Path

import pytest

from talentpool.demo.family import PartnerTraits, Traits, draw, ranges
from talentpool.demo.family.traits import OVERLAP

PAGE = Path(__file__).resolve().parents[3] / "docs/populations.md"
SEEDS = range(200)
KINDS: tuple[type[Traits] | type[PartnerTraits], ...] = (Traits, PartnerTraits)
PRESETS = ("usual", "hard")


def spread(preset: str, kind: type[Traits] | type[PartnerTraits]) -> dict[str, list[float]]:
    """Values by field over all seeds."""
    traits = [draw(seed, preset) for seed in SEEDS]
    drawn = traits if kind is Traits else list(chain.from_iterable(t.partners.values() for t in traits))
    return {name: [getattr(one, name) for one in drawn] for name in ranges(kind, preset)}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_trait_is_drawn_from_all_of_its_range_and_nothing_else(
    preset: str, kind: type[Traits] | type[PartnerTraits]
) -> None:
    for name, values in spread(preset, kind).items():
        low, high = ranges(kind, preset)[name]
        assert low <= min(values) and max(values) <= high, name
        assert min(values) < low + (high - low) / 10, name
        assert max(values) > high - (high - low) / 10, name


def test_the_page_has_every_trait_with_its_ranges() -> None:
    page = re.findall(r"^\| `(\w+)` \| (\S+) to (\S+) \| (\S+) to (\S+) \| .", PAGE.read_text(encoding="utf-8"), re.M)
    written = {name: tuple(float(bound) for bound in bounds) for name, *bounds in page}
    assert written == {
        name: (*usual, *ranges(kind, "hard")[name]) for kind in KINDS for name, usual in ranges(kind, "usual").items()
    }
    assert len(page) == len(written) == sum(bool(field.metadata) for kind in KINDS for field in fields(kind))
    assert f"{OVERLAP[0]:g} to {OVERLAP[1]:g} of the smaller one" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", PRESETS)
def test_each_trait_is_drawn_by_itself(preset: str) -> None:
    """No two rise and fall together over the seeds."""
    values = {**spread(preset, Traits), **{f"of {n}": v[::4] for n, v in spread(preset, PartnerTraits).items()}}
    ranks = {name: _ranks(column) for name, column in values.items()}
    names = sorted(ranks)
    for at, one in enumerate(names):
        for other in names[:at]:
            assert abs(_correlation(ranks[one], ranks[other])) < 0.35, (one, other)


def _ranks(column: list[float]) -> list[float]:
    order = sorted(range(len(column)), key=column.__getitem__)
    middle = (len(column) - 1) / 2
    ranks = [0.0] * len(column)
    for rank, place in enumerate(order):
        ranks[place] = rank - middle
    return ranks


def _correlation(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True)) / sum(x * x for x in a)


def test_partners_differ_and_pairs_of_them_share_as_many_people_as_was_drawn_for_them() -> None:
    traits = draw(3, "usual")
    assert len({replace(of) for of in traits.partners.values()}) == len(traits.partners) == 4
    shares = [share for seed in SEEDS for share in draw(seed, "usual").overlaps.values()]
    assert len(shares) == 6 * len(SEEDS)
    assert OVERLAP[0] <= min(shares) < 0.04 and 0.5 < max(shares) <= OVERLAP[1]


def test_the_same_seed_draws_the_same_whoever_else_is_declared() -> None:
    traits, alone = draw(9, "hard"), draw(9, "hard", ["didi", "sf"])
    assert traits == draw(9, "hard") != draw(10, "hard") != draw(10, "usual")
    assert alone.partners == {code: traits.partners[code] for code in ("didi", "sf")}
    assert alone.overlaps == {("didi", "sf"): traits.overlaps["didi", "sf"]}
    with pytest.raises(FrozenInstanceError):
        traits.women = 0.5  # type: ignore[misc]
