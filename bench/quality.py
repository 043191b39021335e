"""How good a partition or a scoring is against the truth. Whole columns at once: a million records are no time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

PRECISE = 0.999


def codes(labels: Any) -> np.ndarray:
    """Labels of any kind (a sequence, an Arrow column) as numbers from 0 on."""
    values = labels.to_numpy(zero_copy_only=False) if hasattr(labels, "combine_chunks") else np.asarray(labels)
    return np.asarray(np.unique(values, return_inverse=True)[1]).reshape(-1)


def grouped(group: Any, true: Any) -> dict[str, float]:
    """Pairwise and B-cubed precision, recall and F1 of a partition; both sides by record, in one order."""
    ours, theirs = codes(group), codes(true)
    assert len(ours) == len(theirs) > 0
    size, wanted = np.bincount(ours), np.bincount(theirs)
    cell, together = np.unique(ours.astype(np.int64) * len(wanted) + theirs, return_counts=True)
    square = together.astype(np.float64) ** 2
    precision, recall = pairs(together) / max(pairs(size), 1), pairs(together) / max(pairs(wanted), 1)
    cubed = [float((square / of).sum() / len(ours)) for of in (size[cell // len(wanted)], wanted[cell % len(wanted)])]
    return {
        "precision": precision, "recall": recall, "f1": f1(precision, recall),
        "b3_precision": cubed[0], "b3_recall": cubed[1], "b3_f1": f1(*cubed),
    }  # fmt: skip


def same_partition(one: Any, other: Any) -> bool:
    """Whether two labelings of the same records in one order say the same, whatever they call it."""
    ours, theirs = codes(one), codes(other)
    cells = len(np.unique(ours.astype(np.int64) * (int(theirs.max(initial=0)) + 1) + theirs))
    return cells == len(np.unique(ours)) == len(np.unique(theirs))


def swept(score: Sequence[float] | np.ndarray, same: Sequence[bool] | np.ndarray, true: Any) -> dict[str, float]:
    """The best F1 over all thresholds, and the recall at the lowest one that is precise to 0.999.

    A threshold takes all pairs of one score or none, so the order of equal ones does not matter.

    Args:
        score: (pairs,), as high as the pair is likely one person.
        same: (pairs,) whether it is.
        true: (records,) each record's true person; their pairs count also where nobody scored them.
    """
    total, values = pairs(np.bincount(codes(true))), np.asarray(score, np.float64)
    order = np.argsort(-values, kind="stable")
    last = np.flatnonzero(np.diff(values[order], append=-np.inf))  # the end of each run of equal scores
    right = np.cumsum(np.asarray(same, bool)[order])[last]
    precision, recall = right / (last + 1), right / max(total, 1)
    best = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    precise = recall[precision >= PRECISE]
    return {"f1": float(best.max(initial=0)), "recall_precise": float(precise.max(initial=0))}


def pairs(sizes: np.ndarray) -> int:
    """Pairs within groups of so many."""
    many = sizes.astype(np.int64)
    return int((many * (many - 1) // 2).sum())


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)
