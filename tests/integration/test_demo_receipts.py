"""Simulated station heads send the demo's sheets back: some lines wrong at first, mended, and the list is closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from approvals import unapproved
from rosters import Office, person
from simulators.station import WORDS, fill_in
from talentpool.campaigns import draw
from talentpool.campaigns.receipts.outcomes import read_outcome
from talentpool.campaigns.receipts.standing import tally
from talentpool_airflow.demo_run.receipts import play_receipts


@pytest.fixture
def list_id(office: Office, tmp_path: Path) -> int:
    people = [person(n, county="140403" if n % 2 else "140404") for n in range(5001, 5081)]
    assert office.deliver("2026-10-31", people).status == "published"
    campaign = unapproved(office.settings, oldest=45)
    return draw(office, campaign, date(2026, 10, 31), lock=True, out=tmp_path, by="sun").list_id


def test_every_row_is_accounted_for_and_the_list_closed(office: Office, list_id: int, tmp_path: Path) -> None:
    back = play_receipts(office, "warm_winter", tmp_path)
    assert back is not None and back.sheets == 2 and str(list_id) in back.told()
    with office.engine.connect() as conn:
        whole = tally(conn, list_id)[()]
    assert whole.open == 0 and whole.people == back.taken == 80 and 60 < whole.received <= 80
    assert set(back.faults) <= {"outcome_unknown"}
    assert office.one("select state from target_list where list_id = :n", n=list_id) == "closed"
    assert play_receipts(office, "warm_winter", tmp_path) is None, "a second `make run` leaves it as it is"


def test_a_station_head_types_what_nobody_can_read_and_then_does_not(list_id: int, tmp_path: Path) -> None:
    assert [read_outcome(word) is None for _, word in WORDS] == [False] * 5 + [True]
    sheet = next(tmp_path.glob("*.xlsx")).read_bytes()
    assert fill_in(sheet) == fill_in(sheet) and WORDS[-1][1].encode() not in fill_in(sheet, careful=True)
