"""What must not grow: memory with the rows of a file, time with what other partners have in the pool already."""

from __future__ import annotations

from bench.bench import OTHER, PARTNER, Bench, load

SHARE = 0.3


def memory_by_rows(bench: Bench) -> None:
    """Peak memory of the largest of an ingest's processes, at the largest size and at 3/10 of it."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    small, large = (bench.population(size, preset) for size in (round(rows * SHARE), rows))
    peaks: dict[int, list[float]] = {small.rows: [], large.rows: []}
    for _ in range(bench.options.repeats):
        for people in (small, large):
            bench.server.fresh("bench_load")
            done = bench.ingest("bench_load", people.first)
            peaks[people.rows].append(max(done.peak[kind] for kind in ("main", "worker") if kind in done.peak))
    bench.server.drop("bench_load")
    what = f"peak memory, {small.rows // 1000}k rows on"
    bench.add("memory", what, peaks[large.rows], f"{small.rows:,} rows", peaks[small.rows], unit="MiB",
              rows=rows, preset=preset, load=began)  # fmt: skip


def second_partner(bench: Bench) -> None:
    """A partner's first load beside another partner's records, against the same file into an empty pool."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    there, comes = bench.population(rows, preset), bench.population(rows, preset, OTHER)
    bench.server.fresh("bench_filled")
    bench.ingest("bench_filled", there.first, partner=PARTNER)
    beside, alone = [], []
    for _ in range(bench.options.repeats):
        bench.server.fresh("bench_load")
        alone.append(bench.ingest("bench_load", comes.first, partner=OTHER))
        bench.server.fresh("bench_load", "bench_filled")
        beside.append(bench.ingest("bench_load", comes.first, partner=OTHER))
    for name in ("bench_load", "bench_filled"):
        bench.server.drop(name)
    bench.add_times("second", "a second partner's first load", beside, "the same file into an empty pool", alone,
                    rows=rows, preset=preset, load=began)  # fmt: skip
