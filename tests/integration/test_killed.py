"""A process killed at any point between acquire and publish: the re-run ends where an undisturbed run ends."""

from __future__ import annotations

import random
import signal
from datetime import date
from pathlib import Path

import pytest

from databases import Twins
from killed import ended, start
from patience import PATIENCE
from rosters import Office, person, write_template
from talentpool.flow import ingest
from talentpool.load import digest
from talentpool.match import match

BASE = [person(n) for n in range(1, 61)]
NEXT = [
    person(1, station="新站"),
    person(2, mobile=""),
    *BASE[3:],
    person(101),
    person(102, name=""),
    person(103, consented_on=""),
]
SEED = 20261031
POINTS = [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 100))]


def begun(twins: Twins) -> tuple[Office, tuple[str, ...]]:
    """A deployment with its first roster, and the words that take its next one."""
    office = twins.office()
    office.deliver("2026-09-30", BASE)
    roster = write_template(office.folder / "roster.csv", NEXT)
    return office, ("ingest", "didi", "--file", str(roster), "--as-of", "2026-10-31", "--kind", "full")


@pytest.fixture(scope="module")
def undisturbed(twins: Twins) -> tuple[int, str]:
    """How many points a run has to die at, and the digest of one that nothing disturbed."""
    office, words = begun(twins)
    _, steps = ended(start(office, *words))
    match(office.engine, office.keys)
    return steps, digest(office.engine)


def again(office: Office) -> str:
    """The re-run, and the digest it ends with."""
    found = ingest(
        office, office.partner(),
        file=office.folder / "roster.csv", as_of=date(2026, 10, 31), kind="full",
    )  # fmt: skip
    assert found.status in ("published", "duplicate")
    match(office.engine, office.keys)
    return digest(office.engine)


def test_a_run_has_many_points_to_die_at(undisturbed: tuple[int, str]) -> None:
    assert undisturbed[0] > 50


@pytest.mark.parametrize("nth", POINTS)
def test_a_killed_run_is_made_good_by_the_next(twins: Twins, undisturbed: tuple[int, str], nth: int) -> None:
    steps, expected = undisturbed
    point = random.Random(SEED + nth).randrange(1, steps + 1)
    office, words = begun(twins)
    before = digest(office.engine)
    ended(start(office, *words, point=point), -signal.SIGKILL)
    published = office.one("select count(*) from delivery where state = 'published'")
    assert published == 2 or digest(office.engine) == before
    assert again(office) == expected
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []
    parts = [path for path in Path(office.settings.landing_url).rglob("*") if path.name.endswith(".part")]
    assert len(parts) <= 1, "at most the one file that the killed process was writing, encrypted"


def test_two_runs_of_one_partner_at_once_are_both_right(twins: Twins, undisturbed: tuple[int, str]) -> None:
    office, words = begun(twins)
    both = [start(office, *words) for _ in range(2)]
    for run in both:
        run.communicate(timeout=PATIENCE)
    assert 0 in [run.returncode for run in both]
    assert again(office) == undisturbed[1]
