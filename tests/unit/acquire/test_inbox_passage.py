"""An inbox is a place of passage: it lies where the deployment says, and what was landed leaves it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from rosters import Office, go_on, person, write_template
from talentpool.acquire import Connection, Landed, acquire, overlooked, remove_exactly, tidy, within_inboxes
from talentpool.acquire.transports import inbox as transport
from talentpool.errors import UnavailableError

NAME = "roster_didi_20261031.csv"


@pytest.fixture(autouse=True)
def files_settle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SETTLE_SECONDS", 0)


@pytest.fixture
def inbox(office: Office) -> Path:
    folder = office.settings.inbox_dir / "didi"
    folder.mkdir()
    return folder


def take(office: Office, path: Path | str) -> Landed | None:
    connection = Connection("partner_didi", "fs", extra={"path": str(path)})
    return acquire(office, office.partner(), connection=connection)


def drop(inbox: Path, name: str = NAME, count: int = 3) -> Path:
    return write_template(inbox / name, [person(n) for n in range(1, count + 1)])


def settled(office: Office) -> None:
    """What was landed is worked off, so that the next run looks into the inbox."""
    with office.engine.begin() as conn:
        go_on(conn, "staged", "held")


@pytest.mark.parametrize("way", ["absolute", "dots", "link", "link above", "link to a link", "loop", "nul"])
def test_a_connection_leads_nowhere_but_into_the_folder_of_inboxes(
    office: Office, tmp_path_factory: pytest.TempPathFactory, inbox: Path, way: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "didi").mkdir()
    drop(outside / "didi")
    root = office.settings.inbox_dir
    path = {
        "absolute": str(outside / "didi"),
        "dots": os.path.relpath(outside / "didi", root),
        "link": str(root / "link"),
        "link above": str(root / "above" / "didi"),
        "link to a link": str(root / "second"),
        "loop": str(root / "loop"),
        "nul": "didi\0",
    }[way]
    (root / "link").symlink_to(outside / "didi")
    (root / "above").symlink_to(outside)
    (root / "second").symlink_to(root / "link")
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(UnavailableError, match=r"nothing was read or written|is not a folder"):
        take(office, path)
    assert (outside / "didi" / NAME).exists()
    assert office.ask("select * from delivery") == []


@pytest.mark.parametrize("path", ["didi", "./didi", "didi/../didi"])
def test_a_path_inside_may_be_relative_to_the_folder_of_inboxes(office: Office, inbox: Path, path: str) -> None:
    drop(inbox)
    assert take(office, path) is not None
    assert within_inboxes(office.settings, Path(path), "c") == inbox.resolve()


def test_a_landed_file_and_its_manifest_leave_with_a_receipt_that_names_nobody(office: Office, inbox: Path) -> None:
    path = drop(inbox)
    content = path.read_bytes()
    manifest = path.with_name(NAME + ".manifest.json")
    manifest.write_text(
        f'{{"schema_version": 1, "rows": 3, "bytes": {len(content)}, "sha256": "{hashlib.sha256(content).hexdigest()}",'
        ' "encoding": "utf-8", "kind": "delta", "as_of": "2026-10-31"}'
    )
    landed = take(office, inbox)
    assert landed is not None
    assert list(inbox.iterdir()) == []
    assert office.ask(
        "select delivery_id, sha256, cleared_at is not null from handled_offer"
    ) == [(landed.delivery_id, hashlib.sha256(content).hexdigest(), True)]  # fmt: skip
    assert office.landed() == content


def test_bytes_that_were_landed_before_leave_as_well(office: Office, inbox: Path) -> None:
    drop(inbox)
    first = take(office, inbox)
    settled(office)
    drop(inbox, "roster_didi_20261031_02.csv")
    again = take(office, inbox)
    assert first is not None and again is not None and again.duplicate
    assert list(inbox.iterdir()) == []


def test_what_was_not_landed_and_what_no_run_takes_stays(office: Office, inbox: Path) -> None:
    refused = drop(inbox)
    beside = refused.with_name(NAME + ".manifest.json")
    beside.write_text("{")
    strange = drop(inbox, "roster_didi_20261031 (1).csv", 4)
    assert take(office, inbox) is not None
    assert office.ask("select state from delivery") == [("rejected",)]
    assert sorted(inbox.iterdir()) == sorted([refused, beside, strange])
    connection = Connection("partner_didi", "fs", extra={"path": str(inbox)})
    assert [each.why for each in overlooked(office.settings, office.partner(), connection)] == ["copy"]


def test_a_file_that_was_replaced_after_it_was_read_is_not_removed(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the landing and the removal somebody lays the next roster under the same name."""
    path = drop(inbox)
    known = transport._clear

    def replaced(*given: object) -> bool:
        drop(inbox, "new", 5).replace(path)
        return known(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(transport, "_clear", replaced)
    assert take(office, inbox) is not None
    assert [each.name for each in inbox.iterdir()] == [NAME]
    assert path.read_bytes() == drop(office.folder, "same.csv", 5).read_bytes()
    assert office.ask("select cleared_at from handled_offer") == [(None,)]


def test_a_name_that_is_taken_meanwhile_does_not_cost_the_file_that_is_put_back(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox)
    was = path.read_bytes()
    look = tidy._sha256

    def meanwhile(aside: Path) -> str:
        drop(inbox, NAME, 7)
        return look(aside)

    monkeypatch.setattr(tidy, "_sha256", meanwhile)
    assert not remove_exactly(path, "0" * 64)
    assert sorted(each.name for each in inbox.iterdir()) == ["roster_didi_20261031 (1).csv", NAME]
    assert (inbox / "roster_didi_20261031 (1).csv").read_bytes() == was


@pytest.mark.parametrize("when", ["before the removal", "with the file aside"])
def test_a_run_that_was_killed_leaves_what_the_next_one_removes(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> str:
        raise Killed

    drop(inbox)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(*((transport, "_clear") if when == "before the removal" else (tidy, "_sha256")), killed)
        take(office, inbox)
    assert len(list(inbox.iterdir())) == 1
    settled(office)
    assert take(office, inbox) is None
    assert list(inbox.iterdir()) == []
    assert office.one("select count(*) from handled_offer where cleared_at is not null") == 1


def test_what_lies_in_an_inbox_is_closed_to_others(office: Office, inbox: Path) -> None:
    for name in ("roster_didi_20261031 (1).csv", "注意.txt"):
        drop(inbox, name).chmod(0o644)
    assert take(office, inbox) is None
    assert {oct(each.stat().st_mode & 0o777) for each in inbox.iterdir()} == {"0o600"}


def test_a_link_in_an_inbox_is_neither_read_nor_removed(office: Office, inbox: Path) -> None:
    elsewhere = drop(office.folder, "elsewhere.csv")
    (inbox / NAME).symlink_to(elsewhere)
    assert take(office, inbox) is None
    assert not remove_exactly(inbox / NAME, hashlib.sha256(elsewhere.read_bytes()).hexdigest())
    assert elsewhere.exists() and (inbox / NAME).is_symlink()
