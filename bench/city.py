"""Cities whose people are matched: a first month of all partners, a second of counted changes, or a whole year."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from bench.cleaned import read_truth
from bench.declared import any_size
from bench.population import FIRST, SECOND, acceptable, write_rows
from bench.quality import grouped
from talentpool.declare import TEMPLATE_V1
from talentpool.demo.rosters import Row
from talentpool.settings import Settings

NEW, LEFT = 0.1, 0.05
"""Of the rows of a second month; the others are people with another mobile, or at another station."""
YEAR = 12
DOUBLED = """
    select count(*) from (
        select from record_person join source_record using (partner, record_id) where id_number_status = 'valid'
        group by person_id having count(distinct id_index) > 1
    ) two
    """
"""People of two document numbers: no guard lets them be."""
Roster = list[Row]


def match_city(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: one month of all partners' rosters, published; `request["drawn"]`: of a population whose traits are drawn.
    Without `request["held"]` rows, which come later."""
    from talentpool.demo import write_demo_data

    folder = Path(request["folder"])
    made = write_demo_data(folder, people=request["people"], months=1, end=FIRST, seed=request["seed"],
                           preset=request["preset"], drawn=request.get("drawn", False))  # fmt: skip
    rosters = {file.partner: _read(file.path.parent / "template.csv") for file in made.files}
    held = _draw(request, rosters, request.get("held", 0), acceptable)
    for partner, rows in rosters.items():
        gone = {row.staff_no for row in held[partner]}
        write_rows(_roster(folder, partner, "first"), (row for row in rows if row.staff_no not in gone))
        write_rows(_roster(folder, partner, "held"), held[partner])
    _publish({partner: _roster(folder, partner, "first") for partner in rosters}, FIRST, "full", None)
    return {"truth": str(made.truth), "partners": list(rosters), "seconds": 0.0, "cpu": 0.0}


def match_month(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: deltas of a month later in which exactly `request["changed"]` rows are new, changed or left."""
    from talentpool.database import connect

    folder, partners, wanted = Path(request["folder"]), request["partners"], request["changed"]
    engine = connect(Settings())
    with engine.connect() as conn:
        live = set(map(tuple, conn.execute(sa.text("select partner, staff_no from source_record"))))
    engine.dispose()
    known = {partner: _read(_roster(folder, partner, "first")) for partner in partners}
    new = _draw(request, {p: _read(_roster(folder, p, "held")) for p in partners}, round(wanted * NEW), bool)
    rest = {p: [row for row in rows if (p, row.staff_no) in live] for p, rows in known.items()}
    others = _draw(request, rest, wanted - sum(map(len, new.values())), acceptable)
    rng = random.Random(f"changes|{request['seed']}")  # noqa: S311 - synthetic, reproducible on purpose
    left, many = round(wanted * LEFT), sum(map(len, others.values()))
    month: dict[str, Roster] = {partner: list(rows) for partner, rows in new.items()}
    for at, (partner, row) in enumerate((p, row) for p, rows in others.items() for row in rows):
        ending = at * left // many != (at + 1) * left // many
        month[partner].append(_changed(rng, row, rest[partner], ending=ending, moved=at % 2 == 0))
    files = {partner: _roster(folder, partner, f"changed_{wanted}") for partner, rows in month.items() if rows}
    for partner, file in files.items():
        write_rows(file, month[partner])
    _publish(files, SECOND, "delta", FIRST)
    return {"seconds": 0.0, "cpu": 0.0}


def match_months(request: dict[str, Any]) -> dict[str, Any]:
    """`request["months"]` of a city after its first, then all over again: whose id changed, whether an event says so, and how
    many people bear two document numbers. `request["drawn"]`: of a population whose traits are drawn."""
    from talentpool.database import connect
    from talentpool.demo import write_demo_data
    from talentpool.guard import open_keys
    from talentpool.match import links, match

    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    made = write_demo_data(Path(request["folder"]), people=request["people"], months=request["months"] + 1, end=FIRST,
                           seed=request["seed"], preset=request["preset"], drawn=request.get("drawn", False))  # fmt: skip
    true = read_truth(made.truth)
    persons: list[dict[tuple[str, str], str]] = []
    seconds: list[float] = []
    for as_of in sorted({file.as_of for file in made.files}):
        for file in (one for one in made.files if one.as_of == as_of):
            _publish({file.partner: file.path.parent / "template.csv"}, as_of, file.kind, file.since)
        seconds.append(match(engine, keys).seconds)
        persons.append({(partner, staff_no): person for partner, staff_no, person in links(engine)})
    whole = match(engine, keys, full=True)
    after = {(partner, staff_no): person for partner, staff_no, person in links(engine)}
    with engine.connect() as conn:
        events = {
            tuple(sorted(map(str, row)))
            for row in conn.execute(sa.text("select person_id, other_id from person_event"))
        }
        doubled = conn.scalar(sa.text(DOUBLED))
    engine.dispose()
    base, records = persons[0], list(after)
    moves = [
        (one, now[one], was[one])
        for was, now in pairwise(persons)
        for one in base
        if one in now and one in was and now[one] != was[one]
    ]
    silent = [one for one, *ids in moves if tuple(sorted(ids)) not in events]
    two = [
        sum(now[one] != was[one] for one in base) / len(base) for was, now in zip(persons, persons[2:], strict=False)
    ]
    answers = [true.get(one, str(one)) for one in records]
    months, full = (grouped([found[one] for one in records], answers) for found in (persons[-1], after))
    return {
        "doubled": doubled, "silent": len(silent) / len(base), "moved": len({one for one, *_ in moves}) / len(base),
        "two_months": median(two), "worst_two_months": max(two), "f1": months["f1"], "full_f1": full["f1"],
        "differ": sum(persons[-1][one] != after[one] for one in records) / len(records), "month": median(seconds[1:]),
        "full": whole.seconds, "seconds": 0.0, "cpu": 0.0,
    }  # fmt: skip


def _publish(files: dict[str, Path], as_of: date, kind: str, since: date | None) -> None:
    from talentpool.database import connect
    from talentpool.decide import decide
    from talentpool.flow import ingest
    from talentpool.office import Office

    settings = Settings()
    engine = connect(settings)
    office = Office(engine, settings)
    for partner, file in files.items():
        place = office, any_size(settings, partner)
        outcome = ingest(*place, file=file, as_of=as_of, kind=kind, since=since)
        if outcome.status == "held" and outcome.delivery_id:  # a small delta may look odd by chance
            outcome = decide(*place, outcome.delivery_id, "all", by="bench", reason="synthetic")
        assert outcome.status == "published", outcome.as_json()
    engine.dispose()


def _read(file: Path) -> Roster:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [Row(**{TEMPLATE_V1[name]: cell for name, cell in row.items()}) for row in csv.DictReader(lines)]


def _roster(folder: Path, partner: str, name: str) -> Path:
    return folder / partner / f"{name}.csv"


def _draw(request: dict[str, Any], rosters: dict[str, Roster], count: int, fits: Any) -> dict[str, Roster]:
    """So many rows that fit, at random over all rosters."""
    rng = random.Random(f"draw|{request['seed']}|{count}")  # noqa: S311 - synthetic, reproducible on purpose
    every = [(partner, row) for partner, rows in rosters.items() for row in rows if fits(row)]
    drawn: dict[str, Roster] = defaultdict(list)
    for partner, row in rng.sample(every, count):
        drawn[partner].append(row)
    return drawn


def _changed(rng: random.Random, row: Row, others: Roster, *, ending: bool, moved: bool) -> Row:
    """The same person a month later: gone, at another station, or with another number."""
    if ending:
        return replace(row, left_on=SECOND.isoformat())
    if moved:
        to = next(other for other in iter(lambda: rng.choice(others), None) if other.station != row.station)
        return replace(row, county=to.county, station=to.station)
    return replace(row, mobile=f"198{rng.randrange(10**8):08d}")
