"""A partner's first load, and the full snapshot of the month after, at every size and preset.

Peer and product take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from bench.bench import PEER, Bench, load
from bench.population import SECOND, Population
from bench.watch import Done
from talentpool.model import delivery, source_record

PEERS = 3
"""The peer is quick, so it always runs at least so often."""


def loads(bench: Bench) -> None:
    for rows in bench.options.sizes:
        for preset in bench.options.presets:
            _one(bench, bench.population(rows, preset))


def _one(bench: Bench, people: Population) -> None:
    began = load()
    runs: dict[str, list[Done]] = defaultdict(list)
    wal: list[float] = []
    for turn in range(max(bench.options.repeats, PEERS)):
        runs["first peer"].append(bench.copy(people.first))
        if turn < bench.options.repeats:
            url = bench.server.fresh("bench_load")
            runs["first"].append(bench.ingest("bench_load", people.first))
        runs["second peer"].append(bench.copy(people.second))
        if turn < bench.options.repeats:
            bench.server.pass_a_month("bench_load")
            bench.server.settle()
            before = bench.server.wal()
            runs["second"].append(bench.ingest("bench_load", people.second, as_of=SECOND))
            wal.append((bench.server.wal() - before) / people.second_rows)
            _check(url, people, runs["first"][-1], runs["second"][-1])
    bench.server.drop("bench_load")
    about = {"preset": people.preset, "load": began}
    for part, what, name, rows in (
        ("ingest", "first load", "first", people.rows),
        ("month", "next full snapshot", "second", people.second_rows),
    ):
        done, peer = runs[name], runs[f"{name} peer"]
        # a snapshot counts for the size it was asked for: as many are new as are gone
        bench.add_times(part, what, done, PEER, peer, rows=people.rows, **about)
        rates = [rows / each.seconds for each in done], [rows / each.seconds for each in peer]
        bench.add(part, "rows a second", rates[0], PEER, rates[1], unit="rows/s", rows=people.rows, **about)
        _peaks(bench, part, people, done, peer, began)
    in_file = people.second.stat().st_size / people.second_rows
    bench.add("month", "write-ahead log", wal, "bytes a row of the file", [in_file], unit="bytes/row",
              rows=people.rows, **about)  # fmt: skip


def _peaks(
    bench: Bench, part: str, people: Population, done: Sequence[Done], peer: Sequence[Done], began: float
) -> None:
    """Of every kind of process, beside the peer's: its client, or its server."""
    for kind in ("main", "worker", "postgres"):
        peaks = [each.peak[kind] for each in done if kind in each.peak]
        beside = "postgres" if kind == "postgres" else "main"
        if peaks:
            bench.add(
                part, f"peak memory, {kind}", peaks, f"{PEER}, {'server' if kind == 'postgres' else 'client'}",
                [each.peak[beside] for each in peer if beside in each.peak] or [1.0],
                unit="MiB", rows=people.rows, preset=people.preset, load=began,
            )  # fmt: skip


def _check(url: str, people: Population, first: Done, second: Done) -> None:
    """What the month did, counted without it: exactly the rows that are changed, new, or were set aside before."""
    before, after = first.said["outcome"], second.said["outcome"]
    assert (before["rows"], after["rows"]) == (people.rows, people.second_rows)
    live = source_record
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as conn:
        sealed = conn.scalar(sa.select(delivery.c.changed).where(delivery.c.delivery_id == after["delivery_id"]))
        moved = conn.execute(
            sa.select(
                sa.func.count().filter(live.c.valid_from == SECOND, live.c.first_seen < SECOND),
                sa.func.count().filter(live.c.first_seen == SECOND),
                sa.func.count().filter(live.c.status == "suspected"),
            )
        ).one()
    assert tuple(moved) == (people.changed, people.new, people.gone), (moved, people)
    # a row set aside is not in the pool, so that it is sealed and set aside again
    assert sealed == people.changed + people.new + before["quarantined"], (sealed, people, before)
