"""A campaign's list with short stock, from the snapshot to stored rows, beside the bare copy of as many rows."""

from __future__ import annotations

from typing import Any

from bench.bench import Bench, load
from bench.watch import Done, measure

POOL, DRAWN = "bench_people", "bench_list"
PEER = "bare INSERT ... SELECT of its rows"


def draw_lists(bench: Bench) -> None:
    """At every size; the peer copies the very rows that were drawn, in the same database."""
    for rows in bench.options.sizes:
        began = load()
        bench.server.fresh(POOL)
        bench.tell(f"campaign: making a pool of {rows:,} people")
        measure(bench.server, POOL, {"do": "pool_of", "rows": rows})
        drawn, copied = [], []
        for _ in range(bench.options.repeats):
            bench.server.fresh(DRAWN, POOL)
            drawn.append(_done(bench, {"do": "list_of", "rows": rows}))
            copied.append(_done(bench, {"do": "list_copied", "rows": rows, "list": drawn[-1].said["list"]}))
        for name in (DRAWN, POOL):
            bench.server.drop(name)
        bench.add_times("campaign", "a list with short stock", drawn, PEER, copied, rows=rows, load=began)
        for kind in ("main", "postgres"):
            ours, theirs = ([done.peak[kind] for done in side] for side in (drawn, copied))
            bench.add("campaign", f"peak memory, {kind}", ours, PEER, theirs, unit="MiB", rows=rows, load=began)


def _done(bench: Bench, request: dict[str, Any]) -> Done:
    bench.server.settle()
    return measure(bench.server, DRAWN, request)
