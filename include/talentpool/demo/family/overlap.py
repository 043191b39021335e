"""Plan who stands on which rosters, so that every pair of partners shares as many people as was drawn."""

from __future__ import annotations

from collections.abc import Mapping

Cells = dict[tuple[str, ...], int]
"""How many people stand on just these rosters, in the order in which they were planned."""


def plan(people: int, weights: Mapping[str, float], overlaps: Mapping[tuple[str, str], float]) -> Cells:
    """Cells that hold `people` in all. `weights`: relative sizes of the rosters; `overlaps`: by the two codes in order."""
    low, high = 0.0, 2.0
    for _ in range(40):  # the rosters together are larger than the people by as much as they share
        middle = (low + high) / 2
        if _in_all(_cells({p: people * middle * w for p, w in weights.items()}, overlaps)) < people:
            low = middle
        else:
            high = middle
    exact = _cells({partner: people * high * weight for partner, weight in weights.items()}, overlaps)
    return _whole(exact, people)


def _in_all(cells: Mapping[tuple[str, ...], float]) -> float:
    return sum(cells.values())


def _cells(sizes: Mapping[str, float], overlaps: Mapping[tuple[str, str], float]) -> dict[tuple[str, ...], float]:
    """Partner after partner takes from each before it what both share, and the rest of its people anew."""
    cells: dict[tuple[str, ...], float] = {}
    done: list[str] = []
    for partner, size in sizes.items():
        taken = dict.fromkeys(cells, 0.0)
        for other in done:
            share = overlaps[min(partner, other), max(partner, other)]
            wanted = share * min(size, sizes[other]) - sum(n for cell, n in taken.items() if other in cell)
            left = {cell: n - taken[cell] for cell, n in cells.items() if other in cell}
            wanted = min(max(wanted, 0.0), sum(left.values()), max(size - sum(taken.values()), 0.0))
            for cell, n in left.items():
                taken[cell] += wanted * n / sum(left.values()) if n else 0
        for cell, n in taken.items():
            cells[cell] -= n
            cells[*cell, partner] = cells.get((*cell, partner), 0.0) + n
        cells[partner,] = max(size - sum(taken.values()), 0.0)
        done.append(partner)
    return cells


def _whole(cells: Mapping[tuple[str, ...], float], people: int) -> Cells:
    """Whole people, none lost: the largest remainders are rounded up."""
    whole = {cell: int(n) for cell, n in cells.items()}
    by_rest = sorted(cells, key=lambda cell: (whole[cell] - cells[cell], cell))
    for at in range(max(people - sum(whole.values()), 0)):
        whole[by_rest[at % len(by_rest)]] += 1
    return whole
