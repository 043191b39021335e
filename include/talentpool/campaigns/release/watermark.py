"""Mark an export invisibly: the order of two neighbours on a sheet says, pair by pair, for which export it was made.

A sheet is in the order of companies, stations and names; two neighbours of one station may stand either way, and
which way is a keyed hash of the export and of the two row ids. So it survives a copy into another file, another
format, and paper, and costs the reader nothing. A person who sorts the sheet anew takes it away.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from itertools import groupby
from math import comb
from typing import Protocol, TypeVar

from talentpool.guard import KeyRing


class Placed(Protocol):
    """Whatever stands on a sheet: where it belongs, and its row id."""

    @property
    def group(self) -> tuple[str, str]: ...

    @property
    def row_id(self) -> str: ...


P = TypeVar("P", bound=Placed)


def mark_key(keys: KeyRing) -> bytes:
    """Of the key that makes row ids: whoever can tell those can tell these."""
    return hmac.digest(keys.key("list_row"), b"talentpool watermark", "sha256")


def arrange(key: bytes, export_id: int, lines: Sequence[P]) -> list[P]:
    """The same lines, neighbours of one station turned as the export has it."""
    arranged: list[P] = []
    for _, members in groupby(lines, key=lambda line: line.group):
        group = list(members)
        for place in range(0, len(group) - 1, 2):
            if not _stands(key, export_id, group[place].row_id, group[place + 1].row_id):
                group[place], group[place + 1] = group[place + 1], group[place]
        arranged += group
    return arranged


def agreement(key: bytes, export_id: int, lines: Sequence[Placed]) -> float:
    """How likely lines that have nothing to do with this export stand so much like it: 1 = not at all alike.

    Counted twice, because rows that somebody left out shift the pairs of their station: over the pairs as they were
    made, and over all neighbours, of which then half still tell. The better one counts, at twice its chance.
    """
    stations = [[line.row_id for line in members] for _, members in groupby(lines, key=lambda line: line.group)]
    return min(1.0, 2 * min(_chance(key, export_id, stations, step) for step in (2, 1)))


def _chance(key: bytes, export_id: int, stations: Sequence[Sequence[str]], step: int) -> float:
    stands = [
        _stands(key, export_id, ids[place], ids[place + 1])
        for ids in stations
        for place in range(0, len(ids) - 1, step)
    ]
    pairs, agreeing = len(stands), sum(stands)
    return sum(comb(pairs, hit) for hit in range(agreeing, pairs + 1)) / 2**pairs


def _stands(key: bytes, export_id: int, first: str, second: str) -> bool:
    """Whether `first` before `second` is how the export has these two."""
    low, high = sorted((first, second))
    turned = hmac.digest(key, f"{export_id}|{low}|{high}".encode(), "sha256")[0] & 1
    return (first == low) != bool(turned)
