"""A process killed at any point between acquire and publish: the re-run ends where an undisturbed run ends."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from databases import Twins, environment
from rosters import Office, person, write_template
from talentpool.flow import ingest
from talentpool.load import digest
from talentpool.match import match

SCRIPT = Path(__file__).with_name("killed_ingest.py")
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
POINTS = [*range(10), *(pytest.param(n, marks=pytest.mark.slow) for n in range(10, 100))]


class Place(Twins):
    """Each deployment begins with a first roster."""

    def office(self) -> Office:
        office = super().office()
        office.deliver("2026-09-30", BASE)
        return office


@pytest.fixture(scope="module")
def place(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("killed")
    place = Place(server_url, folder, folder / "keys")
    yield place
    place.close()


@pytest.fixture(scope="module")
def undisturbed(place: Place) -> tuple[int, str]:
    """How many points a run has to die at, and the digest of one that nothing disturbed."""
    office = place.office()
    done = command(office, 0)
    assert done.returncode == 0, done.stderr
    match(office.engine, office.keys)
    return int(done.stderr.strip().splitlines()[-1]), digest(office.engine)


def command(office: Office, point: int) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, killed at `point` (0: never)."""
    roster = write_template(office.folder / "roster.csv", NEXT)
    words = ["ingest", "didi", "--file", str(roster), "--as-of", "2026-10-31", "--kind", "full"]
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(point), *words],
        capture_output=True,
        text=True,
        env=environment(office),
        check=False,
        timeout=120,
    )


def again(office: Office) -> str:
    """The re-run, and the digest it ends with."""
    roster = write_template(office.folder / "roster.csv", NEXT)
    found = ingest(
        office.engine,
        office.keys,
        office.settings,
        office.partner(),
        file=roster,
        as_of=date(2026, 10, 31),
        kind="full",
    )
    assert found.status in ("published", "duplicate")
    match(office.engine, office.keys)
    return digest(office.engine)


def test_a_run_has_many_points_to_die_at(undisturbed: tuple[int, str]) -> None:
    assert undisturbed[0] > 50


@pytest.mark.parametrize("nth", POINTS)
def test_a_killed_run_is_made_good_by_the_next(place: Place, undisturbed: tuple[int, str], nth: int) -> None:
    steps, expected = undisturbed
    point = random.Random(SEED + nth).randrange(1, steps + 1)
    office = place.office()
    before = digest(office.engine)
    done = command(office, point)
    assert done.returncode == -signal.SIGKILL, f"point {point} of {steps}: {done.stderr[-500:]}"
    published = office.one("select count(*) from delivery where state = 'published'")
    assert published == 2 or digest(office.engine) == before
    assert again(office) == expected
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []
    parts = [path for path in Path(office.settings.landing_url).rglob("*") if path.name.endswith(".part")]
    assert len(parts) <= 1, "at most the one file that the killed process was writing, encrypted"


def test_two_runs_of_one_partner_at_once_are_both_right(place: Place, undisturbed: tuple[int, str]) -> None:
    office = place.office()
    with ThreadPoolExecutor(2) as pool:
        codes = [done.returncode for done in pool.map(lambda _: command(office, 0), range(2))]
    assert 0 in codes
    assert again(office) == undisturbed[1]
