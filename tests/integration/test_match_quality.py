"""Who is who in a synthetic city, against its truth: through real rosters, month by month, and all over again."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from rosters import Office
from talentpool.flow import ingest
from talentpool.match import links, match

PEOPLE = 4000


@dataclass(frozen=True)
class Quality:
    """Of pairs of current records: how many of those united are one person, and how many of those that are."""

    precision: float
    recall: float


@dataclass(frozen=True)
class City:
    preset: str
    folder: Path
    files: list[dict[str, str]]


@pytest.fixture(params=["usual", "hard"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> City:
    command = [sys.executable, "-m", "talentpool", "demo-data", "--people", str(PEOPLE), "--months", "2", "--seed", "5"]
    run = subprocess.run(
        [*command, "--preset", request.param, "--out", tmp_path / "city"], capture_output=True, text=True, check=True
    )
    return City(request.param, tmp_path / "city", json.loads(run.stdout)["files"])


def truth_of(city: Path) -> dict[tuple[str, str], str]:
    with (city / "truth.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {(row["partner"], row["staff_no"]): row["true_person"] for row in csv.DictReader(lines)}


def deliver(office: Office, city: City, as_of: str) -> None:
    """The rosters of a date, each in the standard template."""
    for file in (one for one in city.files if one["as_of"] == as_of):
        outcome = ingest(
            office.engine, office.keys, office.settings, office.partner(file["partner"]),
            file=Path(file["path"]).parent / "template.csv", as_of=date.fromisoformat(as_of), kind=file["kind"],
            since=date.fromisoformat(file["since"]) if file["since"] else None,
        )  # fmt: skip
        assert outcome.status == "published", outcome


def pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def compared(office: Office, truth: dict[tuple[str, str], str]) -> Quality:
    person = {(partner, staff_no): person_id for partner, staff_no, person_id in links(office.engine)}
    known = [record for record in person if record in truth]
    assert len(known) > PEOPLE
    right = pairs(Counter((truth[record], person[record]) for record in known))
    return Quality(
        right / pairs(Counter(person[record] for record in known)),
        right / pairs(Counter(truth[record] for record in known)),
    )


def test_people_are_found_again_and_a_month_gives_what_a_whole_run_gives(office: Office, city: City) -> None:
    truth = truth_of(city.folder)
    first_day, next_day = sorted({file["as_of"] for file in city.files})
    deliver(office, city, first_day)
    first = match(office.engine, office.keys)
    found = compared(office, truth)
    least = {"usual": Quality(0.997, 0.99), "hard": Quality(0.997, 0.95)}[city.preset]
    assert found.precision >= least.precision and found.recall >= least.recall, found
    before = {record[:2]: record[2] for record in links(office.engine)}
    deliver(office, city, next_day)
    month = match(office.engine, office.keys)
    assert 0 < month.changed < first.changed / 4
    after = {record[:2]: record[2] for record in links(office.engine)}
    moved = [record for record in before.keys() & after.keys() if before[record] != after[record]]
    events = office.one("select count(*) from person_event")
    assert len(moved) <= 0.01 * len(before) and (events > 0 or not moved)
    two = (
        "select count(*) from (select person_id from record_person p join source_record r using (record_id)"
        " where id_number_status in ('valid', 'legacy_15') group by person_id having count(distinct id_index) > 1) t"
    )
    assert office.one(two) == 0, "a person with two document numbers"
    match(office.engine, office.keys, full=True)
    whole = {record[:2]: record[2] for record in links(office.engine)}
    assert sum(whole[record] != after[record] for record in whole) <= 0.0005 * len(whole)
    now = compared(office, truth)
    assert now.precision >= least.precision and now.recall >= least.recall - 0.01, now
