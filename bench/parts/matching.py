"""Who is who: quality and cost beside Splink 5 and plain rules, on the same cleaned records of a fresh synthetic city."""

from __future__ import annotations

from typing import Any

from bench.bench import Bench, load
from bench.watch import measure

DATABASE = "bench_match"
SPLINK, STORED, RULES = "Splink 5, trained in the run", "Splink 5, predict and cluster only", "plain rules"
DROPPED = "pandas drop_duplicates"
LEAST = 1e-4
"""A ratio needs a peer above nothing."""
MEASURES = {
    "precision of persons": "precision", "recall of persons": "recall", "F1 of persons": "f1",
    "B-cubed precision": "b3_precision", "B-cubed recall": "b3_recall", "B-cubed F1": "b3_f1",
}  # fmt: skip


def matching(bench: Bench) -> None:
    """F1 and recall are fractions: above 1 x is better. Seconds of ours hold opening the records and writing persons."""
    for rows in bench.options.sizes:
        for preset in bench.options.presets:
            _one(bench, rows, preset)


def _one(bench: Bench, rows: int, preset: str) -> None:
    known = {"rows": rows, "preset": preset, "load": load()}
    bench.server.fresh(DATABASE)
    request = city_of(bench, rows, preset)
    request["truth"] = measure(bench.server, DATABASE, {"do": "match_city", **request}).said["truth"]
    bench.server.settle()
    own = measure(bench.server, DATABASE, {"do": "match_own", **request})
    made = measure(bench.server, DATABASE, {"do": "match_export", **request}).said
    core, splink, rules = (
        measure(bench.server, DATABASE, {"do": f"match_{name}", **request}) for name in ("core", "splink", "rules")
    )
    bench.server.drop(DATABASE)
    predicting = [splink.said["predicting"]]
    bench.add_times("match", "all records", [own], SPLINK, [splink], **known)
    bench.add("match", "all records, no training", [own.seconds], STORED, predicting, **known)
    bench.add_times("match", "without decryption", [core], SPLINK, [splink], **known)
    bench.add("match", "without decryption, no training", [core.seconds], STORED, predicting, **known)
    for what, done in (("peak memory, main", own), ("peak memory, without decryption", core)):
        bench.add("match", what, [done.peak["main"]], SPLINK, [splink.peak["main"]], unit="MiB", **known)
    bench.profile += [
        {
            "what": "matching without decryption", "rows": rows, "preset": preset, "stage": "match", "step": step,
            "seconds": round(seconds, 3), "share": round(seconds / core.seconds, 4),
        }
        for step, seconds in core.said["steps"].items()
    ]  # fmt: skip
    assert core.said["as_product"], "the same records without the database are other persons"
    _pairs(bench, made["pairs"], splink.said["pairs"], known)
    for against, theirs in (
        (SPLINK, splink.said["persons"]),
        (RULES, rules.said["rules"]),
        (DROPPED, rules.said["dropped"]),
    ):
        _persons(bench, made["persons"], against, theirs, known)


def city_of(bench: Bench, rows: int, preset: str) -> dict[str, Any]:
    """The request of a city of its own."""
    folder = bench.server.home / "cities" / f"{preset}-{rows}"
    files = {"cleaned": str(folder.with_suffix(".parquet")), "model": str(folder.with_suffix(".json"))}
    return {"folder": str(folder), "people": rows, "preset": preset, "seed": bench.options.seed, **files}


def _pairs(bench: Bench, ours: dict[str, float], theirs: dict[str, float], known: dict[str, Any]) -> None:
    for what, name in (("F1 at the best threshold", "f1"), ("recall at precision 0.999", "recall_precise")):
        bench.add("match", what, [ours[name]], SPLINK, [max(theirs[name], LEAST)], unit="of 1", **known)


def _persons(
    bench: Bench, ours: dict[str, float], against: str, theirs: dict[str, float], known: dict[str, Any]
) -> None:
    for what, name in MEASURES.items():
        bench.add("match", what, [ours[name]], against, [max(theirs[name], LEAST)], unit="of 1", **known)
