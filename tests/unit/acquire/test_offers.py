"""Offers: each is handled once, whatever its bytes, its name or its manifest; what is wrong never blocks the rest."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rosters import Office, person, write_template
from talentpool.acquire import Connection, Landed, acquire, backlog, expire_landed
from talentpool.errors import UnavailableError, UsageError
from talentpool.flow import finish, outcome
from windows import as_windows


class Inbox:
    """The folder an officer drops files into."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.folder = office, folder
        folder.mkdir()
        self.connection = Connection("partner_didi", "fs", extra={"path": str(folder)})

    def drop(self, name: str, count: int = 3, age: int = 60) -> Path:
        path = write_template(self.folder / name, [person(n) for n in range(1, count + 1)])
        stamp = path.stat().st_mtime - age
        os.utime(path, (stamp, stamp))
        return path

    def take(self, **more: object) -> Landed | None:
        office = self.office
        return acquire(office, office.partner(), connection=self.connection, **more)

    def run(self) -> str:
        """Take the next one to its verdict; its status."""
        landed = self.take()
        if landed is None:
            return "nothing"
        if landed.duplicate:
            return "duplicate"
        finish(self.office, self.office.partner(), landed.delivery_id)
        return outcome(self.office.engine, landed.delivery_id).status

    def backlog(self) -> int:
        office = self.office
        return backlog(office, office.partner(), connection=self.connection)

    def landed_files(self) -> list[Path]:
        return [f for f in Path(self.office.settings.landing_url).rglob("*") if f.is_file()]


@pytest.fixture
def inbox(office: Office, tmp_path: Path) -> Inbox:
    return Inbox(office, tmp_path / "inbox")


def manifest(path: Path, **changes: object) -> Path:
    data = path.read_bytes()
    facts = {
        "schema_version": 1, "rows": data.count(b"\n") - 1, "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), "encoding": "utf-8", "kind": "delta", "as_of": "2026-10-31",
    }  # fmt: skip
    beside = path.with_name(path.name + ".manifest.json")
    beside.write_text(json.dumps(facts | changes))
    return beside


def test_the_same_bytes_under_two_names_are_one_delivery_and_do_not_block_the_next(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20260930_01.csv")
    inbox.drop("roster_didi_20260930_02.csv")
    inbox.drop("roster_didi_20261031_01.csv", 4)
    assert [inbox.run() for _ in range(5)] == ["published", "duplicate", "published", "nothing", "nothing"]
    assert inbox.backlog() == 0


def test_two_offers_with_unreadable_manifests_do_not_block_the_next(inbox: Inbox) -> None:
    for name in ("roster_didi_20261031_01.csv", "roster_didi_20261031_02.csv"):
        path = inbox.drop(name)
        path.with_name(name + ".manifest.json").write_text("{")
    inbox.drop("roster_didi_20261101_01.csv", 4)
    assert [inbox.run() for _ in range(4)] == ["rejected", "rejected", "published", "nothing"]


def test_a_corrected_manifest_brings_the_same_bytes_in(inbox: Inbox) -> None:
    path = inbox.drop("roster_didi_20261031_01.csv")
    manifest(path, sha256="0" * 64)
    assert inbox.run() == "rejected"
    assert inbox.run() == "nothing"
    manifest(path, notice_version="v1")
    assert inbox.run() == "published"
    assert inbox.run() == "nothing"
    assert inbox.office.ask("select manifest_rows, notice_version, message from delivery") == [(3, "v1", None)]


def test_a_manifest_as_windows_writes_it_is_heeded(inbox: Inbox) -> None:
    path = inbox.drop("roster_didi_20261031_01.csv")
    plain = manifest(path, file=path.name, notice_version="v1")
    path.with_name(path.name.upper() + ".MANIFEST.JSON").write_bytes(as_windows(json.loads(plain.read_text())))
    plain.unlink()
    assert inbox.run() == "published"
    assert inbox.office.ask("select manifest_rows, notice_version, kind from delivery") == [(3, "v1", "delta")]


def test_published_bytes_offered_with_a_wrong_manifest_change_nothing(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20261031_01.csv")
    assert inbox.run() == "published"
    manifest(inbox.drop("roster_didi_20261031_02.csv"), sha256="0" * 64)
    assert [inbox.run(), inbox.run()] == ["duplicate", "nothing"]
    assert inbox.office.one("select state from delivery") == "published"


def test_a_name_without_a_real_date_is_left_alone(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20261399.csv")
    inbox.drop("roster_didi_20261031.csv")
    assert [inbox.run(), inbox.run()] == ["published", "nothing"]


def test_an_as_of_far_ahead_never_gets_in_the_way_of_real_ones(inbox: Inbox) -> None:
    far = datetime.now(UTC).date() + timedelta(days=3650)
    inbox.drop(f"roster_didi_{far:%Y%m%d}.csv")
    assert [inbox.run(), inbox.run()] == ["rejected", "nothing"]
    assert inbox.office.one("select reasons from delivery") == {"as_of_future": 1}
    with pytest.raises(UsageError, match="晚于今天"):
        inbox.take(file=inbox.drop("roster_didi_20261031.csv"), as_of=far)


def test_files_that_grow_hide_or_point_elsewhere_wait(inbox: Inbox, tmp_path: Path) -> None:
    inbox.drop("roster_didi_20261031_01.csv", age=-600)  # written to a moment ago, however slow this test is
    inbox.drop(".roster_didi_20261031_02.csv")
    inbox.drop("roster_didi_20261031_03.csv.tmp")
    elsewhere = write_template(tmp_path / "secret.csv", [person(1)])
    os.utime(elsewhere, (1, 1))
    (inbox.folder / "roster_didi_20261031_04.csv").symlink_to(elsewhere)
    assert inbox.run() == "nothing"


def test_a_file_that_changes_while_it_is_read_is_not_taken(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from talentpool.acquire.transports import inbox as transport

    path = inbox.drop("roster_didi_20261031.csv", 50)
    monkeypatch.setattr(transport, "CHUNK", 512)
    options = inbox.office.partner().transport
    with transport.waiting(options, inbox.connection, inbox.office.settings) as offers:  # type: ignore[arg-type]
        chunks = next(offers).chunks()
        next(chunks)
        with path.open("ab") as file:
            file.write(b"more\r\n")
        with pytest.raises(UnavailableError, match="while it was read"):
            list(chunks)


def test_an_inbox_without_a_folder_is_unavailable_not_the_working_folder(inbox: Inbox) -> None:
    for extra in ({}, {"path": ""}, {"path": str(inbox.folder / "gone")}):
        inbox.connection = Connection("partner_didi", "fs", extra=extra)
        with pytest.raises(UnavailableError, match="not a folder"):
            inbox.take()


def test_what_the_call_says_against_the_manifest_is_a_contradiction(inbox: Inbox) -> None:
    manifest(inbox.drop("roster_didi_20261031_01.csv"))
    with pytest.raises(UsageError, match="--kind 写的是 full，清单写的是 delta"):
        inbox.take(kind="full")
    assert inbox.office.ask("select * from delivery") == []


def test_a_backfill_takes_only_its_date(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20260930.csv")
    inbox.drop("roster_didi_20261031.csv", 4)
    landed = inbox.take(as_of=date(2026, 10, 31))
    assert landed is not None and landed.as_of == date(2026, 10, 31)
    assert inbox.take(as_of=date(2026, 8, 31)) is None


def test_a_duplicate_leaves_no_raw_file_behind_once_it_has_expired(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20260930.csv")
    assert inbox.run() == "published"
    assert expire_landed(inbox.office.engine, date(2027, 1, 1)) == 1
    inbox.drop("roster_didi_20260930.csv", age=90)
    assert inbox.run() == "duplicate"
    assert inbox.landed_files() == []


def test_bytes_that_another_delivery_still_needs_do_not_expire(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20260930.csv")
    inbox.drop("roster_didi_20261031.csv")
    assert [inbox.run(), inbox.run()] == ["published", "published"]
    assert len(inbox.landed_files()) == 1
    expire_landed(inbox.office.engine, date(2026, 11, 15))
    assert len(inbox.landed_files()) == 1
    expire_landed(inbox.office.engine, date(2026, 12, 15))
    assert inbox.landed_files() == []


def test_an_unfinished_delivery_is_not_expired_under_its_next_run(inbox: Inbox) -> None:
    inbox.drop("roster_didi_20260930.csv")
    first = inbox.take()
    assert expire_landed(inbox.office.engine, date(2027, 1, 1)) == 0
    assert inbox.take() == first
    assert inbox.run() == "published"


def test_a_rejected_file_by_hand_is_processed_again_with_what_is_said_now(inbox: Inbox) -> None:
    manifest(inbox.drop("roster_didi_20261031_01.csv"), rows=99)
    office = inbox.office
    assert inbox.run() == "rejected"
    path = inbox.drop("roster_didi_20261031_01.csv")
    landed = inbox.take(file=path, as_of=date(2026, 10, 31))
    assert landed is not None and not landed.duplicate
    finish(office, office.partner(), landed.delivery_id, count=office.count)
    assert outcome(office.engine, landed.delivery_id).status == "published"


def test_a_mobile_in_a_file_name_is_stored_nowhere_and_the_file_is_taken_once(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, partner = inbox.office, inbox.office.partner()
    pattern = r"^roster_didi_(?P<as_of>\d{8})(_.*)?\.(csv|xlsx)$"
    open_named = partner.model_copy(
        update={"transport": partner.transport.model_copy(update={"file_name": pattern})}  # type: ignore[attr-defined]
    )
    monkeypatch.setattr(office, "partner", lambda code="didi": open_named)
    inbox.drop("roster_didi_20261031_13812345678.csv", 3)
    inbox.drop("roster_didi_20261031_13912345678.csv", 4)
    assert [inbox.run() for _ in range(3)] == ["published", "published", "nothing"]
    names = office.ask("select source_name, notes->>'file_name_redacted' from delivery")
    assert names == [("roster_didi_20261031_[redacted].csv", "1")] * 2
    assert "12345678" not in str(office.ask("select * from handled_offer") + office.ask("select * from delivery"))


def test_a_refused_file_is_told_of_without_the_number_in_its_name(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "名册_140199199910100190.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    landed = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31))
    assert landed is not None
    finish(office, office.partner(), landed.delivery_id, count=office.count)
    ended = outcome(office.engine, landed.delivery_id)
    assert (ended.status, "[redacted]" in str(ended.message)) == ("rejected", True)
    assert "1401991999" not in str(office.ask("select * from delivery"))
