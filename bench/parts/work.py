"""Where the time goes: cleaning alone, and an ingest step by step."""

from __future__ import annotations

from typing import Any

from bench.bench import PARTNER, PEER, Bench, load
from bench.population import FIRST, SECOND
from bench.server import EMPTY
from bench.steps import CONFORM, EXPECT, GX, PROTECTING
from bench.watch import measure

SMALL = 3_000
"""Rows of what a partner of one county sends."""


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
            bench.add("profile", "Great Expectations, all rules", [_of(steps, *GX)], "conform of the same delivery",
                      [_of(steps, "conform")], rows=rows, preset=preset, load=began)  # fmt: skip
    bench.server.drop("bench_load")


def small_checks(bench: Bench) -> None:
    """All checks of a small partner's delivery, Great Expectations imported before: what an officer waits for."""
    preset, began = bench.options.presets[0], load()
    people = bench.population(SMALL, preset)
    checks, conform = [], []
    used: tuple[list[float], list[float]] = ([], [])
    for _ in range(bench.options.repeats):
        bench.server.fresh("bench_load")
        said = bench.ingest("bench_load", people.first, profile=True, ready=True).said
        steps, processor = said["steps"], said["processor"]
        checks.append(_of(steps, "expect"))
        conform.append(_of(steps, "conform"))
        used[0].append(processor[" ".join(EXPECT)])
        used[1].append(processor[" ".join(CONFORM)])
    bench.server.drop("bench_load")
    about: dict[str, Any] = {"rows": SMALL, "preset": preset, "load": began}
    peer = "conform of the same delivery"
    bench.add("checks", "all checks, imports done", checks, peer, conform, cpu=used, **about)
    bench.add("checks", "all checks, processor time", used[0], peer, used[1], **about)


def _of(steps: list[dict[str, Any]], stage: str, step: str | None = None) -> float:
    """Seconds of a stage, or of one step of it."""
    return float(sum(one["seconds"] for one in steps if one["stage"] == stage and step in (None, one["step"])))
