"""How far evidence could go: a model that is told the truth about the same candidates, beside the weights of the product.

Gradient boosting over everything that is known of a pair, the product's own bits among it. Nobody is both taught and
asked: people are divided into folds, a fold's pairs are scored by a model that has seen nobody of it.
"""

from __future__ import annotations

import time
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.core import EVIDENCE, KEY, read_columns
from bench.quality import swept
from talentpool.match.candidates.keys import KeyMaker, make_keys
from talentpool.match.candidates.pairs import Candidates, find_pairs
from talentpool.match.facts.features import NO_DATE, Features
from talentpool.match.facts.forms import describe
from talentpool.match.scoring.compare import compare
from talentpool.match.scoring.score import bits, prior_bits
from talentpool.match.scoring.weights import load_weights

FOLDS = 3
SEED = 1


def match_ceiling(request: dict[str, Any]) -> dict[str, Any]:
    """The same of the plain table that Splink reads."""
    began, used = time.perf_counter(), time.process_time()
    table = pq.ParquetFile(request["cleaned"]).read(columns=[*EVIDENCE, "true"])
    forms = table["name"].combine_chunks().dictionary_encode()
    features = Features(read_columns(table, forms), describe(forms.dictionary))
    keys = make_keys(features, KeyMaker(KEY))
    found = find_pairs(keys.blocks(), keys.mobiles, len(features.facts))
    true = np.asarray(table["true"].combine_chunks().dictionary_encode().indices)
    best = ceiling(features, found, true)
    return best | {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}


def ceiling(features: Features, candidates: Candidates, true: np.ndarray) -> dict[str, float]:
    """Best F1 over all thresholds: `f1` of the taught model, `ours` of the product's score, on the same pairs.

    Args:
        true: (records,) whole number of each record's true person, by position in `features`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    known, score = _known(features, candidates)
    left, right = true[candidates.left], true[candidates.right]
    same = left == right
    people = np.unique(true)
    fold_of = np.random.default_rng(SEED).integers(0, FOLDS, len(people))[np.searchsorted(people, true)]
    fold_left, fold_right = fold_of[candidates.left], fold_of[candidates.right]
    taught = np.zeros(len(same))
    for one, other in combinations_with_replacement(
        range(FOLDS), 2
    ):  # of each pair both people are strangers to its model
        seen = ~np.isin(fold_left, (one, other)) & ~np.isin(fold_right, (one, other))
        asked = (np.minimum(fold_left, fold_right) == one) & (np.maximum(fold_left, fold_right) == other)
        model = HistGradientBoostingClassifier(
            max_iter=300, learning_rate=0.06, l2_regularization=1.0, random_state=SEED
        )
        taught[asked] = model.fit(known[seen], same[seen]).predict_proba(known[asked])[:, 1]
    return {"f1": swept(taught, same, true)["f1"], "ours": swept(score, same, true)["f1"]}


def _known(features: Features, candidates: Candidates) -> tuple[np.ndarray, np.ndarray]:
    """Columns of numbers by pair, and the product's posterior in bits."""
    weights, facts, names = load_weights(), features.facts, features.names
    compared = compare(features, candidates.bearers, candidates.left, candidates.right)
    value = bits(weights, compared)
    score = np.sum(list(value.values()), axis=0) + prior_bits(weights, len(facts))
    a, b = facts.take(candidates.left), facts.take(candidates.right)
    sides = [
        (np.log2(names.share[one.name]), names.length[one.name], one.county, one.birth != NO_DATE, one.document != 0,
         one.tail != 0, one.mobile != 0)
        for one in (a, b)
    ]  # fmt: skip
    apart = np.abs(np.where((a.birth != NO_DATE) & (b.birth != NO_DATE), a.birth.astype(np.int64) - b.birth, -1))
    columns = [*compared.levels.values(), np.log2(compared.shares["name"]), compared.bearers, apart,
               *(column for side in sides for column in side), *value.values(), score]  # fmt: skip
    return np.column_stack([column.astype(np.float32) for column in columns]), score
