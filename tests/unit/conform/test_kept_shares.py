"""A delivery staged in parts by tasks that know nothing of each other: each looks first, and the last one counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from patience import PATIENCE, until
from rosters import Office, person, write_template
from talentpool import flow
from talentpool.acquire import acquire
from talentpool.conform import StagedShare, begin, conform, keep_share, stage
from talentpool.load import digest, publish
from talentpool.settings import Settings

ROWS = [person(n, station="太行站" * 300) for n in range(1, 1_401)]
"""Four megabytes: more than one block, so that every share has something to do."""


@pytest.fixture(autouse=True)
def small_files_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "WORTH_A_PROCESS", 1024**2)


@pytest.fixture
def landed(office: Office) -> int:
    office.settings = Settings(**office.settings.model_dump() | {"shares": 3})
    path = write_template(office.folder / "roster.csv", ROWS)
    found = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31), kind="full")
    assert found is not None
    return found.delivery_id


def divide(office: Office, number: int) -> int:
    return flow.divide(office, office.partner(), number)


def part(office: Office, number: int, share: int, of: int = 3) -> StagedShare | None:
    return flow.conform_share(office, office.partner(), number, share, of)


def audit(office: Office, number: int) -> bool:
    return flow.expect_shares(office, office.partner(), number)


def finished(office: Office, number: int) -> str:
    """Publish what is audited, and the digest of it."""
    publish(office, office.partner(), number)
    assert flow.outcome(office.engine, number).accepted == len(ROWS)
    return digest(office.engine)


def test_a_large_file_is_divided_as_far_as_workers_are_there_and_a_small_one_is_not(
    office: Office, landed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert divide(office, landed) == 3
    assert stage.shares_worth(office, landed, 64) < 10, "a share must be worth its reading"
    monkeypatch.setattr(stage, "WORTH_A_PROCESS", 8 * 1024**2)
    assert divide(office, landed) == 1


def test_parts_make_a_whole_that_is_published(office: Office, landed: int) -> None:
    assert divide(office, landed) == 3
    parts = [part(office, landed, share) for share in range(3)]
    assert all(each is not None and each.changed > 0 for each in parts)
    assert audit(office, landed)
    assert finished(office, landed)
    assert part(office, landed, 1) is None, "what is done is not wanted again"


def test_parts_are_staged_at_the_same_time(office: Office, landed: int) -> None:
    """While one share is held up in its middle, another one ends."""
    divide(office, landed)
    done: dict[int, StagedShare | None] = {}
    slow = Thread(target=lambda: done.update({0: part(office, landed, 0)}))
    with office.engine.begin() as conn:
        conn.exec_driver_sql(f"lock table staging.delivery_{landed}_0")
        slow.start()
        done[1] = part(office, landed, 1)
        assert done[1] is not None
        assert slow.is_alive()
    slow.join(PATIENCE)
    assert done[0] is not None


@pytest.mark.parametrize("accident", ["a lost part", "another run that died", "a crash of the server", "a moved pool"])
def test_what_does_not_make_a_whole_is_staged_again(office: Office, landed: int, accident: str) -> None:
    divide(office, landed)
    parts = [part(office, landed, share) for share in range(3)]
    if accident == "a lost part":
        with office.engine.begin() as conn:
            conn.exec_driver_sql(f"delete from staging.parts_{landed} where share = 1")
    elif accident == "another run that died":
        begin(office.engine, landed, 3)
        part(office, landed, 2)
    elif accident == "a crash of the server":
        with office.engine.begin() as conn:
            conn.exec_driver_sql(f"truncate staging.delivery_{landed}")
    else:
        first = parts[0]
        assert first is not None
        keep_share(office.engine, landed, StagedShare(**first.as_json() | {"base_seq": 99}))
    assert audit(office, landed)
    assert office.one("select rows from delivery") == len(ROWS)
    assert finished(office, landed)


def test_a_crash_of_the_server_before_the_audit_rejects_nothing(office: Office, landed: int) -> None:
    conform(office, office.partner(), landed)
    with office.engine.begin() as conn:
        conn.exec_driver_sql(f"truncate staging.delivery_{landed}")
    assert audit(office, landed)
    assert finished(office, landed)


def test_a_share_of_another_division_is_not_wanted(office: Office, landed: int) -> None:
    divide(office, landed)
    begin(office.engine, landed, 2)
    assert part(office, landed, 2) is None
    assert audit(office, landed)


def test_a_file_that_one_share_finds_unreadable_is_rejected_once(office: Office, tmp_path: Path) -> None:
    path = write_template(office.folder / "roster.csv", ROWS)
    path.write_bytes(path.read_bytes() + b"\xff\xff")
    office.settings = Settings(**office.settings.model_dump() | {"shares": 2})
    found = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31), kind="full")
    assert found is not None
    assert divide(office, found.delivery_id) == 2
    threads = [Thread(target=part, args=(office, found.delivery_id, share, 2)) for share in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert audit(office, found.delivery_id) is False
    outcome = flow.outcome(office.engine, found.delivery_id)
    assert (outcome.status, outcome.reasons) == ("rejected", {"encoding_unknown": 1})
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []


def test_who_wants_the_partner_alone_waits_for_shares(office: Office) -> None:
    with flow.side_by_side(office.engine, office.partner()), flow.side_by_side(office.engine, office.partner()):

        def alone() -> None:
            with flow.one_at_a_time(office.engine, office.partner()):
                pass

        began = Thread(target=alone)
        began.start()
        waiting = sa.text(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            until("whoever wants it alone waiting", lambda: conn.scalar(waiting))
        assert began.is_alive()
    began.join(PATIENCE)
    assert not began.is_alive()
