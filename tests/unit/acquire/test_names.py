"""File names: which is a roster of which date, and what is said of a file that nobody takes."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest

from rosters import Office, person, write_template
from talentpool.acquire import Connection, overlooked
from talentpool.acquire.names import Names
from talentpool.acquire.said_dates import contradicts
from talentpool.errors import UsageError
from talentpool.flow import Outcome, ingest

PATTERN = r"^roster_didi_(?P<as_of>\d{8})(_\d{2})?\.(csv|xlsx)$"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def drop(inbox: Path, name: str, age: float = 60) -> Path:
    (inbox / name).parent.mkdir(parents=True, exist_ok=True)
    if name.lower().endswith("csv"):
        path = write_template(inbox / name, [person(n) for n in range(1, 4)])
    else:
        path = inbox / name
        path.write_bytes(b"anything")
    stamp = time.time() - age
    os.utime(path, (stamp, stamp))
    return path


def run(office: Office, inbox: Path) -> Outcome:
    connection = Connection("partner_didi", "fs", extra={"path": str(inbox)})
    return ingest(office, office.partner(), connection=connection, count=office.count)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("roster_didi_20261031 (1).csv", "copy"),
        ("roster_didi_20261031（2）.csv", "copy"),
        ("roster_didi_20261031 - 副本.xlsx", "copy"),
        ("roster_didi_20261031 - Copy (3).xlsx", "copy"),
        ("副本roster_didi_20261031.xlsx", "copy"),
        ("roster_didi_2026-10-31.csv", "date_form"),
        ("roster_didi_2026.10.31.xlsx", "date_form"),
        ("roster_didi_2026年10月31日.xlsx", "date_form"),
        ("roster_didi_20261031.xls", "ending"),
        ("roster_didi_20261031.et", "ending"),
        ("roster_didi_20261031.zip", "ending"),
        ("roster_didi_20261131.csv", "no_such_day"),
        ("名册20261031.csv", "name"),
        (".roster_didi_20261031.csv", "hidden"),
        ("十月/roster_didi_20261031.csv", "in_folder"),
        ("a/b/名册.xlsx", "in_folder"),
        ("roster-didi-20261031.csv", "name"),
    ],
)
def test_a_file_that_is_not_taken_is_named_with_its_reason(office: Office, inbox: Path, name: str, why: str) -> None:
    drop(inbox, name)
    outcome = run(office, inbox)
    assert (outcome.status, outcome.exit_code) == ("nothing", 0)
    assert [(each["name"], each["why"]) for each in outcome.overlooked] == [(name, why)]
    assert outcome.as_json()["overlooked"][0]["text_zh"]


@pytest.mark.parametrize(
    "name", ["roster_didi_20261031.CSV", "Roster_Didi_20261031.csv", "ROSTER_DIDI_20261031_02.csv"]
)
def test_upper_and_lower_case_make_no_difference(office: Office, inbox: Path, name: str) -> None:
    drop(inbox, name)
    assert run(office, inbox).status == "published"
    assert run(office, inbox).overlooked == []


def test_a_file_whose_clock_is_ahead_is_taken_once_it_has_settled(office: Office, inbox: Path) -> None:
    """The folder's own clock says when it was put there; a test cannot turn that back, so it looks ahead instead."""
    path = drop(inbox, "roster_didi_20261031.csv", age=-8 * 3600)
    seen = path.stat()
    from talentpool.acquire.transports.inbox import SETTLE_SECONDS, _settled

    assert _settled(seen, seen.st_ctime + SETTLE_SECONDS + 1) is True
    assert _settled(seen, seen.st_ctime) is False
    both_ahead = os.stat_result((*seen[:7], int(seen.st_mtime), int(seen.st_mtime), int(seen.st_mtime)))
    assert _settled(both_ahead, time.time()) is None


def test_what_stands_beside_a_roster_or_belongs_to_the_system_is_not_mentioned(office: Office, inbox: Path) -> None:
    for name in ("roster_didi_20261031.csv", ".hidden", "~$roster_didi_20261031.xlsx", "Thumbs.db", "desktop.ini",
                 "._roster_didi_20261031.csv", "a/.DS_Store"):  # fmt: skip
        drop(inbox, name)
    assert run(office, inbox).status == "published"
    again = run(office, inbox)
    assert (again.status, again.overlooked) == ("nothing", [])


def test_a_manifest_without_its_roster_and_a_link_are_mentioned(office: Office, inbox: Path) -> None:
    drop(inbox, "roster_didi_20261031.csv.manifest.json")
    (inbox / "roster_didi_20260930.csv").symlink_to(inbox / "elsewhere.csv")
    found = {each["name"]: each["why"] for each in run(office, inbox).overlooked}
    assert found == {"roster_didi_20261031.csv.manifest.json": "orphan", "roster_didi_20260930.csv": "not_a_file"}


def test_a_number_of_a_person_in_a_name_is_not_repeated(
    office: Office, inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number = person(1)["document_no"]
    drop(inbox, f"{number}的名册.csv")
    outcome = run(office, inbox)
    assert len(outcome.overlooked) == 1
    assert number not in str(outcome.as_json()) and number not in caplog.text
    assert "没有读取" in caplog.text


def test_a_file_beside_those_that_are_taken_is_mentioned_too(
    office: Office, inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    drop(inbox, "roster_didi_20261031.csv")
    drop(inbox, "roster_didi_20261031 (1).csv")
    assert run(office, inbox).status == "published"
    assert "roster_didi_20261031 (1).csv" in caplog.text
    connection = Connection("partner_didi", "fs", extra={"path": str(inbox)})
    assert [each.why for each in overlooked(office.settings, office.partner(), connection)] == ["copy"]


def test_names_say_dates() -> None:
    names = Names(PATTERN)
    assert names.as_of("roster_didi_20261031_02.XLSX") == date(2026, 10, 31)
    assert names.as_of("roster_didi_20260229.csv") is None
    assert names.overlooked("x" * 500).name == "x" * 100 + "…"


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("2026年10月名册.xlsx", date(2026, 9, 30), ""),
        ("2026年10月名册.xlsx", date(2026, 11, 5), ""),
        ("2026年10月名册.xlsx", date(2026, 12, 31), "2026年10月"),
        ("2025年10月名册.xlsx", date(2026, 10, 31), "2025年10月"),
        ("骑手20261031.csv", date(2026, 9, 30), "20261031"),
        ("骑手 2026.10.31.csv", date(2026, 11, 1), ""),
        ("骑手2026-10-31.csv", date(2025, 10, 31), "2026-10-31"),
        ("10月名册.xlsx", date(2026, 12, 31), "10月"),
        ("十二月名册.xlsx", date(2026, 10, 31), "十二月"),
        ("12月名册.xlsx", date(2027, 1, 5), ""),
        ("202610.csv", date(2026, 12, 31), "202610"),
        ("2026年9月名册_导出20261031.xlsx", date(2026, 10, 31), ""),
        ("名册_140403_v2.xlsx", date(2026, 10, 31), ""),
        ("名册2026_01.xlsx", date(2026, 10, 31), ""),
        ("２０２６年１０月.xlsx", date(2026, 12, 31), "2026年10月"),
        ("2026年13月.xlsx", date(2026, 12, 31), ""),
    ],
)
def test_a_name_of_another_form_is_held_against_the_date(name: str, day: date, said: str) -> None:
    assert contradicts(name, day) == said


def test_a_file_whose_name_says_another_month_is_not_taken_by_hand(office: Office) -> None:
    path = drop(office.folder, "2026年9月名册.csv")
    with pytest.raises(UsageError, match="文件名的日期是 2026年9月，--as-of 写的是 2026-11-30"):
        ingest(office, office.partner(), file=path, as_of=date(2026, 11, 30))
