"""Find candidates: records that share a key, block by block, without a block that could explode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from talentpool.match.candidates.keys import CAP, KINDS, Block, kinds_of


@dataclass(frozen=True)
class Candidates:
    """Positions of pairs, left < right, each once; records by mobile (n, 3); blocks over their cap by kind."""

    left: np.ndarray
    right: np.ndarray
    bearers: np.ndarray
    over: dict[str, int]


def find_pairs(
    blocks: Iterable[Block], mobiles: np.ndarray, records: int, wanted: np.ndarray | None = None
) -> Candidates:
    """Pairs of records that share a key. `wanted` (n,) bool: at least one of the two must be wanted."""
    codes, over = list[np.ndarray](), dict[str, int]()
    bearers = np.zeros(mobiles.shape, np.int32)
    for block in blocks:
        order = np.argsort(block.key)
        key, record = block.key[order], block.record[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
        sizes = np.diff(np.append(starts, len(key)))
        if KINDS[block.kind] == "mobile":
            bearers = _bearers(mobiles, key[starts], sizes)
        if (sizes > CAP[block.kind]).any():
            over[KINDS[block.kind]] = int((sizes > CAP[block.kind]).sum())
        codes += _inside(record, starts, sizes, (sizes >= 2) & (sizes <= CAP[block.kind]), records, wanted)
    pairs = np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
    left, right = np.divmod(pairs, max(records, 1))
    return Candidates(left.astype(np.int32), right.astype(np.int32), bearers, over)


def _inside(
    record: np.ndarray, starts: np.ndarray, sizes: np.ndarray, keep: np.ndarray, records: int, wanted: np.ndarray | None
) -> list[np.ndarray]:
    """Pairs inside each block to be kept, as left * records + right: each record with the next, the one after it, ..."""
    starts, sizes = starts[keep], sizes[keep]
    row = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(sizes.sum())
    ends = np.repeat(starts + sizes, sizes)
    codes: list[np.ndarray] = []
    step = 1
    while True:
        near = row + step < ends
        row, ends = row[near], ends[near]
        if not len(row):
            return codes
        a, b = record[row].astype(np.int64), record[row + step].astype(np.int64)
        if wanted is not None:
            kept = wanted[a] | wanted[b]
            a, b = a[kept], b[kept]
        a, b = np.minimum(a, b), np.maximum(a, b)
        codes.append((a * records + b)[a != b])
        step += 1


def _bearers(mobiles: np.ndarray, known: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How many records bear each of a record's mobiles; 0 without one."""
    if not len(known):
        return np.zeros(mobiles.shape, np.int32)
    place = np.minimum(np.searchsorted(known, mobiles), len(known) - 1)
    return np.where((mobiles != 0) & (known[place] == mobiles), sizes[place], 0).astype(np.int32)


def with_bearers(candidates: Candidates, mobiles: np.ndarray, keys: np.ndarray) -> Candidates:
    """Mobiles counted over `keys`, one for each record that bears it, where not all records were at hand."""
    borne, sizes = np.unique(keys, return_counts=True)
    return replace(candidates, bearers=_bearers(mobiles, borne, sizes))


def over_after(over: dict[str, int], held: np.ndarray, was: np.ndarray, now: np.ndarray) -> dict[str, int]:
    """Blocks over their cap by kind, since the keys `was` of some records became `now`; `held` has a key for each of
    its records."""
    key = np.unique(np.concatenate([was, now]))
    size = counted(key, held)
    before = size - counted(key, now) + counted(key, was)
    kind = kinds_of(key)
    change = (size > CAP[kind]).astype(np.int64) - (before > CAP[kind])
    moved = {name: int(change[kind == number].sum()) + over.get(name, 0) for number, name in enumerate(KINDS)}
    return {name: count for name, count in moved.items() if count > 0}


def counted(each: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """How often each of the sorted `each` stands among `keys`."""
    ordered = np.sort(keys)
    return np.asarray(np.searchsorted(ordered, each, side="right") - np.searchsorted(ordered, each, side="left"))
