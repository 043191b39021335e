"""A receipt of a whole list: judging and keeping its rows, beside reading the workbook it came in."""

from __future__ import annotations

from dataclasses import replace

from bench.bench import Bench, load
from bench.parts.campaign import POOL
from bench.parts.pages import p95
from bench.watch import measure

RETURNED = "bench_returned"
PEER = "reading its workbook"


def take_receipts(bench: Bench) -> None:
    """At every size: four in ten of the pool's people are on the list that comes back."""
    for rows in bench.options.sizes:
        began = load()
        bench.server.fresh(POOL)
        measure(bench.server, POOL, {"do": "pool_of", "rows": rows})
        taken, read = [], []
        for _ in range(bench.options.repeats):
            bench.server.fresh(RETURNED, POOL)
            bench.server.settle()
            done = measure(bench.server, RETURNED, {"do": "receipt_of", "rows": rows})
            taken.append(done)
            read.append(replace(done, **done.said["reading"]))
        for name in (RETURNED, POOL):
            bench.server.drop(name)
        bench.add_times(
            "receipts", "a list's rows judged and kept", taken, PEER, read, rows=taken[0].said["rows"], load=began
        )


def hand_out(bench: Bench) -> None:
    """p95 of what a phone asks at a hand-out, at the largest size."""
    rows, began = bench.options.largest, load()
    bench.server.fresh(POOL)
    measure(bench.server, POOL, {"do": "pool_of", "rows": rows})
    bench.server.settle()
    said = measure(bench.server, POOL, {"do": "handout_of", "rows": rows}).said
    bench.server.drop(POOL)
    for name, times in said["visits"].items():
        bench.add("handout", f"{name}, p95", [p95(times)], "a row by its key, p95", [p95(said["bare"][name])], unit="ms",
                  rows=rows, load=began)  # fmt: skip
