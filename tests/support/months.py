"""A synthetic city's months as rows, delivered to an office in any order; who is one person there, and how truly."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.quality import grouped
from rosters import Office
from talentpool.decide import decide
from talentpool.declare import TEMPLATE_V1
from talentpool.demo import write_demo_data
from talentpool.match import links

Record = tuple[str, str]
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Month:
    """What a partner delivers on a date."""

    partner: str
    as_of: date
    since: date | None
    kind: str
    rows: Rows


@dataclass(frozen=True)
class Year:
    """`months` in order of date; `truth`: (partner, staff number) -> person."""

    months: list[Month]
    truth: dict[Record, str]

    @property
    def days(self) -> list[date]:
        return sorted({month.as_of for month in self.months})

    def on(self, day: date) -> list[Month]:
        return [month for month in self.months if month.as_of == day]


def synthetic(folder: Path, people: int, months: int, seed: int, preset: str) -> Year:
    """The same arguments give the same rows."""
    made = write_demo_data(folder, people=people, months=months, seed=seed, preset=preset)
    found = []
    for file in sorted(made.files, key=lambda one: (one.as_of, one.partner)):
        with (file.path.parent / "template.csv").open(encoding="utf-8-sig", newline="") as lines:
            rows = [{TEMPLATE_V1[name]: cell for name, cell in row.items()} for row in csv.DictReader(lines)]
        found.append(Month(file.partner, file.as_of, file.since, file.kind, rows))
    with made.truth.open(encoding="utf-8-sig", newline="") as lines:
        truth = {(row["partner"], row["staff_no"]): row["true_person"] for row in csv.DictReader(lines)}
    return Year(found, truth)


def deliver(office: Office, months: Iterable[Month]) -> None:
    """Each is published; a small delta may look odd by chance, then somebody lets it in."""
    for month in months:
        outcome = office.deliver(
            month.as_of.isoformat(), month.rows, partner=month.partner, kind=month.kind,
            since=month.since.isoformat() if month.since else None,
        )  # fmt: skip
        if outcome.status == "held" and outcome.delivery_id:
            place = office, office.partner(month.partner)
            outcome = decide(*place, outcome.delivery_id, "all", by="王", reason="与合作方核实")
        nobody = outcome.status == "rejected" and "nobody_accepted" in outcome.reasons
        assert outcome.status == "published" or nobody, outcome  # a small delta may hold nobody who is accepted


def in_parts(month: Month, parts: Iterable[Rows]) -> list[Month]:
    """Its rows as deltas, a day apart."""
    found, since = [], None
    for at, rows in enumerate(parts):
        day = month.as_of + timedelta(days=at)
        found.append(Month(month.partner, day, since, "delta", rows))
        since = day
    return found


def persons(office: Office) -> dict[Record, str]:
    return {(partner, staff_no): person_id for partner, staff_no, person_id in links(office.engine)}


def partition(office: Office) -> set[frozenset[Record]]:
    """Who is one person, whatever the ids are."""
    members: dict[str, set[Record]] = defaultdict(set)
    for record, person_id in persons(office).items():
        members[person_id].add(record)
    return {frozenset(group) for group in members.values()}


def quality(office: Office, truth: dict[Record, str]) -> dict[str, float]:
    """Precision, recall, F1 of the persons that the records of today were made."""
    made = persons(office)
    known = [record for record in made if record in truth]
    assert len(known) > 0.9 * len(made) > 300
    return grouped([made[record] for record in known], [truth[record] for record in known])


def two_documents(office: Office) -> int:
    """Persons with two valid full document numbers."""
    query = (
        "select count(*) from (select person_id from record_person join source_record using (record_id)"
        " where id_number_status in ('valid', 'legacy_15') group by person_id having count(distinct id_index) > 1) two"
    )
    return int(office.one(query))
