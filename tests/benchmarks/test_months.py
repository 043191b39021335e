"""The parts of the benchmarks that follow a city over months say what they measured, at the smallest size there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.bench import Bench, Options
from bench.city import YEAR
from bench.claims import BOUNDS
from bench.parts.months import drawn_year, tenfold, year
from bench.server import Server, running


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize("preset", ["usual", "hard"])
def test_two_drawn_populations_keep_ids_events_and_guards_for_a_year(preset: str) -> None:
    """Seeds that no weight was learned from. A full run says nearly what the months said: of 2,000 people one is 0.0005."""
    with running() as server:
        bench = Bench(server, Options((2_000,), (preset,), repeats=1, seed=7, seeds=(501, 502)))
        drawn_year(bench)
    found = {one.what: one.measured[0] for one in bench.claims}
    assert found["ids changed without an event, 12 months"] == found["people of two document numbers"] == 0
    assert found["ids changed by a full run at the end"] <= 0.001, found
    assert found["ids changed, two months"] <= 0.004 and found["F1, months against a full run"] <= 0.002, found


@pytest.mark.slow
@pytest.mark.database
def test_a_year_says_whose_id_changed_and_what_a_whole_run_makes_of_it() -> None:
    with running() as server:
        bench = Bench(server, Options((600,), ("hard",), repeats=1, seed=7))
        year(bench, months=2)
    found = {one.what: one for one in bench.claims}
    assert len(found) == len(bench.claims) == 8
    assert {(one.part, one.rows, one.preset) for one in bench.claims} == {("year", 600, "hard")}
    assert found["ids changed without an event, 2 months"].measured == [0]
    assert found["ids changed by a full run at the end"].measured == [0]
    assert found["F1, months against a full run"].measured == [0]
    assert 0.7 < found["F1, months against a full run"].peer[0] < 1
    assert 0 <= found["ids changed, two months"].measured[0] <= found["ids changed, 2 months"].measured[0] < 0.1


def test_a_bound_on_a_year_speaks_of_the_year_that_is_measured() -> None:
    assert ("year", f"ids changed without an event, {YEAR} months") in BOUNDS


def test_a_delta_is_compared_with_the_same_on_a_tenth_of_the_base(tmp_path: Path) -> None:
    bench = Bench(Server(tmp_path, ""), Options((10_000, 100_000, 1_000_000), ("usual",), repeats=3, seed=7))
    took = {
        10_000: {500: [2.0, 1.0, 1.0]},
        100_000: {500: [1.5, 1.5, 9.0], 45_000: [8.0]},
        1_000_000: {500: [1.8, 3.0, 1.2], 45_000: [4.0]},
    }
    tenfold(bench, took, "usual")
    said = {(one.rows, one.what.split(" rows")[0]): one for one in bench.claims}
    assert {key: one.ratio for key, one in said.items()} == {
        (100_000, "500"): 1.5, (1_000_000, "500"): 1.2, (1_000_000, "45,000"): 0.5,
    }  # fmt: skip
    assert said[1_000_000, "500"].against == "on 100,000 rows"
    assert [one.holds for one in said.values()] == [None, True, None], "a bound speaks of a delta of 500 on a million"
