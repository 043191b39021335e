"""A trial is a process of its own: its limits, and what is said when it ends without an answer."""

from __future__ import annotations

import pytest

from patience import PATIENCE
from rosters import Office, person, write_template
from talentpool.acquire import Facts
from talentpool.child import Child, ChildEndedError
from talentpool.errors import UsageError
from talentpool.services.desk import trial_apart
from talentpool.services.desk.trial_apart import check_apart
from talentpool_airflow.console.forms import MOST_UPLOAD
from uploads import DAY, HERE, OWN, tried


def test_the_largest_file_is_tried_within_the_limits(office: Office) -> None:
    line = write_template(office.folder / "u.csv", [person(1, county=HERE)]).read_bytes().splitlines()[1]
    rows = [person(n, county=HERE) for n in range(1, MOST_UPLOAD // (len(line) + 1) * 9 // 10)]
    found = tried(office, rows)
    assert (office.folder / "u.csv").stat().st_size > MOST_UPLOAD * 0.8
    assert found.upload_id and found.checked.outcome.accepted == len(rows)


def test_a_trial_that_takes_too_long_is_stopped_and_the_next_one_begins(office: Office) -> None:
    facts = Facts("upload.csv", DAY, "delta")
    content = write_template(office.folder / "u.csv", [person(1, county=HERE)]).read_bytes()
    given = (office, office.partner(), facts, content, OWN.counties, OWN.actor)
    with pytest.raises(UsageError, match="试检没有完成"):
        check_apart(*given, seconds=0.01)
    assert check_apart(*given).outcome.status == "published"
    assert office.one("select count(*) from source_record") == office.one("select count(*) from upload") == 0


def test_a_fault_of_ours_is_not_said_to_be_the_files(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_apart, "__name__", "endless_not_there")
    with pytest.raises(UsageError):  # it ended without a word, as one that is killed
        tried(office, [person(1, county=HERE)])
    monkeypatch.setattr(trial_apart, "__name__", "faulty")
    with pytest.raises(ChildEndedError, match="ZeroDivisionError"):
        tried(office, [person(1, county=HERE)])


def test_the_process_of_a_trial_may_use_so_much_of_a_core_and_no_more() -> None:
    with Child("endless", {}) as child, pytest.raises(ChildEndedError):
        child.answer(PATIENCE)
