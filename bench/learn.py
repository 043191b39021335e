"""Learn the shipped weights from populations whose truth is known, each judged by weights that never saw it.

`python -m bench.learn FOLDER/*.parquet` (tables of bench.draw) prints what leave-one-population-out makes of every table
beside the twelve rules, and then, learned from all of them, each weight of match/scoring/weights.yml. Logistic regression
over the levels of a pair; what rarity, the prior, the bearers of a mobile and a birth date of many say is given, not learned.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import minimize

from bench.core import Steps, compared_pairs, persons_of
from bench.quality import codes, grouped, swept
from bench.rules import match_rules
from talentpool.match.scoring.compare import Compared, compare
from talentpool.match.scoring.edges import score_compared, unsafe
from talentpool.match.scoring.score import bits, prior_bits
from talentpool.match.scoring.weights import LEVELS, Level, Weights, load_weights

GIVEN = {
    ("document", "same"),
    ("document", "conflict"),
    ("mobile", "shared"),
    ("station", "differs"),
    ("hired", "same"),
    ("hired", "differs"),
    ("partner", "other"),
}
"""Levels that are not learned: guards, what too many share, what the others are measured from, and what nearly every pair of
a table has in common with the prior: another station, another hire date."""
RIDGE = 2e-6
"""How strongly weights are drawn to the shipped ones, for a pair each."""


@dataclass(frozen=True, repr=False)
class Known:
    """A table whose truth is known: `same` by candidate pair; `given` bits of a pair that are not learned."""

    name: str
    features: Any
    found: Any
    compared: Compared
    true: np.ndarray
    same: np.ndarray
    given: np.ndarray
    rules: dict[str, float]


def read_known(file: Path) -> Known:
    table = pq.ParquetFile(file).read()
    features, found = compared_pairs(table, Steps())
    compared = compare(features, found.bearers, found.left, found.right)
    true = codes(table["true"])
    shipped = load_weights()
    given = (
        np.sum(list(bits(_weightless(shipped), compared).values()), axis=0)
        + prior_bits(shipped, len(true))
        - shipped.prior.w
    )
    same = true[found.left] == true[found.right]
    return Known(file.stem, features, found, compared, true, same, given, grouped(match_rules(table), table["true"]))


def learn(known: Sequence[Known], start: Weights) -> Weights:
    """Weights by which the pairs of all tables are as likely one person as they are."""
    columns = [(name, level) for name, levels in LEVELS.items() for level in levels if level != "unknown"]
    columns = [column for column in columns if column not in GIVEN]
    matrix, given, same = [], [], []
    for one in known:
        levels = one.compared.levels
        learnt = np.isin(
            levels["document"], [LEVELS["document"].index(level) for level in ("same", "conflict")], invert=True
        )
        learnt &= ~unsafe(one.features, one.found, one.compared)
        matrix.append(np.stack([levels[name][learnt] == LEVELS[name].index(level) for name, level in columns], axis=1))
        given.append(one.given[learnt])
        same.append(one.same[learnt])
    x, offset, y = np.concatenate(matrix).astype(np.float32), np.concatenate(given), np.concatenate(same).astype(float)
    shipped = np.array([start.comparisons[name][level].w for name, level in columns])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = (x @ weights[:-1] + offset + weights[-1]) * np.log(2)
        chance = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
        off = weights[:-1] - shipped
        slope = np.append(x.T @ (chance - y), (chance - y).sum()) * np.log(2)
        slope[:-1] += 2 * RIDGE * len(y) * off
        return float((np.logaddexp(0, score) - y * score).sum() + RIDGE * len(y) * (off**2).sum()), slope

    found = minimize(loss, np.append(shipped, start.prior.w), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    learned = dict(zip(columns, np.round(found[:-1], 1).tolist(), strict=True))
    comparisons = {
        name: {
            level: rule.model_copy(update={"w": learned.get((name, level), rule.w)}) for level, rule in rules.items()
        }
        for name, rules in start.comparisons.items()
    }
    prior = start.prior.model_copy(update={"w": round(float(found[-1]), 1)})
    return start.model_copy(update={"comparisons": comparisons, "prior": prior})


def judge(one: Known, weights: Weights) -> dict[str, float]:
    """Precision, recall and F1 of the persons, and of the pairs that are scored."""
    scored = score_compared(one.features, one.found, one.compared, weights, prior_bits(weights, len(one.true)))
    by_score = scored.rule == 0
    left, right = scored.left[by_score], scored.right[by_score]
    pairs = swept(scored.score[by_score], one.true[left] == one.true[right], one.true)
    persons = grouped(persons_of(one.features, scored), one.true)
    return persons | {"recall_precise": pairs["recall_precise"], "same_from": scored.same_from}


def _weightless(weights: Weights) -> Weights:
    def none(rules: dict[str, Level]) -> dict[str, Level]:
        return {level: rule.model_copy(update={"w": 0.0}) for level, rule in rules.items()}

    return weights.model_copy(
        update={"comparisons": {name: none(rules) for name, rules in weights.comparisons.items()}}
    )


def main(files: Sequence[Path]) -> None:
    known, start = [read_known(file) for file in files], load_weights()
    for one in known:
        found = judge(one, learn([other for other in known if other is not one], start))
        click.echo(f"{one.name:24} {found['same_from']:5} P {found['precision']:.4f} R {found['recall']:.4f} F1 {found['f1']:.4f}"
              f" R999 {found['recall_precise']:.4f} | rules P {one.rules['precision']:.4f} F1 {one.rules['f1']:.4f}"
              f" {'won' if found['f1'] > one.rules['f1'] else 'LOST'}")  # fmt: skip
    weights = learn(known, start)
    click.echo(f"prior: {weights.prior.w}")
    for name, rules in weights.comparisons.items():
        click.echo(f"{name}: " + ", ".join(f"{level} {rule.w}" for level, rule in rules.items()))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
