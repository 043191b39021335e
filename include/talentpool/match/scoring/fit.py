"""Fit the weights to the office's own records when a person asks for it; no matching run does it.

All records are opened in memory, once; what is kept is a new version of the weights that nobody uses until somebody
activates it (versions.py). The sample is drawn from a fixed seed: equal records give equal weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard import KeyRing
from talentpool.match.candidates.keys import KINDS, KeyMaker, Keys, make_keys
from talentpool.match.candidates.pairs import find_pairs
from talentpool.match.facts.births import count_births, crowds, with_common
from talentpool.match.facts.ids import find, pack
from talentpool.match.facts.records import Records, read_records
from talentpool.match.scoring.compare import compare
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.match.scoring.estimate import Learned, estimate
from talentpool.match.scoring.levelled import Pairs
from talentpool.match.scoring.versions import active_weights, keep_weights
from talentpool.match.scoring.weights import LEVELS, Weights
from talentpool.model import edge

FIXED = {
    "document": ("document", "birth", "sex"), "mobile": ("mobile",), "sound_birth": ("name", "birth"),
    "sound_tail": ("name", "document"), "birth_tail": ("birth", "document"),
    "surname_birth_county": ("name", "birth", "county"), "name_county": ("name", "county"), "name": ("name",),
}  # fmt: skip
"""Kind of key -> the comparisons whose level it fixes or sways: of those its pairs say nothing."""
SAMPLE, CHUNK, SEED = 4_000_000, 500_000, 20261031
"""Pairs at random, how many of them at a time, and the seed they are drawn from."""
LEAST = 200
"""Pairs of one person from which weights are worth learning."""


@dataclass(frozen=True)
class Fitted:
    """What `match fit` says. `pairs`: candidates; `sampled`: pairs at random; `judged`: candidates that somebody decided;
    `matches`: pairs of one person by the new weights; `settled`: the last step moved nothing."""

    version: int
    base: int
    records: int
    pairs: int
    sampled: int
    judged: int
    matches: int
    steps: int
    settled: bool
    prior_old: float
    prior_new: float
    levels: list[Learned]


@dataclass(frozen=True, repr=False)
class Near:
    """Candidate pairs. `reached`: comparison -> which of them share a key that does not fix it; `judged`: how many of
    them somebody decided; `bearers` (records, 2): how many records bear a record's mobiles."""

    pairs: Pairs
    reached: dict[str, np.ndarray]
    judged: int
    bearers: np.ndarray


def fit(engine: sa.Engine, keys: KeyRing, *, by: str = "", note: str = "") -> Fitted:
    """Estimate weights and keep them as a new version, not active. UsageError when there is too little to learn from."""
    with engine.begin() as conn:
        start = active_weights(conn)
        records = read_records(conn, keys, wanted=False)
        judgements = _judgements(conn, records)
    facts = records.features.facts
    facts = with_common(facts, records.partners, crowds(count_births(records.partners, facts)))
    records = replace(records, features=replace(records.features, facts=facts))
    made = make_keys(records.features, KeyMaker(keys.key("match")))
    near = near_pairs(records, made, start, judgements)
    if len(near.pairs.count) < LEAST:
        raise _too_few(len(near.pairs.count))
    found = estimate(near.pairs, far_pairs(records, near.bearers, start), near.reached, len(records), start)
    if found.matches < LEAST:
        raise _too_few(found.matches)
    counts = {
        "base": start.version, "records": len(records), "pairs": len(near.pairs.count), "judged": near.judged,
        "sampled": min(SAMPLE, len(records) * (len(records) - 1) // 2), "matches": round(found.matches),
        "steps": found.steps,
    }  # fmt: skip
    with engine.begin() as conn:
        version = keep_weights(conn, found.weights, by=by, note=note, fitted_on=counts)
    return Fitted(
        version=version, settled=found.settled, prior_old=start.prior.w, prior_new=found.weights.prior.w,
        levels=found.levels, **counts,
    )  # fmt: skip


def _too_few(matches: float) -> UsageError:
    return UsageError(
        f"among the records there are {matches:.0f} pairs of one person at most; weights are learned from {LEAST} on,"
        " so the weights in force stay"
    )


def near_pairs(
    records: Records,
    made: Keys,
    start: Weights,
    judgements: dict[tuple[int, int], bool],
) -> Near:
    """Candidates, with what somebody judged of them: `judgements` by positions, left < right."""
    size = max(len(records), 1)
    met_codes, kinds = [], []
    bearers = np.zeros(made.mobiles.shape, np.int32)
    for block in made.blocks():
        met = find_pairs([block], made.mobiles, len(records))
        met_codes.append(met.left.astype(np.int64) * size + met.right)
        kinds.append(np.full(len(met.left), 1 << block.kind, np.int64))
        if KINDS[block.kind] == "mobile":
            bearers = met.bearers
    codes, row = np.unique(np.concatenate(met_codes), return_inverse=True)
    shared = np.zeros(len(codes), np.int64)
    np.bitwise_or.at(shared, row, np.concatenate(kinds))
    left, right = (codes // size).astype(np.int32), (codes % size).astype(np.int32)
    pairs = Pairs.of(compare(records.features, bearers, left, right), start)
    pairs, judged = _anchored(pairs, codes, {a * size + b: same for (a, b), same in judgements.items()})
    reached = {}
    for comparison in LEVELS:
        free = sum(1 << kind for kind, name in enumerate(KINDS) if comparison not in FIXED[name])
        reached[comparison] = (shared & free) > 0
    return Near(pairs, reached, judged, bearers)


def _anchored(pairs: Pairs, codes: np.ndarray, judgements: dict[int, bool]) -> tuple[Pairs, int]:
    """What somebody judged is known, whatever a guard or the evidence says."""
    pair = np.array(sorted(judgements), np.int64)
    place = np.searchsorted(codes, pair)
    there = place < len(codes)
    there[there] = codes[place[there]] == pair[there]
    place, pair = place[there], pair[there]
    judgement, count = pairs.judgement.copy(), pairs.count.copy()
    judgement[place] = [float(judgements[code]) for code in pair.tolist()]
    count[place] = 1.0
    return replace(pairs, judgement=judgement, count=count), len(place)


def far_pairs(records: Records, bearers: np.ndarray, start: Weights) -> Pairs:
    """Pairs at random out of all records; all of them where there are few."""
    return Pairs.joined(
        Pairs.of(compare(records.features, bearers, left, right), start) for left, right in _drawn(len(records))
    )


def _drawn(records: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if records * (records - 1) // 2 <= SAMPLE:
        left, right = np.triu_indices(records, 1)
        for begin in range(0, len(left), CHUNK):
            yield left[begin : begin + CHUNK].astype(np.int32), right[begin : begin + CHUNK].astype(np.int32)
        return
    random = np.random.default_rng(SEED)
    for _ in range(0, SAMPLE, CHUNK):
        one = random.integers(0, records, CHUNK)
        other = (one + random.integers(1, records, CHUNK)) % records
        yield np.minimum(one, other).astype(np.int32), np.maximum(one, other).astype(np.int32)


def _judgements(conn: sa.Connection, records: Records) -> dict[tuple[int, int], bool]:
    """Positions (left < right) -> whether somebody judged that they are one person."""
    judged = sa.select(edge.c.left_record, edge.c.right_record, edge.c.verdict).where(
        edge.c.rule == HUMAN_RULE, edge.c.verdict.in_(("same", "different"))
    )
    rows = conn.execute(judged).all()
    left = find(records.ids, pack(row.left_record for row in rows)).tolist()
    right = find(records.ids, pack(row.right_record for row in rows)).tolist()
    judgements = {}
    for row, one, other in zip(rows, left, right, strict=True):
        if one >= 0 and other >= 0:
            judgements[min(one, other), max(one, other)] = row.verdict == "same"
    return judgements
