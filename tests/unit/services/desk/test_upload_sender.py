"""Whose file it is that lies in an inbox: told by its bytes, whatever its name; and what its sender may do by now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rosters import Office, person
from talentpool.errors import UsageError
from talentpool.expect import count_flags
from talentpool.flow import ingest
from talentpool.guard import scope_of
from talentpool.services.desk.upload import hand_on
from uploads import (
    CITY,
    FIRST,
    HERE,
    HERS,
    OURS,
    OWN,
    THEIRS,
    THERE,
    facts_of,
    guess,
    handed,
    inbox,
    people_come_the_same_day,
    take,
    tried,
)

pytestmark = pytest.mark.usefixtures("trials_here")


def other_name(path: Path) -> Path:
    return path.rename(path.with_name("roster_didi_20261001_33.csv"))


def other_date(path: Path) -> Path:
    return path.rename(path.with_name("roster_didi_20261031.csv"))


def written_again(path: Path) -> Path:
    os.utime(path, ns=(1, 1))
    return path


def called_full(path: Path) -> Path:
    """A manifest beside it that makes it the whole city's roster: everybody else would be gone."""
    content = path.read_bytes()
    sidecar = {"as_of": "2026-10-01", "kind": "full", "rows": 2, "schema_version": 1, "encoding": "utf-8", "bytes": len(content),
               "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(sidecar), encoding="utf-8")
    return path


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "change", [other_name, pytest.param(other_date, marks=SLOW), pytest.param(written_again, marks=SLOW), called_full]
)
def test_a_file_in_the_inbox_stays_its_senders_whatever_is_done_to_its_name(
    office: Office, change: Callable[[Path], Path]
) -> None:
    office.deliver(FIRST, OURS)
    handed(office, tried(office, [guess(), person(74, county=HERE)]).upload_id)
    people_come_the_same_day(office)
    change(office.folder / "inbox" / "roster_didi_20261001_01.csv")
    known = facts_of(office)
    found = take(office)
    assert (found.status, found.reasons) == ("published", {"county_not_yours": 1})
    assert office.ask(
        "select kind, sent_by, sent_counties from delivery where delivery_id = :d", d=found.delivery_id
    ) == [("delta", "h", [HERE])]
    assert facts_of(office) == known
    assert office.one("select count(*) from source_record where status <> 'active'") == 0


@pytest.mark.parametrize("change", [other_name, written_again])
@pytest.mark.parametrize("laid", [pytest.param("before the file is taken", marks=SLOW), "afterwards"])
def test_a_copy_of_a_countys_file_is_the_countys_too(
    office: Office, tmp_path: Path, laid: str, change: Callable[[Path], Path]
) -> None:
    """Whoever can write into the inbox copies it under another name and another time of writing."""
    office.deliver(FIRST, OURS)
    name = handed(office, tried(office, [guess(), person(75, county=HERE)]).upload_id)
    people_come_the_same_day(office)
    content = (office.folder / "inbox" / name).read_bytes()

    def lay() -> None:
        copy = office.folder / "inbox" / "roster_didi_20261001_20.csv"
        copy.write_bytes(content)
        os.utime(change(copy), ns=(5, 5))

    if laid == "before the file is taken":
        lay()
    assert take(office).refused == 1
    if laid == "afterwards":
        lay()
    assert take(office).status == "duplicate"
    assert take(office).status == "nothing"
    assert office.one("select county from source_record where staff_no = 'T00001'") == THERE
    assert inbox(office) == []


def test_a_file_taken_by_hand_is_bound_and_so_is_the_one_in_the_inbox(office: Office) -> None:
    office.deliver(FIRST, OURS)
    name = handed(office, tried(office, [guess(), person(76, county=HERE)]).upload_id)
    people_come_the_same_day(office)
    file = office.folder / "inbox" / name
    room = (office, office.partner())
    assert ingest(*room, file=file, as_of=date.fromisoformat(FIRST), count=count_flags).reasons == {
        "county_not_yours": 1
    }
    assert take(office).status == "duplicate"
    assert office.one("select county from source_record where staff_no = 'T00001'") == THERE


def moved_away(office: Office) -> list[dict[str, str]]:
    """She lives in THERE when a county brings her as its own; and the partner says so too, later."""
    office.deliver(FIRST, [*OURS, person(1, county=HERE)])
    rows = [person(1, county=HERE, station="新站"), person(77, county=HERE)]
    handed(office, tried(office, rows).upload_id)
    office.deliver(FIRST, [HERS], kind="delta")
    return rows


def test_the_same_bytes_of_the_citys_officer_are_not_bound_by_the_county(office: Office) -> None:
    rows = moved_away(office)
    assert take(office).reasons == {"county_not_yours": 1}
    again = tried(office, rows, CITY, date.fromisoformat(FIRST))
    assert again.checked.outcome.status == "published" and again.checked.foreign == 0, "no duplicate of the county's"
    handed(office, again.upload_id, CITY)
    found = take(office)
    assert (found.status, found.reasons, found.accepted) == ("published", {}, 2)
    assert office.ask("select county, station from source_record where staff_no = 'T00001'") == [(HERE, "新站")]
    assert office.ask("select sent_by, sent_counties from delivery order by delivery_id") == [
        (None, None), (None, None), ("h", [HERE]), ("c", None),
    ]  # fmt: skip


@pytest.mark.parametrize("order", ["as placed", pytest.param("other names", marks=SLOW)])
def test_of_two_files_of_the_same_bytes_in_the_inbox_one_is_the_countys(office: Office, order: str) -> None:
    rows = moved_away(office)
    handed(office, tried(office, rows, CITY, date.fromisoformat(FIRST)).upload_id, CITY)
    if order == "other names":
        for place, path in enumerate(inbox(office)):
            os.utime(path.rename(path.with_name(f"roster_didi_20261001_{50 - place}.csv")), ns=(place, place))
    found = [take(office), take(office)]
    assert sorted(each.accepted for each in found) == [1, 2]
    assert office.one("select county from source_record where staff_no = 'T00001'") == HERE
    assert sorted(office.ask("select sent_by from delivery where sent_by is not null")) == [("c",), ("h",)]


def test_the_same_bytes_of_the_partner_afterwards_are_the_partners(office: Office) -> None:
    rows = moved_away(office)
    assert take(office).reasons == {"county_not_yours": 1}
    found = office.deliver(FIRST, rows, kind="delta")
    assert (found.status, found.reasons, found.accepted) == ("published", {}, 2)
    assert office.one("select county from source_record where staff_no = 'T00001'") == HERE
    assert office.deliver(FIRST, rows, kind="delta").status == "duplicate"


@pytest.mark.parametrize(
    "roles",
    [set(), {"auditor"}, {"operator"}, {f"county_officer_{THERE}"}, {f"county_officer_{HERE}", f"county_officer_{THERE}"},
     {"city_officer"}],
    ids=lambda value: getattr(value, "__name__", "+".join(sorted(value)) if isinstance(value, set) else str(value)),
)  # fmt: skip
def test_whose_role_changed_after_the_trial_hands_nothing_on(office: Office, roles: set[str]) -> None:
    office.deliver(FIRST, OURS)
    number = tried(office, [person(78, county=HERE)]).upload_id
    with pytest.raises(UsageError):
        handed(office, number, scope_of("h", frozenset(roles)))
    assert inbox(office) == []
    assert handed(office, number)


def test_a_partner_that_names_everybody_by_now_is_no_countys_to_bring(office: Office) -> None:
    number = tried(office, [person(79, county=HERE)]).upload_id
    didi = office.partner()
    full = didi.model_copy(update={"cadence": didi.cadence.model_copy(update={"kind": "full"})})
    with pytest.raises(UsageError, match="不由您上传"):
        hand_on(office, lambda _: full, lambda _: office.folder, number, OWN)


def test_what_became_a_full_roster_in_the_inbox_still_says_nothing_of_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The declaration changed between hand-on and run."""
    office.deliver(FIRST, [*OURS, *THEIRS])
    handed(office, tried(office, [person(80, county=HERE)]).upload_id)
    didi = office.partner()
    full = didi.model_copy(update={"cadence": didi.cadence.model_copy(update={"kind": "full"})})
    monkeypatch.setattr(office, "partner", lambda _code="didi": full)
    assert take(office).status == "published"
    assert office.one("select count(*) from source_record where status <> 'active'") == 0
