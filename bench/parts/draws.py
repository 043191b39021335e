"""The claim of matching: every draw of a line of seeds, ours beside each peer on the same rows; the worst counts."""

from __future__ import annotations

from typing import Any

from bench.bench import Bench, load
from bench.claims import PRECISE
from bench.draw import Draw, make_draw
from bench.draws import APART, TUNED_ON, Thresholds, choose
from bench.splink import GRID
from bench.watch import measure

RULES = "twelve plain rules"
SPLINK = {
    "default": "Splink 5, trained in the run",
    "tuned": "Splink 5, tuned on other draws",
    "precise": "Splink 5, tuned to be as precise as ours must be",
}
PERSONS = {
    "precision of persons": "precision", "recall of persons": "recall", "F1 of persons": "f1",
    "B-cubed F1": "b3_f1",
}  # fmt: skip
"""Automatic unions are the persons made: their precision is that of all pairs of records that share a person."""
PAIRS = "recall at precision 0.999"
LEAST = 1e-4
"""A ratio needs a peer above nothing."""


def judge_draws(bench: Bench) -> None:
    """Shares of 1, a value a draw, in the order of the seeds."""
    for preset in bench.options.presets:
        for people in bench.options.sizes:
            _judge(bench, preset, people)


def _judge(bench: Bench, preset: str, people: int) -> None:
    known = {"rows": people, "preset": preset, "load": load(), "unit": "of 1"}
    thresholds = _tune(bench, preset, people)
    ours, theirs = [], []
    for seed in bench.options.seeds:
        made, peers = _draw(bench, Draw(seed, preset, people), {"do": "match_judged", "splink": thresholds.by_name()})
        ours.append(made)
        theirs.append(peers)
        bench.tell(f"draws: {preset}, {people:,}, seed {seed}: F1 {made['persons']['f1']:.4f}, "
                   + ", ".join(f"{peer} {peers[peer]['f1']:.4f}" for peer in ("rules", *SPLINK)))  # fmt: skip
    for peer, against in {"rules": RULES, **SPLINK}.items():
        for what, name in PERSONS.items():
            measured = [one["persons"][name] for one in ours]
            bench.add("draws", what, measured, against, [one[peer][name] for one in theirs], **known)
    measured = [one["pairs"]["recall_precise"] for one in ours]
    bench.add("draws", PAIRS, measured, SPLINK["default"], [one["pairs"]["recall_precise"] for one in theirs], **known)


def _tune(bench: Bench, preset: str, people: int) -> Thresholds:
    """On draws that nobody is judged by."""
    first = bench.options.seeds[0] + APART
    swept = [
        _draw(bench, Draw(seed, preset, people), {"do": "match_swept"})[1]["swept"]
        for seed in range(first, first + TUNED_ON)
    ]
    chosen = choose(swept, GRID, PRECISE[preset])
    bench.tell(f"draws: {preset}, {people:,}: Splink is tuned on seeds {first} to {first + TUNED_ON - 1}: "
               f"{chosen.best:g} bits, {chosen.precise:g} where it must be precise")  # fmt: skip
    return chosen


def _draw(bench: Bench, draw: Draw, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ours made of a draw, and what was asked of its table."""
    folder = bench.server.home / "drawn"
    made = make_draw(bench.server, draw, folder)
    said = measure(bench.server, "postgres", asked | {"cleaned": made["cleaned"]}).said
    (folder / f"{draw.name}.parquet").unlink()
    return made, said
