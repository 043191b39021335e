"""Who is who: quality and cost beside Splink 5 and plain rules, on the same cleaned records of a fresh synthetic city."""

from __future__ import annotations

from typing import Any

from bench.bench import Bench, load
from bench.parts.months import DATABASE, deltas, held, tenfold
from bench.watch import Done, measure

SPLINK, STORED, RULES = "Splink 5, trained in the run", "Splink 5, predict and cluster only", "plain rules"
DROPPED = "pandas drop_duplicates"
TAUGHT, MOST_TAUGHT = "gradient boosting that was told the truth", 100_000
LEAST = 1e-4
"""A ratio needs a peer above nothing."""
PAIRS = {"F1 at the best threshold": "f1", "recall at precision 0.999": "recall_precise"}
PERSONS = {
    "precision of persons": "precision", "recall of persons": "recall", "F1 of persons": "f1",
    "B-cubed precision": "b3_precision", "B-cubed recall": "b3_recall", "B-cubed F1": "b3_f1",
}  # fmt: skip


def matching(bench: Bench) -> None:
    """Shares of 1: above 1 x is better. Seconds of ours hold opening the records and writing persons."""
    for preset in bench.options.presets:
        took = {rows: _one(bench, rows, preset) for rows in bench.options.sizes}
        tenfold(bench, took, preset)


def _one(bench: Bench, rows: int, preset: str) -> dict[int, list[float]]:
    """All figures of a city; seconds by number of changed rows."""
    known = {"rows": rows, "preset": preset, "load": load()}
    folder = bench.server.home / "cities" / f"{preset}-{rows}"
    request: dict[str, Any] = {
        "folder": str(folder), "people": rows, "preset": preset, "seed": bench.options.seed, "held": held(rows),
        "cleaned": str(folder.with_suffix(".parquet")), "model": str(folder.with_suffix(".json")),
    }  # fmt: skip

    def done(what: str) -> Done:
        return measure(bench.server, DATABASE, {"do": f"match_{what}", **request})

    bench.server.fresh(DATABASE)
    request |= done("city").said
    bench.server.settle()
    own, made = done("own"), done("export").said
    core, splink, stored, rules = done("core"), done("splink"), done("stored"), done("rules").said
    assert core.said["as_product"], "the same records without the database are other persons"
    for what, ours in (("all records", own), ("without decryption", core)):
        bench.add_times("match", what, [ours], SPLINK, [splink], **known)
        bench.add_times("match", f"{what}, no training", [ours], STORED, [stored], **known)
    for what, ours in (("peak memory, main", own), ("peak memory, without decryption", core)):
        bench.add("match", what, [ours.peak["main"]], SPLINK, [splink.peak["main"]], unit="MiB", **known)
    _steps(bench, core, rows, preset)
    _shares(bench, PAIRS, made["pairs"], SPLINK, splink.said["pairs"], known)
    for against, theirs in ((SPLINK, splink.said["persons"]), (RULES, rules["rules"]), (DROPPED, rules["dropped"])):
        _shares(bench, PERSONS, made["persons"], against, theirs, known)
    if rows <= MOST_TAUGHT:
        best = done("ceiling").said
        bench.add(
            "match", "pairs: F1 beside a taught model", [best["ours"]], TAUGHT, [best["f1"]], unit="of 1", **known
        )
    took = deltas(bench, request, known)
    bench.server.drop(DATABASE)
    return took


def _steps(bench: Bench, core: Done, rows: int, preset: str) -> None:
    what = {"what": "matching without decryption", "rows": rows, "preset": preset, "stage": "match"}
    for step, seconds in core.said["steps"].items():
        bench.profile.append(
            what | {"step": step, "seconds": round(seconds, 3), "share": round(seconds / core.seconds, 4)}
        )


def _shares(
    bench: Bench, names: dict[str, str], ours: dict[str, float], against: str, theirs: dict[str, float],
    known: dict[str, Any],
) -> None:  # fmt: skip
    for what, name in names.items():
        bench.add("match", what, [ours[name]], against, [max(theirs[name], LEAST)], unit="of 1", **known)
