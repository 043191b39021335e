"""Who is who: quality and cost beside Splink 5 and plain rules, on the same cleaned records of a fresh synthetic city."""

from __future__ import annotations

from bench.bench import Bench, load
from bench.watch import measure

DATABASE = "bench_match"
SPLINK, STORED, RULES = "Splink 5, trained in the run", "Splink 5, predict and cluster only", "plain rules"


def matching(bench: Bench) -> None:
    """F1 and recall are fractions: above 1 x is better. Seconds of ours hold opening the records and writing persons."""
    for rows in bench.options.sizes:
        for seed, preset in enumerate(bench.options.presets, 1):
            _one(bench, rows, preset, seed)


def _one(bench: Bench, rows: int, preset: str, seed: int) -> None:
    began = load()
    folder = bench.server.home / "cities" / f"{preset}-{rows}"
    cleaned = folder.with_suffix(".parquet")
    bench.server.fresh(DATABASE)
    request = {"folder": str(folder), "people": rows, "preset": preset, "seed": seed, "cleaned": str(cleaned)}
    request["truth"] = measure(bench.server, DATABASE, {"do": "match_city", **request}).said["truth"]
    bench.server.settle()
    own = measure(bench.server, DATABASE, {"do": "match_own", **request})
    splink = measure(bench.server, DATABASE, {"do": "match_splink", **request})
    rules = measure(bench.server, DATABASE, {"do": "match_rules", **request})
    bench.server.drop(DATABASE)
    known = {"rows": rows, "preset": preset, "load": began}
    bench.add_times("match", "all records", [own], SPLINK, [splink], **known)
    bench.add("match", "all records, no training", [own.seconds], STORED, [splink.said["predicting"]], **known)
    peaks = ([done.peak["main"]] for done in (own, splink))
    bench.add("match", "peak memory, main", next(peaks), SPLINK, next(peaks), unit="MiB", **known)
    ours, theirs = own.said["pairs"], splink.said["pairs"]
    bench.add("match", "F1 at the best threshold", [ours["f1"]], SPLINK, [theirs["f1"]], unit="of 1", **known)
    bench.add("match", "recall at precision 0.999", [ours["recall_precise"]], SPLINK,
              [max(theirs["recall_precise"], 1e-4)], unit="of 1", **known)  # fmt: skip
    persons = own.said["persons"]
    bench.add("match", "F1 of persons", [persons["f1"]], RULES, [rules.said["rules"]["f1"]], unit="of 1", **known)
    bench.add("match", "F1 of persons, deduplicated", [persons["f1"]], "pandas drop_duplicates",
              [max(rules.said["dropped"]["f1"], 1e-4)], unit="of 1", **known)  # fmt: skip
    bench.add("match", "precision of persons", [persons["precision"]], RULES, [rules.said["rules"]["precision"]],
              unit="of 1", **known)  # fmt: skip
