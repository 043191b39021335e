"""A synthetic city for tests: its rosters and its truth, delivered through the real rooms, and how well it was matched."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rosters import Office
from talentpool.flow import ingest
from talentpool.match import links


@dataclass(frozen=True)
class City:
    preset: str
    folder: Path
    people: int
    files: list[dict[str, str]]

    @property
    def days(self) -> list[str]:
        """The dates that its rosters speak of, oldest first."""
        return sorted({file["as_of"] for file in self.files})


@dataclass(frozen=True)
class Quality:
    """Of pairs of current records: how many of those united are one person, and how many of those that are."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def make_city(folder: Path, people: int, *, months: int, seed: int, preset: str) -> City:
    """By the command that officers use."""
    command = [sys.executable, "-m", "talentpool", "demo-data", "--people", str(people), "--months", str(months)]
    run = subprocess.run(
        [*command, "--seed", str(seed), "--preset", preset, "--out", folder], capture_output=True, text=True, check=True
    )
    return City(preset, folder, people, json.loads(run.stdout)["files"])


def truth_of(city: City) -> dict[tuple[str, str], str]:
    """(partner, staff number) -> who it is."""
    with (city.folder / "truth.csv").open(encoding="utf-8-sig", newline="") as lines:
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


def quality(office: Office, truth: dict[tuple[str, str], str]) -> Quality:
    """Of the persons there are now."""
    person = {(partner, staff_no): person_id for partner, staff_no, person_id in links(office.engine)}
    known = [record for record in person if record in truth]
    assert len(known) > 0.9 * len(person) > 300
    right = _pairs(Counter((truth[record], person[record]) for record in known))
    return Quality(
        right / _pairs(Counter(person[record] for record in known)),
        right / _pairs(Counter(truth[record] for record in known)),
    )


def _pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
