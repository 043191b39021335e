"""How quick the console's pages are on a large pool, beside the bare query behind each."""

from __future__ import annotations

from bench.bench import Bench, load
from bench.watch import measure

DATABASE = "bench_pages"


def page_times(bench: Bench) -> None:
    """p95 of each page, in milliseconds, at the largest size. The bound is on the page, the ratio says what it adds."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    people = bench.population(rows, preset)
    bench.server.fresh(DATABASE)
    bench.ingest(DATABASE, people.first)
    built = measure(bench.server, DATABASE, {"do": "build"})
    bench.tell(f"pages: {built.said['people']:,} people matched, pooled and counted in {built.seconds:.0f} s")
    bench.server.settle()
    said = measure(bench.server, DATABASE, {"do": "visits"}).said
    bench.server.drop(DATABASE)
    for name, times in said["visits"].items():
        bench.tell(f"pages: {name}: the first visit took {said['first'][name]:.0f} ms")
        bench.add("pages", f"{name}, p95", [p95(times)], "the bare query, p95", [p95(said["bare"][name])], unit="ms",
                  rows=rows, preset=preset, load=began)  # fmt: skip


def p95(times: list[float]) -> float:
    """The time that 95 of 100 visits keep to."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
