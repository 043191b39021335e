"""Reduce pairs to the levels at which they agree, and count equal ones. Nothing personal is left here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from talentpool.match.scoring.compare import Compared
from talentpool.match.scoring.score import bits, borrowed, nameless, twins, unnamed
from talentpool.match.scoring.weights import LEVELS, Weights

SIZES = [len(levels) for levels in LEVELS.values()]


@dataclass(frozen=True, repr=False)
class Pairs:
    """By row: `levels` of each comparison, bits that frequencies add (`extra`), how many pairs are like it (`count`);
    `judgement` 1 or 0 where it is known whether they are one person, else nan; `bearers` of the mobile they share."""

    levels: dict[str, np.ndarray]
    extra: np.ndarray
    count: np.ndarray
    judgement: np.ndarray
    bearers: np.ndarray

    @staticmethod
    def of(compared: Compared, weights: Weights) -> Pairs:
        """A row a pair. What a guard holds back teaches nothing; another name with nothing but a mobile is no match."""
        extra = np.sum(list(bits(_weightless(weights), compared).values()), axis=0)
        count = np.where(borrowed(compared) | nameless(compared) | twins(compared), 0.0, 1.0)
        return Pairs(compared.levels, extra, count, _word(compared), compared.bearers)

    @staticmethod
    def joined(parts: Iterable[Pairs]) -> Pairs:
        """Pairs that agree alike in one row, so that millions of them are a few thousand rows."""
        shares, apart = np.zeros(int(np.prod(SIZES))), []
        for part in parts:
            plain = part.extra == 0
            levels = tuple(level[plain].astype(np.int64) for level in part.levels.values())
            shares += np.bincount(np.ravel_multi_index(levels, SIZES), part.count[plain], len(shares))
            apart.append(part.take(~plain))
        rows = np.flatnonzero(shares)
        names = (level.astype(np.int8) for level in np.unravel_index(rows, SIZES))
        ones, none = np.ones(len(rows)), np.zeros(len(rows), np.int32)
        like = Compared(dict(zip(LEVELS, names, strict=True)), ones, none, none)
        return _concatenated([Pairs(like.levels, np.zeros(len(rows)), shares[rows], _word(like), like.bearers), *apart])

    def take(self, at: np.ndarray) -> Pairs:
        levels = {name: level[at] for name, level in self.levels.items()}
        return Pairs(levels, self.extra[at], self.count[at], self.judgement[at], self.bearers[at])

    def posterior(self, table: dict[str, np.ndarray], prior: float) -> np.ndarray:
        """Chance of each row that its two records are one person.

        Args:
            table: comparison -> bits by level.
            prior: bits of a pair taken at random.
        """
        total = self.extra + prior
        for comparison, level in self.levels.items():
            total = total + table[comparison][level]
        chance = 1 / (1 + np.exp2(-np.clip(total, -60, 60)))
        return np.where(np.isnan(self.judgement), chance, self.judgement)


def _word(compared: Compared) -> np.ndarray:
    return np.where(unnamed(compared), 0.0, np.nan)


def _weightless(weights: Weights) -> Weights:
    """Nothing but what frequencies say of a pair."""
    comparisons = {
        name: {level: rule.model_copy(update={"w": 0.0}) for level, rule in levels.items()}
        for name, levels in weights.comparisons.items()
    }
    return weights.model_copy(update={"comparisons": comparisons})


def _concatenated(parts: list[Pairs]) -> Pairs:
    levels = {name: np.concatenate([part.levels[name] for part in parts]) for name in LEVELS}
    columns = ("extra", "count", "judgement", "bearers")
    return Pairs(levels, *(np.concatenate([getattr(part, name) for part in parts]) for name in columns))
