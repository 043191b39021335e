"""Draws judged: ours, the twelve rules, Splink as it comes and Splink tuned on other draws, on the same rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.quality import grouped
from bench.rules import match_rules

TUNED_ON = 3
"""Other draws on which Splink's thresholds are chosen."""
APART = 1_000_000
"""Between the seeds of the draws that are judged and of those that Splink is tuned on."""


@dataclass(frozen=True)
class Thresholds:
    """Match weights: the best F1 of persons (mean of draws); the best F1 among those precise enough in every draw."""

    best: float
    precise: float

    def by_name(self) -> dict[str, float]:
        return {"tuned": self.best, "precise": self.precise}


def judge_peers(request: dict[str, Any]) -> dict[str, Any]:
    """What the peers make of the table `request["cleaned"]`: figures of each one's persons by its name, and of Splink's
    scores as `pairs`. `request["splink"]`: further thresholds."""
    from bench.splink import judge_splink

    table = pq.ParquetFile(request["cleaned"]).read()
    splink = judge_splink(request["cleaned"], request["splink"])
    return {
        "rules": grouped(match_rules(table), table["true"]), **splink["persons"], "pairs": splink["pairs"],
        "seconds": 0.0, "cpu": 0.0,
    }  # fmt: skip


def judge_public(request: dict[str, Any]) -> dict[str, Any]:
    """Ours without its database and the peers, on a table that no product exported."""
    from bench.core import judge_table

    table = pq.ParquetFile(request["cleaned"]).read()
    peers = judge_peers({**request, "splink": {}})
    return {"records": len(table), "ours": judge_table(table), **peers}


def sweep_peer(request: dict[str, Any]) -> dict[str, Any]:
    """Splink's persons at every threshold."""
    from bench.splink import sweep_splink

    return {"swept": sweep_splink(request["cleaned"]), "seconds": 0.0, "cpu": 0.0}


def choose(swept: list[list[dict[str, float]]], grid: np.ndarray, precise: float) -> Thresholds:
    """From draws by thresholds; where none is precise enough, the most precise one.

    Args:
        swept: of each draw, of each threshold of `grid`, figures as `quality.grouped` gives them.
    """
    f1 = np.mean([[at["f1"] for at in draw] for draw in swept], axis=0)
    precision = np.min([[at["precision"] for at in draw] for draw in swept], axis=0)
    enough = precision >= min(precise, precision.max())
    return Thresholds(float(grid[f1.argmax()]), float(grid[np.where(enough, f1, -1).argmax()]))
