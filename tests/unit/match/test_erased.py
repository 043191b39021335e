"""What an erasure leaves of the figures that the next month goes on from: what a full run counts, and no older run's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from asking import withdraw
from rosters import Office, person
from talentpool.match import match
from talentpool.services.rights.forget import forget

SIGNED = {"by": "王主任", "reason": "本人书面申请", "received_on": date(2026, 11, 1)}


@pytest.fixture
def crowd(office: Office) -> Office:
    """Seven records of one name in a county, and two others."""
    rows = [person(n, name="欧阳潞襄", document_no="", birth_date="") for n in range(1, 8)]
    office.deliver("2026-10-31", [*rows, person(50), person(51)])
    match(office.engine, office.keys)
    return office


def runs(office: Office) -> list[Any]:
    return office.ask("select match_run_id, over_cap, live_persons from match_run order by match_run_id")


def over(office: Office) -> dict[str, int]:
    return dict(runs(office)[-1][1])


def record(office: Office, staff_no: str) -> Any:
    return office.one("select record_id from source_record where staff_no = :s", s=staff_no)


def test_blocks_over_their_cap_are_those_of_a_whole_run_after_each_erasure(crowd: Office) -> None:
    assert over(crowd) == {"name": 1, "name_county": 1}
    counted = []
    while left := crowd.ask("select staff_no from source_record where staff_no < 'T00008' order by 1"):
        withdraw(crowd, f"didi:{left[0][0]}", **SIGNED)  # type: ignore[arg-type]
        counted.append(over(crowd))
        match(crowd.engine, crowd.keys, full=True)
        assert counted[-1] == over(crowd)
    assert {"name": 1} in counted and counted[-1] == {}


def test_a_month_after_an_erasure_counts_on_from_what_is_left(crowd: Office) -> None:
    with crowd.engine.begin() as conn:
        forget(conn, None, [record(crowd, "T00001"), record(crowd, "T00002")])
    assert over(crowd) == {"name": 1}
    back = [person(n, name="欧阳潞襄", document_no="", birth_date="") for n in (8, 9)]
    crowd.deliver("2026-11-30", back, kind="delta", since="2026-10-31")
    match(crowd.engine, crowd.keys)
    month = over(crowd)
    match(crowd.engine, crowd.keys, full=True)
    assert month == over(crowd) == {"name": 1, "name_county": 1}


def test_an_erasure_leaves_older_runs_alone_and_again_changes_nothing(crowd: Office) -> None:
    match(crowd.engine, crowd.keys, full=True)
    before, gone = runs(crowd), [record(crowd, "T00001")]
    with crowd.engine.begin() as conn:
        forget(conn, None, gone)
    (*older, newest) = runs(crowd)
    assert older == before[:-1] and newest == (before[-1][0], {"name": 1}, None)
    with crowd.engine.begin() as conn:
        forget(conn, None, gone)
    assert runs(crowd) == [*older, newest]
    assert match(crowd.engine, crowd.keys).persons == 8
    assert runs(crowd)[:-1] == older


def test_a_deployment_without_any_run_has_nothing_to_count(office: Office) -> None:
    office.deliver("2026-10-31", [person(1)])
    with office.engine.begin() as conn:
        assert forget(conn, None, [record(office, "T00001")])["source_record"] == 1
    assert runs(office) == []
