"""Compute how many of a scarce thing each county, and each partner in it, gets. Pure arithmetic over counts of people.

Seats are given one after the other in a sequence that does not depend on how many there are, so that more stock never takes
a kit away from anybody. The sequence: one for each county; then one for each partner that has none anywhere; then counties by
Sainte-Laguë (people / 1, / 3, / 5, ...), each handing what it gets to its partners in the same way, one for each first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from talentpool.declare.stock import CITY

Cell = tuple[str, str]
"""A seat group: county code, partner code."""


def seats_of(eligible: Mapping[Cell, int], shares: Mapping[str, int]) -> dict[Cell, int]:
    """Seats of every cell. `eligible`: people in it, one or more; `shares`: of Campaign.shares, seats of a county or of CITY."""
    if CITY in shares:
        return _share(eligible, shares[CITY])
    seats = {}
    for county in {county for county, _ in eligible}:
        own = {cell: people for cell, people in eligible.items() if cell[0] == county}
        seats.update(_share(own, shares.get(county, 0)))
    return seats


def stock_until(eligible: Mapping[Cell, int], cell: Cell, place: int) -> int:
    """The smallest number of seats shared among `eligible` with which `cell` has `place` of them."""
    low, high = place, sum(eligible.values())
    while low < high:
        middle = (low + high) // 2
        if _share(eligible, middle)[cell] >= place:
            high = middle
        else:
            low = middle + 1
    return low


def _share(eligible: Mapping[Cell, int], number: int) -> dict[Cell, int]:
    people = {cell: eligible[cell] for cell in sorted(eligible) if eligible[cell]}
    if number >= sum(people.values()):
        return dict(eligible)
    first = _first_seats(people)
    by_county = _grouped(people)
    got = dict.fromkeys(by_county, 0)
    for county, _ in first[:number]:
        got[county] += 1
    sizes = {county: sum(cells.values()) for county, cells in by_county.items()}
    got = _sainte_lague(sizes, got, number - min(number, len(first)))
    seats = dict.fromkeys(eligible, 0)
    for county, cells in by_county.items():
        begun = [partner for of, partner in first if of == county]
        begun += sorted(set(cells) - set(begun), key=lambda partner: (-cells[partner], partner))
        least = {partner: int(partner in begun[: got[county]]) for partner in cells}
        inside = _sainte_lague(cells, least, got[county] - sum(least.values()))
        seats.update({(county, partner): count for partner, count in inside.items()})
    return seats


def _grouped(people: Mapping[Cell, int]) -> dict[str, dict[str, int]]:
    grouped: dict[str, dict[str, int]] = {}
    for (county, partner), count in people.items():
        grouped.setdefault(county, {})[partner] = count
    return grouped


def _first_seats(people: Mapping[Cell, int]) -> list[Cell]:
    """One cell of each county, in which as many partners as can be are met; then one of each partner that was not."""
    met = _matched(people)
    counties = {county for county, _ in met}
    rest = _largest((cell for cell in people if cell[0] not in counties), people, by=0)
    partners = {partner for _, partner in (*met, *rest)}
    return [*met, *rest, *_largest((cell for cell in people if cell[1] not in partners), people, by=1)]


def _largest(cells: Iterable[Cell], people: Mapping[Cell, int], by: int) -> list[Cell]:
    """Of each county (by=0) or partner (by=1) of the cells the largest cell, the largest first."""
    found: dict[str, Cell] = {}
    for cell in sorted(cells, key=lambda cell: (-people[cell], cell)):
        found.setdefault(cell[by], cell)
    return list(found.values())


def _matched(people: Mapping[Cell, int]) -> list[Cell]:
    """Cells of different counties and partners, as many as can be; of equally many those with the most people."""
    from scipy.optimize import linear_sum_assignment

    counties, partners = (sorted({cell[by] for cell in people}) for by in (0, 1))
    more = sum(people.values()) + 1
    worth = np.zeros((len(counties), len(partners)))
    for (county, partner), count in people.items():
        worth[counties.index(county), partners.index(partner)] = more + count
    pairs = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    cells = [(counties[row], partners[column]) for row, column in pairs if worth[row, column]]
    return sorted(cells, key=lambda cell: (-people[cell], cell))


def _sainte_lague(sizes: Mapping[str, int], got: Mapping[str, int], number: int) -> dict[str, int]:
    """`number` more seats, each to whom people / (2 x seats + 1) is largest; nobody gets more seats than people.

    All quotients at once: a million take a tenth of a second. Two that differ, differ by more than floats err.
    """
    names = sorted(sizes)
    ahead = [np.arange(got[name], sizes[name]) for name in names]
    quotients = np.concatenate([sizes[name] / (2 * seats + 1) for name, seats in zip(names, ahead, strict=True)])
    whose = np.repeat(np.arange(len(names)), [len(seats) for seats in ahead])
    chosen = np.argsort(-quotients, kind="stable")[:number]
    more = np.bincount(whose[chosen], minlength=len(names))
    return {name: got[name] + int(count) for name, count in zip(names, more, strict=True)}
