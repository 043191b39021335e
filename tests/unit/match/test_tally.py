"""What a run says of itself, and records that nothing can be known of: single, marked, counted."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.match import links, load_weights, match
from talentpool.match.scoring.tally import HIGHEST, LOWEST, spread
from talentpool.model import match_run
from talentpool.review import explain_person, judge, pending

NOTHING = {"document_no": "", "mobile": "", "name": "欧阳潞襄"}


def newest(office: Office) -> dict[str, Any]:
    with office.engine.connect() as conn:
        run = sa.select(match_run).order_by(match_run.c.match_run_id.desc()).limit(1)
        return dict(conn.execute(run).mappings().one())


def marks(office: Office) -> dict[str, bool]:
    """Staff number -> whether its person is said to have usable evidence."""
    found = {}
    for person_id in {person_id for *_, person_id in links(office.engine)}:
        with office.engine.begin() as conn:
            told = explain_person(conn, office.keys, UUID(person_id))
        assert told is not None
        found |= {record["staff_no"]: record["usable_evidence"] for record in told["records"]}
    return found


def test_records_without_usable_evidence_stay_single_and_are_marked(office: Office) -> None:
    office.deliver("2026-10-31", [person(1, **NOTHING)], partner="postal")
    office.deliver("2026-10-31", [person(3, **NOTHING), person(5, **NOTHING | {"birth_date": "1990-05-05"}), person(7)])
    found = match(office.engine, office.keys)
    assert found.persons == found.records == 4, "a rare name in one county is not enough"
    assert newest(office)["bare"] == 2
    assert marks(office) == {"T00001": False, "T00003": False, "T00005": True, "T00007": True}


def test_a_person_may_unite_what_evidence_cannot(office: Office) -> None:
    office.deliver("2026-10-31", [person(1, **NOTHING)], partner="postal")
    office.deliver("2026-10-31", [person(3, **NOTHING)])
    assert match(office.engine, office.keys).review_pending == 1
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
    judge(office, pair["pair_id"], "same", by="李专员", note="电话核实")
    assert match(office.engine, office.keys, full=True).persons == 1


def test_the_visible_end_of_a_masked_number_is_evidence(office: Office) -> None:
    office.deliver("2026-10-31", [person(1, **NOTHING | {"document_no": "140199********0017"})])
    match(office.engine, office.keys)
    assert newest(office)["bare"] == 0
    assert office.one("select weak_identity from source_record"), "yet too little for a list"


def test_a_whole_run_tells_of_all_its_pairs_and_a_month_of_its_own(office: Office) -> None:
    rows = [person(n, mobile="13500000099", document_no="") for n in range(1, 8)] + [person(n) for n in range(10, 30)]
    office.deliver("2026-09-30", rows)
    office.deliver("2026-09-30", [person(n, staff_no=f"P{n}") for n in range(10, 20)], partner="postal")
    match(office.engine, office.keys)
    run = newest(office)
    assert run["full_run"] and run["shared_mobiles"] == 1
    assert run["pairs"] == sum(run["scores"].values()) >= 10
    assert sum(pairs for bits, pairs in run["scores"].items() if int(bits) >= load_weights().bands.same) == 10
    assert run["waiting"] == 0
    office.deliver("2026-10-31", [person(10, station="新站"), *rows[:7], *rows[8:]])
    match(office.engine, office.keys)
    month = newest(office)
    assert not month["full_run"] and month["shared_mobiles"] is None and month["bare"] is None
    assert 0 < month["pairs"] == sum(month["scores"].values()) < run["pairs"]


def test_a_mobile_of_too_many_is_told_of_without_naming_it(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.deliver("2026-10-31", [person(n, mobile="13500000099", document_no="") for n in range(1, 8)])
    with caplog.at_level(logging.WARNING, logger="talentpool.match.scoring.tally"):
        match(office.engine, office.keys)
    (told,) = [record.getMessage() for record in caplog.records if record.name == "talentpool.match.scoring.tally"]
    assert told.startswith("1 mobiles stand in more than 6 records")
    assert "13500000099" not in caplog.text


def test_scores_are_counted_by_whole_bits_and_the_far_ones_at_the_ends() -> None:
    found = spread(np.array([-200.0, -2.001, -2.0, -1.5, 3.999, 4.0, 99.0]))
    assert found == {str(LOWEST): 1, "-3": 1, "-2": 2, "3": 1, "4": 1, str(HIGHEST): 1}
    assert spread(np.zeros(0)) == {}
