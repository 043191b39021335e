"""What a measured process does: one JSON request on standard input, one JSON answer as the last line on standard output.

Only the work is timed: the interpreter's start and the connection are not, what the product imports on its way is.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.declared import any_size
from bench.handed import HANDED
from bench.listed import LISTS
from bench.peers import PEERS
from bench.returned import RETURNED
from bench.server import postmaster_of
from bench.visits import build, visits
from talentpool.office import Office
from talentpool.settings import Settings

CHUNK = 1024 * 1024
COLUMNS = 15


class Clock:
    """Seconds on the wall, and of the processor (children that have ended included)."""

    seconds = 0.0
    cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, used = time.perf_counter(), _used()
        yield
        self.seconds += time.perf_counter() - wall
        self.cpu += _used() - used

    def as_json(self) -> dict[str, float]:
        return {"seconds": self.seconds, "cpu": self.cpu}


def _used() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def copy(request: dict[str, Any]) -> dict[str, Any]:
    """The peer: the file into a logged table of text columns without index, by a bare client COPY."""
    import psycopg

    clock = Clock()
    url = sa.make_url(os.environ["TALENTPOOL_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as conn:
        columns = ", ".join(f"c{i} text" for i in range(COLUMNS))
        conn.execute(f"drop table if exists peer; create table peer ({columns})")
        statement = "COPY peer FROM STDIN (FORMAT csv, HEADER)"
        with (
            clock.running(),
            Path(request["file"]).open("rb") as file,
            conn.cursor() as cursor,
            cursor.copy(statement) as stream,
        ):
            while chunk := file.read(CHUNK):
                stream.write(chunk)
        found = conn.execute("select count(*) from peer").fetchone()
        conn.execute("drop table peer")
    assert found is not None
    return {"rows": found[0], **clock.as_json()}


def ingest(request: dict[str, Any]) -> dict[str, Any]:
    """A file from acquire to published, as `talentpool ingest` does it; with `profile` step by step in one process, with `ready`
    in one that has loaded Great Expectations."""
    from talentpool.database import connect
    from talentpool.expect.library import load
    from talentpool.expect.suite import run_suite
    from talentpool.flow import ingest as run
    from talentpool.guard import open_keys

    settings, clock = Settings(), Clock()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    partner = any_size(settings, request["partner"])
    steps, count = None, run_suite
    if request.get("profile"):
        from bench.steps import Steps

        steps = Steps(postmaster_of(settings.home))
        steps.watch()
        count = steps.counting(run_suite)
    if request.get("ready"):
        load()
    with clock.running():
        outcome = run(
            Office(engine, settings, keys), partner,
            file=Path(request["file"]), as_of=date.fromisoformat(request["as_of"]), kind="full", count=count,
        )  # fmt: skip
    engine.dispose()
    answer = {"outcome": outcome.as_json(), **clock.as_json()}
    return answer | {"steps": steps.as_json(clock.seconds), "processor": steps.processor} if steps else answer


def clean(request: dict[str, Any]) -> dict[str, Any]:
    """Cleaning alone: every block of the file, on one core; reading is not in it."""
    from talentpool.conform.files.read import read_csv
    from talentpool.conform.rows.clean import clean as run
    from talentpool.conform.rows.cleaned import Context
    from talentpool.conform.rows.plain import StaffRule
    from talentpool.conform.share import ROWS_AT_ONCE
    from talentpool.conform.values.codes import Occupations, known_notices
    from talentpool.conform.values.divisions import Divisions
    from talentpool.database import connect

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    settings, clock, reading = Settings(), Clock(), Clock()
    engine, file = connect(settings), Path(request["file"])
    partner = any_size(settings, request["partner"])
    with engine.connect() as conn:
        context = Context(
            as_of=date.fromisoformat(request["as_of"]),
            consent_until=date.fromisoformat(request["as_of"]),
            hired_until=date.fromisoformat(request["as_of"]),
            divisions=Divisions(conn, settings.area),
            occupations=Occupations(conn, partner.default_occupation),
            notices=known_notices(conn),
            inherited_notice=None,
            needs_consent=partner.basis.kind == "consent",
            staff=StaffRule(partner.staff_no_is, partner.branch),
        )
    engine.dispose()
    rows = 0
    with reading.running():
        blocks = list(read_csv(lambda: file.open("rb"), partner, file.name).blocks)
    for block in blocks:
        for start in range(0, len(block), ROWS_AT_ONCE):
            part = block.slice(start, ROWS_AT_ONCE)
            with clock.running():
                cleaned = run(part, context)
            rows += len(cleaned)
    return {"rows": rows, "reading": reading.seconds, **clock.as_json()}


def city(request: dict[str, Any]) -> dict[str, Any]:
    """A month of a city: its rosters, the pool, the quality report and a locked list."""
    from talentpool.campaigns import draw
    from talentpool.database import connect
    from talentpool.declare import load_campaign
    from talentpool.flow import ingest as run
    from talentpool.guard import open_keys
    from talentpool.match import match
    from talentpool.pool import snapshot
    from talentpool.report import quality, render

    settings, clock, as_of = Settings(), Clock(), date.fromisoformat(request["as_of"])
    engine = connect(settings)
    keys = open_keys(settings, engine)
    with clock.running():
        for roster in request["rosters"]:
            partner = any_size(settings, roster["partner"])
            since = date.fromisoformat(roster["since"]) if roster["since"] else None
            outcome = run(
                Office(engine, settings, keys), partner,
                file=Path(roster["file"]), as_of=as_of, kind=roster["kind"], since=since,
            )  # fmt: skip
            assert outcome.status == "published", outcome.as_json()
        match(engine, keys)
        made = snapshot(Office(engine, settings, keys), as_of)
        render(quality(Office(engine, settings), as_of))
        campaign = load_campaign(settings.campaign_dirs, "warm_winter")
        drawn = draw(Office(engine, settings, keys), campaign, as_of, lock=True, out=Path(request["out"]))
    engine.dispose()
    return {"people": made.people, "selected": drawn.selected, **clock.as_json()}


def population(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: the rosters of bench.population."""
    from bench.population import make_population

    gc.disable()  # millions of objects, all of them kept: looking for garbage among them doubles the time
    made = make_population(Path(request["folder"]), request["partner"], request["preset"], request["rows"])
    return {**asdict(made), "seconds": 0.0, "cpu": 0.0}


WORK: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "copy": copy, "ingest": ingest, "clean": clean, "city": city, "population": population, "build": build,
    "visits": visits, **PEERS, **LISTS, **RETURNED, **HANDED,
}  # fmt: skip


def main() -> None:
    request = json.load(sys.stdin)
    print(json.dumps(WORK[request["do"]](request), default=str))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
