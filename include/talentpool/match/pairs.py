"""Candidates: records that share a key, block by block, without a block that could explode."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from talentpool.match.keys import CAP, KIND_BITS, KINDS, Keys


@dataclass(frozen=True)
class Candidates:
    """Positions of pairs, left < right, each once; records by mobile (n, 2); blocks over their cap by kind."""

    left: np.ndarray
    right: np.ndarray
    bearers: np.ndarray
    over: dict[str, int]


def find_pairs(keys: Keys, records: int, wanted: np.ndarray | None = None) -> Candidates:
    """Pairs of records that share a key. `wanted` (n,) bool: at least one of the two must be wanted."""
    order = np.argsort(keys.key, kind="stable")
    key, record, kind = keys.key[order], keys.record[order], keys.kind[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(key)))
    bearers = _bearers(keys.mobiles, key[starts], sizes)
    allowed = CAP[kind[starts]]
    over = np.bincount(kind[starts][sizes > allowed], minlength=len(KINDS))
    keep = np.repeat((sizes >= 2) & (sizes <= allowed), sizes)
    ends = np.repeat(starts + sizes, sizes)
    at = np.flatnonzero(keep)
    found = []
    step = 1
    while len(at):
        at = at[at + step < ends[at]]
        a, b = record[at], record[at + step]
        if wanted is not None:
            near = wanted[a] | wanted[b]
            a, b = a[near], b[near]
        a, b = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        found.append((a * records + b)[a != b])
        step += 1
    pairs = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return Candidates(
        (pairs // max(records, 1)).astype(np.int32),
        (pairs % max(records, 1)).astype(np.int32),
        bearers,
        {name: int(count) for name, count in zip(KINDS, over, strict=True) if count},
    )


def _bearers(mobiles: np.ndarray, known: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How many records bear each record's mobile and second mobile; 0 without one."""
    if not len(known):
        return np.zeros(mobiles.shape, np.int32)
    at = np.minimum(np.searchsorted(known, mobiles), len(known) - 1)
    return np.where((mobiles != 0) & (known[at] == mobiles), sizes[at], 0).astype(np.int32)


def with_bearers(candidates: Candidates, mobiles: np.ndarray, keys: np.ndarray) -> Candidates:
    """Mobiles counted over `keys`, one for each record that bears it, where not all records were at hand."""
    known, sizes = np.unique(keys, return_counts=True)
    return replace(candidates, bearers=_bearers(mobiles, known, sizes))


def over_after(over: dict[str, int], held: np.ndarray, was: Counter, now: Counter) -> dict[str, int]:
    """Blocks over their cap by kind, since the keys `was` of some records became `now`; `held` has a key for each of
    its records."""
    each = np.array(sorted(was.keys() | now.keys()), np.int64)
    ordered = np.sort(held)
    size = np.searchsorted(ordered, each, "right") - np.searchsorted(ordered, each, "left")
    before = size - np.array([now[key] - was[key] for key in each.tolist()], np.int64)
    kind = each & KIND_BITS
    change = (size > CAP[kind]).astype(np.int64) - (before > CAP[kind])
    moved = {name: int(change[kind == at].sum()) + over.get(name, 0) for at, name in enumerate(KINDS)}
    return {name: count for name, count in moved.items() if count > 0}
