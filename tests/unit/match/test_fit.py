"""Weights learned from pairs whose truth is known: found again from a damaged start, and left alone where little is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from talentpool.match.candidates.keys import KINDS
from talentpool.match.scoring.compare import Compared, code
from talentpool.match.scoring.estimate import CHANGE, FEWEST, HEAVIEST, Estimate, Learned, estimate
from talentpool.match.scoring.fit import FIXED
from talentpool.match.scoring.levelled import Pairs
from talentpool.match.scoring.weights import LEVELS, Weights, load_weights

RECORDS = 50_000
MATCHES, STRANGERS, AT_RANDOM = 12_000, 6_000, 400_000
AMONG_MATCHES = {
    "document": {"masked_fits": 0.2, "tail_differs": 0.01, "unknown": 0.79},
    "mobile": {"same": 0.7, "differs": 0.2, "unknown": 0.1},
    "birth": {"same": 0.6, "near": 0.02, "differs": 0.02, "unknown": 0.36},
    "name": {"same": 0.93, "pinyin": 0.02, "lost": 0.02, "one": 0.02, "differs": 0.01},
    "sex": {"men": 0.7, "women": 0.1, "differs": 0.005, "unknown": 0.195},
    "county": {"same": 0.9, "differs": 0.1},
    "partner": {"same": 0.1, "other": 0.9},
}
"""Comparison -> level -> share of the pairs of one person."""
AMONG_STRANGERS = {
    "document": {"masked_fits": 0.0002, "tail_differs": 0.2, "unknown": 0.7998},
    "mobile": {"differs": 0.9, "unknown": 0.1},
    "birth": {"same": 0.0005, "near": 0.02, "differs": 0.6, "unknown": 0.3795},
    "name": {"same": 0.0004, "pinyin": 0.0002, "lost": 0.0002, "one": 0.0002, "differs": 0.999},
    "sex": {"men": 0.35, "women": 0.05, "differs": 0.4, "unknown": 0.2},
    "county": {"same": 0.1, "differs": 0.9},
    "partner": {"same": 0.3, "other": 0.7},
}
SHARE_OF_A_NAME = 0.0004


def drawn(random: np.random.Generator, shares: dict, size: int) -> Compared:
    levels = {}
    for name in LEVELS:
        known = list(shares[name])
        at = random.choice([code(name, level) for level in known], size, p=list(shares[name].values()))
        levels[name] = at.astype(np.int8)
    bearers = np.where(levels["mobile"] == code("mobile", "same"), 2, 0).astype(np.int32)
    rest = np.where(levels["name"] == code("name", "differs"), 1.0, SHARE_OF_A_NAME)
    return Compared(levels, rest, bearers, np.zeros(len(rest), np.float32))


def joined(*parts: Pairs) -> Pairs:
    """One row a pair, of all parts."""
    columns = {
        name: np.concatenate([getattr(p, name) for p in parts]) for name in ("extra", "count", "judgement", "bearers")
    }
    return Pairs({name: np.concatenate([p.levels[name] for p in parts]) for name in LEVELS}, **columns)


@pytest.fixture(scope="module")
def city() -> tuple[Pairs, Pairs, dict[str, np.ndarray]]:
    """Candidates, pairs at random, and what each candidate may speak of: all but the one comparison that brought it."""
    random = np.random.default_rng(7)
    weights = load_weights()
    matches = drawn(random, AMONG_MATCHES, MATCHES)
    # strangers meet because of their mobile (a family's, an old one's), or because of birth date and name
    by_mobile, by_birth = drawn(random, AMONG_STRANGERS, STRANGERS // 2), drawn(random, AMONG_STRANGERS, STRANGERS // 2)
    by_mobile.levels["mobile"][:] = code("mobile", "same")
    by_mobile.bearers[:] = 2
    by_birth.levels["birth"][:] = code("birth", "same")
    by_birth.levels["name"][:] = code("name", "pinyin")
    by_birth.rest[:] = SHARE_OF_A_NAME
    near = joined(*(Pairs.of(part, weights) for part in (matches, by_mobile, by_birth)))
    shares_mobile = near.levels["mobile"] == code("mobile", "same")
    shares_birth = near.levels["birth"] == code("birth", "same")
    by_other = np.concatenate([random.random(MATCHES) < 0.5, np.zeros(STRANGERS, bool)])
    reached = dict.fromkeys(LEVELS, shares_mobile | shares_birth | by_other)
    reached |= {"mobile": shares_birth | by_other, "birth": shares_mobile | by_other, "name": shares_mobile | by_other}
    far = Pairs.joined(Pairs.of(drawn(random, AMONG_STRANGERS, AT_RANDOM // 4), weights) for _ in range(4))
    return near, far, reached


def fitted(city: tuple, start: Weights) -> Estimate:
    near, far, reached = city
    return estimate(near, far, reached, RECORDS, start)


def changed(**levels: float) -> Weights:
    """The shipped weights with others for `comparison__level`."""
    whole = load_weights().model_dump()
    for name, w in levels.items():
        comparison, level = name.split("__")
        whole["comparisons"][comparison][level]["w"] = w
    return Weights.model_validate(whole)


def of(found: Estimate, comparison: str, level: str) -> Learned:
    return next(one for one in found.levels if (one.comparison, one.level) == (comparison, level))


DAMAGED = {"birth__same": 6.4, "mobile__differs": 0.0, "county__same": -3.0, "sex__differs": 1.0, "name__lost": -2.0}


def test_true_weights_are_found_again_from_a_damaged_start(city: tuple) -> None:
    found = fitted(city, changed(**DAMAGED))
    assert found.settled and found.steps < 20
    assert 0.85 * MATCHES < found.matches < 1.01 * MATCHES, "some have next to no evidence"
    known = {name: 1 - shares.get("unknown", 0) for name, shares in AMONG_MATCHES.items()}
    strange = {name: 1 - shares.get("unknown", 0) for name, shares in AMONG_STRANGERS.items()}
    checked = 0
    for comparison in ("document", "birth", "sex", "county"):
        for level in set(AMONG_MATCHES[comparison]) - {"unknown"}:
            m = AMONG_MATCHES[comparison][level] / known[comparison]
            u = AMONG_STRANGERS[comparison][level] / strange[comparison]
            assert of(found, comparison, level).new == pytest.approx(np.log2(m / u), abs=0.6), (comparison, level)
            checked += 1
    assert checked == 10
    assert of(found, "mobile", "differs").new == pytest.approx(np.log2(0.2 / 0.9), abs=0.3)
    assert of(found, "name", "same").new == pytest.approx(np.log2(0.93), abs=0.1)
    assert of(found, "name", "lost").new == pytest.approx(np.log2(0.02), abs=0.5)
    assert of(found, "partner", "same").new == pytest.approx(np.log2(0.1 / 0.3) - np.log2(0.9 / 0.7), abs=0.3)
    assert of(found, "partner", "other").new == 0.0


def test_the_start_does_not_matter_and_equal_pairs_give_equal_weights(city: tuple) -> None:
    from_shipped, from_damaged = fitted(city, load_weights()), fitted(city, changed(**DAMAGED))
    assert fitted(city, changed(**DAMAGED)) == from_damaged
    for one, other in zip(from_shipped.levels, from_damaged.levels, strict=True):
        assert one.new == pytest.approx(other.new, abs=0.15), (one, other)


def test_a_level_that_too_few_pairs_stand_behind_keeps_its_weight_and_says_so(city: tuple) -> None:
    start = changed(document__head_differs=-3.3)
    one = of(fitted(city, start), "document", "head_differs")
    assert (one.new, one.basis) == (-3.3, "few pairs") and one.matches < FEWEST


def test_guards_and_what_is_no_evidence_keep_their_weights(city: tuple) -> None:
    start = changed(mobile__shared=-0.5, document__conflict=-50.0)
    found = fitted(city, start)
    for comparison, level in (("document", "same"), ("document", "conflict"), ("mobile", "shared")):
        one = of(found, comparison, level)
        assert (one.new, one.basis) == (start.comparisons[comparison][level].w, "guard")
    assert {one.basis for one in found.levels if one.level == "unknown"} == {"no evidence"}


def test_no_fit_moves_a_weight_far_or_beyond_a_full_number(city: tuple) -> None:
    one = of(fitted(city, changed(birth__same=-5.0)), "birth", "same")
    assert (one.new, one.basis) == (-5.0 + CHANGE, "clipped")
    assert all(one.new <= HEAVIEST for one in fitted(city, changed(mobile__same=20.0)).levels)


def test_what_brought_a_pair_together_is_not_counted_as_agreement(city: tuple) -> None:
    near, far, _ = city
    blind = of(estimate(near, far, dict.fromkeys(LEVELS, np.ones(len(near.count), bool)), RECORDS, load_weights()),
               "birth", "same")  # fmt: skip
    assert of(fitted(city, load_weights()), "birth", "same").matches < blind.matches
    assert {fixed for kinds in FIXED.values() for fixed in kinds} <= set(LEVELS)
    assert set(FIXED) == set(KINDS)


def test_a_persons_word_stands_above_the_evidence(city: tuple) -> None:
    near, far, reached = city
    sure = np.flatnonzero(
        (near.levels["mobile"] == code("mobile", "same"))
        & (near.levels["birth"] == code("birth", "same"))
        & (near.levels["name"] == code("name", "same"))
    )[:500]
    judgement = near.judgement.copy()
    judgement[sure] = 0.0
    before = fitted(city, load_weights()).matches
    said = estimate(replace(near, judgement=judgement), far, reached, RECORDS, load_weights())
    assert said.matches == pytest.approx(before - 500, abs=60)


def test_pairs_that_agree_alike_count_as_often_as_they_are() -> None:
    weights = load_weights()
    compared = drawn(np.random.default_rng(3), AMONG_MATCHES, 5_000)
    rows = Pairs.of(compared, weights)
    together = Pairs.joined([rows.take(np.arange(2_000)), rows.take(np.arange(2_000, 5_000))])
    table = {name: np.array([weights.comparisons[name][one].w for one in levels]) for name, levels in LEVELS.items()}
    assert together.count.sum() == rows.count.sum() and len(together.count) < len(rows.count)
    assert (together.posterior(table, -14.0) * together.count).sum() == pytest.approx(
        (rows.posterior(table, -14.0) * rows.count).sum()
    )
