"""Where the time goes: cleaning alone, and an ingest step by step."""

from __future__ import annotations

from bench.bench import PARTNER, PEER, Bench, load
from bench.population import FIRST, SECOND
from bench.server import EMPTY
from bench.steps import PROTECTING
from bench.watch import measure


def cleaning(bench: Bench) -> None:
    """Every value of every row, on one core."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    people = bench.population(rows, preset)
    request = {"do": "clean", "file": str(people.first), "partner": PARTNER, "as_of": FIRST.isoformat()}
    peer, done = [], []
    for _ in range(bench.options.repeats):
        peer.append(bench.copy(people.first))
        done.append(measure(bench.server, EMPTY, request))
    bench.add_times("clean", "cleaning alone, one core", done, PEER, peer, rows=rows, preset=preset, load=began)
    bench.add("clean", "reading alone", [each.said["reading"] for each in done], PEER,
              [each.seconds for each in peer], rows=rows, preset=preset, load=began)  # fmt: skip


def step_by_step(bench: Bench) -> None:
    """A first load and a next month in one process, by stage and step; and what protecting the values takes of it."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    people = bench.population(rows, preset)
    bench.server.fresh("bench_load")
    for what, file, as_of in (("first load", people.first, FIRST), ("next full snapshot", people.second, SECOND)):
        done = bench.ingest("bench_load", file, as_of=as_of, profile=True)
        steps = done.said["steps"]
        bench.profile += [{"what": what, "rows": rows, "preset": preset, **step} for step in steps]
        if what == "first load":
            taken = sum(step["seconds"] for step in steps if step["step"] in PROTECTING)
            bench.add("profile", "sealing, indexing and audit", [taken], "the whole ingest in one process", [done.seconds],
                      rows=rows, preset=preset, load=began)  # fmt: skip
    bench.server.drop("bench_load")
