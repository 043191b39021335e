"""Weights learned on a synthetic city: a damaged start is mended, and nothing happens before somebody activates it."""

from __future__ import annotations

from pathlib import Path

import pytest

from months import deliver, persons, quality, synthetic
from rosters import Office
from talentpool.match import activate, fit, keep_weights, match
from talentpool.match.scoring.weights import Weights, load_weights

PEOPLE = 4000
DAMAGED = {("birth", "same"): 6.4, ("mobile", "same"): 8.0, ("mobile", "differs"): -9.0}
WHO = {"by": "李专员", "note": "试验"}


def damaged() -> Weights:
    whole = load_weights().model_dump()
    for (comparison, level), w in DAMAGED.items():
        whole["comparisons"][comparison][level]["w"] = w
    return Weights.model_validate(whole)


# A pool this small is taken for one of 16,384 records, so honest weights leave more pairs to people than the shipped
# ones do, whose numbers of partial documents weigh more than those of a synthetic city, which are alike.
@pytest.mark.parametrize(("preset", "near", "gain"), [("usual", 0.005, 0.005), ("hard", 0.01, 0.02)])
def test_a_fit_mends_damaged_weights_once_it_is_active(
    office: Office, tmp_path: Path, preset: str, near: float, gain: float
) -> None:
    city = synthetic(tmp_path / "city", PEOPLE, 1, 5, preset)
    deliver(office, city.months)
    records = match(office.engine, office.keys).records
    shipped = quality(office, city.truth)
    with office.engine.begin() as conn:
        activate(conn, keep_weights(conn, damaged(), **WHO), **WHO)
    assert match(office.engine, office.keys).changed >= records
    worse, before = quality(office, city.truth), persons(office)
    found = fit(office.engine, office.keys, **WHO)
    assert found.settled
    new = {(one.comparison, one.level): one.new for one in found.levels}
    for (comparison, level), damage in DAMAGED.items():
        right = load_weights().comparisons[comparison][level].w
        assert abs(new[comparison, level] - right) < min(3.0, abs(damage - right)), (comparison, level)
    again = fit(office.engine, office.keys, **WHO)
    assert (again.levels, again.prior_new) == (found.levels, found.prior_new)
    assert match(office.engine, office.keys).changed == 0
    assert persons(office) == before
    with office.engine.begin() as conn:
        activate(conn, found.version, **WHO)
    assert match(office.engine, office.keys).changed >= records
    mended = quality(office, city.truth)
    assert mended["f1"] >= worse["f1"] + gain, (shipped, worse, mended)
    assert mended["f1"] >= shipped["f1"] - near, (shipped, worse, mended)
    assert mended["precision"] >= 0.997
