"""Records sealed anew while a roster comes in, the rotation killed twice: nothing unreadable, nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
import time

import pytest
import sqlalchemy as sa

from databases import Twins
from killed import COMMAND, ended, start
from rosters import Office, person, write_template
from talentpool.guard import open_every_version, open_keys
from talentpool.load import digest

SCRIPT = COMMAND.with_name("killed_rotation.py")
ROTATE = ["keys", "rotate", "--records", "--by", "李主任"]
SEED = 20261124
TABLES = ("source_record", "source_record_history", "quarantine")


def command(office: Office, batch: int, *words: str, point: int = 0) -> subprocess.Popen[str]:
    return start(office, *words, point=point, script=SCRIPT, RECORDS=str(batch))


def seals(office: Office) -> list[bytes]:
    return [
        bytes(row[0]) for table in TABLES for row in office.ask(f"select sealed from {table} where sealed is not null")
    ]


def names(office: Office) -> list[tuple[str, str, str]]:
    """Everything sealed in every version of everybody, opened."""
    keys = open_keys(office.settings, office.engine)
    found = []
    with office.engine.connect() as conn:
        ids = list(conn.scalars(sa.text("select distinct record_id from record_salt")))
        for at in range(0, len(ids), 5_000):
            part = open_every_version(conn, keys, ids[at : at + 5_000])
            found += [(str(record), person.name, person.mobile) for record, person in part]
    return sorted(found)


def play(twins: Twins, people: int, batch: int, chance: random.Random) -> tuple[Office, Office]:
    """The same two rosters twice: with a rotation at rest, and with one that is killed twice beside the second roster."""
    changed = people // 4  # more at once would wait for a person
    first = [person(n) for n in range(1, people + 1)]
    second = [
        *(person(n, mobile=f"137{n:08d}") for n in range(1, changed + 1)),
        *first[changed:],
        *(person(n) for n in range(people + 1, people + 4)),
        person(people + 9, name=""),
    ]
    quiet, disturbed = twins.office(), twins.office()
    for office in (quiet, disturbed):
        office.deliver("2026-09-30", [*first, person(people + 8, name="")])
    quiet.deliver("2026-10-31", second)
    _, steps = ended(command(quiet, batch, *ROTATE))  # of two deliveries; the other office has one when it begins
    before = seals(disturbed)

    roster = write_template(disturbed.folder / "second.csv", second)
    ingest = command(
        disturbed, batch, "ingest", "didi", "--file", str(roster), "--as-of", "2026-10-31", "--kind", "full"
    )
    done = []
    for part in (0.21, 0.18):  # together less than one delivery takes: the ingest may come to its rows after both
        ended(command(disturbed, batch, *ROTATE, point=int(steps * chance.uniform(part, part + 0.12))), -signal.SIGKILL)
        done.append(disturbed.one("select sum(resealed) from key_rotation where done_at is null"))
    last, _ = ended(command(disturbed, batch, *ROTATE))
    assert last["resumed"] is True
    assert last["refused"] == 0
    assert 0 < done[0] <= done[1] < last["resealed"] + done[1]
    assert disturbed.one("select resealed from key_rotation") == last["resealed"] + done[1] >= len(before)
    assert ended(ingest)[0]["effect"] == "live"
    assert not set(seals(disturbed)) & set(before), "a record is still as it was sealed before the rotation"
    return quiet, disturbed


def check(quiet: Office, disturbed: Office) -> None:
    assert digest(disturbed.engine) == digest(quiet.engine)
    assert names(disturbed) == names(quiet) != []
    for table in TABLES:
        count = f"select count(*), count(distinct sealed) from {table} where sealed is not null"
        assert disturbed.ask(count) == quiet.ask(count)
    assert disturbed.ask("select count(*) from delivery where former_key is not null") == [(0,)]
    assert disturbed.one("select count(*) from key_rotation") == 1
    what = disturbed.ask("select details ->> 'what' from audit_log where action = 'key_use' order by seq")
    assert what == [("rotation began",), ("rotation done",)]


@pytest.mark.parametrize("nth", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 20))])
def test_a_rotation_killed_twice_beside_an_ingest_ends_as_if_nothing_had_been(twins: Twins, nth: int) -> None:
    check(*play(twins, 60, 5, random.Random(SEED + nth)))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_people_are_sealed_anew_beside_an_ingest(twins: Twins) -> None:
    began = time.perf_counter()
    quiet, disturbed = play(twins, 100_000, 1_000, random.Random(SEED))
    print(f"two rosters, twice, and a rotation killed twice: {time.perf_counter() - began:.0f} s")
    check(quiet, disturbed)
