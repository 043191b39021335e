"""An officer's roster: tried, kept sealed, handed on once; a county brings its own rows, and changes only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rosters import Office, person
from talentpool.acquire.transports import inbox as inbox_files
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import scope_of
from talentpool.locks import try_hold
from talentpool.services.desk.trial_apart import AT_ONCE
from talentpool.services.desk.upload import hand_on, takes_uploads, try_upload
from talentpool.services.retention.raw import forget_uploads
from uploads import CITY, DAY, HERE, OWN, THERE, handed, take, tried

pytestmark = pytest.mark.usefixtures("trials_here")


def test_a_good_file_goes_into_the_inbox_as_it_came_and_is_taken_from_there(office: Office) -> None:
    number = tried(office, [person(1, county=HERE)]).upload_id
    assert number and office.one("select count(*) from source_record") == 0
    assert person(1)["mobile"].encode() not in bytes(office.one("select sealed from upload"))
    name = handed(office, number)
    placed = office.folder / "inbox" / name
    assert placed.read_bytes() == (office.folder / "u.csv").read_bytes() and placed.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in placed.parent.iterdir()] == [name]
    on_record = office.ask(
        "select split_part(subject, ':', 1), actor, scope from audit_log where action = 'upload' order by seq"
    )
    assert on_record == [("trial", "h", HERE), ("upload", "h", HERE)]
    with pytest.raises(UsageError, match="请重新上传"):
        handed(office, number)
    second = tried(office, [person(2, county=HERE)]).upload_id
    assert handed(office, second) == "roster_didi_20261101_02.csv"


def test_rows_of_another_county_are_refused(office: Office) -> None:
    office.deliver("2026-10-01", [person(1, county=THERE), person(2, county=HERE)])
    for rows, strangers in (
        ([person(3, county=THERE), person(4, county=HERE)], 1),
        ([person(2, county=HERE, station="新站")], 0),
    ):
        found = tried(office, rows)
        assert found.checked.foreign == strangers and (found.upload_id is None) == bool(strangers)
        assert sum(one["code"] == "county_not_yours" for one in found.checked.errors) == strangers
    assert tried(office, [person(3, county=THERE)], CITY).upload_id


BLANKS = {"sex": "", "document_no": "", "mobile": "", "consented_on": "", "notice_version": ""}
GUESSED = [
    {},
    BLANKS,
    {"left_on": "2026-10-15"},
    {"notice_version": "撤回"},
    {"document_no": "140***********0013", "mobile": "139****0007"},
    {"name": "韩**"},
]


@pytest.mark.slow
def test_a_trial_is_the_same_whether_another_county_has_the_number_or_nobody(office: Office) -> None:
    """Live there, or there before; a file of guesses would say whom another county has, by rows or by a column."""
    gone = [person(n, county=THERE) for n in range(101, 121)]
    office.deliver("2026-10-01", [*(person(n, county=THERE) for n in range(1, 41)), *gone], kind="delta")
    office.deliver("2026-10-11", [one | {"left_on": "2026-10-05"} for one in gone[:2]], kind="delta")
    office.deliver("2026-10-31", [person(n, county=HERE) for n in range(50, 60)], kind="delta")
    for changes in GUESSED:
        answers = []
        for first in (1, 101, 301):
            rows = [person(n, county=HERE) | changes for n in range(first, first + 20)]
            answers.append(tried(office, rows, as_of=DAY).checked)
        assert len({str(one) for one in answers}) == 1, changes


@pytest.mark.slow
def test_a_trial_does_not_tell_by_a_hold_whether_most_of_a_column_fits(office: Office) -> None:
    people = [person(n, county=HERE) for n in range(1, 21)]
    office.deliver("2026-10-01", people)
    answers = []
    for right in (20, 0):
        rows = [
            one | {"document_no": person(n if n <= right else n + 300)["document_no"], "station": "新站"}
            for n, one in enumerate(people, 1)
        ]
        answers.append(str(tried(office, rows).checked))
    assert answers[0] == answers[1]


def test_a_countys_changes_are_never_newer_than_the_partners_newest_roster(office: Office) -> None:
    """Else one row of one county would turn the next roster of the whole city into history."""
    office.deliver("2026-10-01", [person(1, county=HERE), person(2, county=THERE)])
    assert (
        tried(office, [person(3, county=HERE)]).upload_id and tried(office, [person(4, county=THERE)], CITY).upload_id
    )
    dates = {row[0]: str(row[1]) for row in office.ask("select uploaded_by, as_of from upload")}
    assert dates == {"h": "2026-10-01", "c": "2026-11-01"}


@pytest.mark.slow
def test_who_was_hired_since_the_newest_roster_is_taken_from_a_county_on_trial_and_in_earnest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged against the day on which it came, as the consent is; the roster of anybody else against its own date."""
    monkeypatch.setattr(inbox_files, "SETTLE_SECONDS", 0)
    agreed, new = {"consented_on": "2025-02-01"}, {"hired_on": "2025-04-10", "consented_on": "2025-04-10"}
    begun = [person(n, county=HERE, **agreed) for n in range(1, 11)]
    to_come = person(12, county=HERE, hired_on="2099-01-01")
    office.deliver("2025-03-01", begun, kind="delta")
    found = tried(office, [person(11, county=HERE, **new), to_come])
    assert str(found.as_of) == "2025-03-01" and found.checked.outcome.reasons == {"hired_on_future": 1}
    assert handed(office, found.upload_id)
    assert take(office).reasons == {"hired_on_future": 1}
    hired = "select hired_on::text, spell_from::text, status from source_record where staff_no = 'T00011'"
    assert office.ask(hired) == [("2025-04-10", "2025-03-01", "active")]
    late = [*begun, person(13, county=HERE, **new)]
    assert office.deliver("2025-03-02", late, kind="delta").reasons == {"hired_on_future": 1}
    theirs = tried(
        office, [person(14, county=HERE, **new), person(15, county=HERE, **agreed)], CITY, as_of=date(2025, 3, 2)
    )
    assert theirs.checked.outcome.reasons == {"hired_on_future": 1}


def test_what_is_older_than_a_day_is_not_handed_on(office: Office) -> None:
    number = tried(office, [person(1, county=HERE)]).upload_id
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update upload set made_at = made_at - interval '25 hours'")
    with pytest.raises(UsageError, match="请重新上传"):
        handed(office, number)
    assert forget_uploads(office) == 1


def test_only_who_tried_a_file_hands_it_on_and_only_with_the_counties_of_then(office: Office) -> None:
    number = tried(office, [person(1, county=HERE)]).upload_id
    moved = scope_of("h", frozenset({f"county_officer_{THERE}"}))
    for other in (CITY, scope_of("x", OWN.roles), moved):
        with pytest.raises(UsageError):
            handed(office, number, other)
    assert handed(office, number)


def test_a_file_that_would_be_sent_back_is_not_kept(office: Office) -> None:
    bad = try_upload(office, office.partner(), b"a,b\n1,2\n", "csv", DAY, OWN)
    assert bad.upload_id is None and bad.checked.outcome.status == "rejected"
    assert office.one("select count(*) from upload") == 0


def test_what_is_older_than_a_day_is_forgotten_at_the_next_trial(office: Office) -> None:
    old = tried(office, [person(1, county=HERE)]).upload_id
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update upload set made_at = now() - interval '25 hours'")
    tried(office, [person(2, county=HERE)])
    assert office.one("select count(*) from upload where upload_id = :n", n=old) == 0


def test_a_county_brings_changes_of_a_partner_with_an_inbox_and_nothing_else(office: Office) -> None:
    didi = office.partner("didi")
    full = didi.model_copy(update={"cadence": didi.cadence.model_copy(update={"kind": "full"})})
    assert takes_uploads(didi, OWN) and takes_uploads(full, CITY) and not takes_uploads(full, OWN)
    assert not takes_uploads(office.partner("sf"), CITY)


def test_a_folder_that_cannot_be_written_leaves_the_file_waiting(office: Office, tmp_path: Path) -> None:
    from talentpool.errors import UnavailableError

    number = tried(office, [person(1, county=HERE)]).upload_id
    with pytest.raises(UnavailableError):
        hand_on(office, office.partner, lambda _: tmp_path / "no", number, OWN)
    assert handed(office, number)


def test_one_file_is_tried_at_a_time_for_an_officer(office: Office) -> None:
    with office.engine.connect() as other:
        assert try_hold(other, f"trial|{OWN.actor}")
        with pytest.raises(ConflictError, match="还没有结束"):
            tried(office, [person(1, county=HERE)])
        assert tried(office, [person(1, county=HERE)], CITY).upload_id
        other.rollback()
    assert tried(office, [person(1, county=HERE)]).upload_id


def test_so_many_files_are_tried_at_once_and_no_more(office: Office) -> None:
    with office.engine.connect() as other:
        for slot in range(AT_ONCE):
            assert try_hold(other, f"trial slot {slot}")
        with pytest.raises(ConflictError, match="较多"):
            tried(office, [person(1, county=HERE)])
        other.rollback()
    assert tried(office, [person(1, county=HERE)]).upload_id


def told(office: Office, row: dict[str, str]) -> object:
    found = tried(office, [row, *(person(n, county=HERE) for n in range(30, 36))]).checked
    one = found.outcome  # its notes are on no page
    return found.errors, one.status, one.reasons, one.accepted, one.quarantined, one.refused, one.message


def test_a_trial_tells_no_right_guess_from_a_wrong_one(office: Office) -> None:
    """Else a file of guesses, each under the staff number written a little otherwise, finds a number in one trial."""
    office.deliver("2026-10-01", [person(n, county=HERE) for n in range(1, 11)])
    truth, other = person(1)["document_no"], person(2)["document_no"]
    wrong = {"sex": "", "name": "韩立新", "county": HERE, "mobile": "", "birth_date": "", "station": ""}
    for staff_no in ("T-00001", "T0_0001", "t00001"):
        guesses = [
            told(office, person(1) | wrong | {"staff_no": staff_no, "document_no": one}) for one in (truth, other)
        ]
        assert guesses[0] == guesses[1], staff_no
    hidden = [f"{number[:3]}{'*' * 11}{number[-4:]}" for number in (truth, other)]
    guesses = [told(office, person(1) | wrong | {"document_no": one}) for one in hidden]
    assert guesses[0] == guesses[1]
