"""Receipts out of drop folders and from a partner's server: a sender speaks for its own rows, a file is taken once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncssh
import pyrage
import pytest
from openpyxl import load_workbook

from receipt_sheets import ids, sheet, stands
from sftp_servers import Server
from simulators.postal import ReadOnly
from talentpool.acquire import Connection, load_partner
from talentpool.campaigns import draw
from talentpool.campaigns.collecting import folders, places
from talentpool.campaigns.collecting.folders import Collected, collect_folders
from talentpool.campaigns.collecting.servers import collect_server, collect_servers
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign, Partner
from talentpool.declare.partner import BackChannel
from talentpool.errors import UnavailableError
from talentpool.model import recipient, station
from talentpool.office import Office
from talentpool.private_files import replace_within
from talentpool_airflow import collecting as told

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
HEAD = f"station:postal:{HILL}:西街站"


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign, monkeypatch: pytest.MonkeyPatch) -> int:
    """A locked list, a recipient of one county on record, and a station of the other with a key."""
    monkeypatch.setattr(folders, "SETTLE_SECONDS", -1)
    key = str(pyrage.x25519.Identity.generate().to_public())
    with town.engine.begin() as conn:
        facts = {"name": "潞州区团委", "kind": "age", "public_key": key, "valid_until": date(2027, 12, 31)}
        conn.execute(recipient.insert(), {"code": "luzhou", "division": RIVER, **facts})
        old = facts | {"valid_until": date(2026, 1, 1)}
        conn.execute(recipient.insert(), {"code": "gone", "division": RIVER, **old})
        conn.execute(station.insert(), {"partner": "postal", "county": HILL, "name": "西街站", "recipient_key": key})
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


def put(office: Office, code: str, data: bytes, name: str = "回执.xlsx") -> Path:
    folder = office.settings.receipts_dir / code
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder


def filled(office: Office, list_id: int, *counties: str) -> bytes:
    return sheet(office, list_id, [(one, "已领") for county in counties for one in ids(office, list_id, county)])


def receipts(office: Office) -> list[Any]:
    with office.engine.connect() as conn:
        return list(conn.exec_driver_sql("select via, received_by, taken from receipt order by receipt_id"))


def test_a_county_speaks_for_its_rows_and_a_head_for_the_stations(town: Office, list_id: int) -> None:
    both = filled(town, list_id, RIVER, HILL)
    folder = put(town, "luzhou", both, "etc 给山上的.xlsx")
    done = collect_folders(town, TODAY)
    assert (done.files, done.rows, done.to_mend, done.refused) == (1, 3, 2, 0)
    assert set(stands(town, list_id)) == set(ids(town, list_id, RIVER))
    assert sorted(path.name for path in folder.iterdir()) == ["taken"]
    copy, original = sorted((folder / "taken").iterdir(), key=lambda path: "需更正" not in path.name)
    assert original.read_bytes() == both and original.name.startswith("20261231_") and "山上" not in original.name
    tab = load_workbook(BytesIO(copy.read_bytes())).active
    assert sum("没有您负责的这一行" in str(row[-1]) for row in tab.iter_rows(values_only=True)) == 2
    put(town, HEAD, both)
    assert collect_folders(town, TODAY).rows == 2
    assert set(stands(town, list_id)) == set(ids(town, list_id))
    assert [row[1] for row in receipts(town)] == ["sent:luzhou", f"sent:{HEAD}"]


def test_the_same_file_again_is_no_receipt_of_its_own_and_a_killed_run_begins_again(
    town: Office, list_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = filled(town, list_id, RIVER)
    folder = put(town, "luzhou", data)
    with monkeypatch.context() as killed:
        killed.setattr(places, "move", _dies)
        with pytest.raises(KeyboardInterrupt):
            collect_folders(town, TODAY)
    assert len(receipts(town)) == 1 and [path.name[:9] for path in folder.glob(".claimed-*")] == [".claimed-"]
    put(town, "luzhou", data, "再来一次.xlsx")
    done = collect_folders(town, TODAY)
    assert (done.files, done.rows) == (2, 0) and len(receipts(town)) == 1
    assert not list(folder.glob(".claimed-*")) and len(stands(town, list_id)) == 3


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


def test_what_is_no_receipt_of_a_sender_is_refused_with_its_reason_beside_it(
    town: Office, list_id: int, city: Any, warm_winter: Campaign
) -> None:
    forged = sheet(
        town, list_id, [(ids(town, list_id, RIVER)[0], "已领")], head=f"名单编号 {list_id}　校验值 {'0' * 12}"
    )
    nowhere = sheet(town, list_id, [(ids(town, list_id, RIVER)[0], "已领")], head="名单编号 999　")
    nameless = sheet(town, list_id, [(ids(town, list_id, RIVER)[0], "已领")], head="暖冬")
    two = sheet(town, list_id, [(ids(town, list_id, RIVER)[0], "已领")], head=f"名单编号 {list_id} 名单编号 999")
    for number, data in enumerate((b"%PDF-1.7 no workbook", b"", forged, nowhere, nameless, two)):
        folder = put(town, "luzhou", data, f"{number}.xlsx")
    done = collect_folders(town, TODAY)
    assert (done.files, done.refused, done.rows) == (6, 6, 0) and receipts(town) == [] == list(stands(town, list_id))
    reasons = sorted(path.read_text(encoding="utf-8") for path in (folder / "refused").glob("*.txt"))
    assert len(reasons) == 6 and all("没有登记" in said or "xlsx" in said for said in reasons)
    assert sum("校验值" in said for said in reasons) == 1 and sum("不止一个名单编号" in said for said in reasons) == 1
    for by in ("王主任", "李科长"):
        void_list(town, list_id, by=by, reason="印错")
    put(town, "luzhou", filled(town, list_id, RIVER))
    assert collect_folders(town, TODAY).refused == 1


def test_folders_of_nobody_links_and_hidden_files_are_left_alone(town: Office, list_id: int, tmp_path: Path) -> None:
    data = filled(town, list_id, RIVER)
    put(town, "gone", data)
    put(town, "nobody", data)
    elsewhere = tmp_path / "elsewhere.xlsx"
    elsewhere.write_bytes(data)
    folder = put(town, "luzhou", data, ".hidden.xlsx")
    (folder / "link.xlsx").symlink_to(elsewhere)
    (town.settings.receipts_dir / HEAD).symlink_to(tmp_path)
    done = collect_folders(town, TODAY)
    assert (done.files, done.strangers) == (0, 2) and receipts(town) == [] and elsewhere.exists()


@pytest.mark.parametrize("name", ["taken", "refused"])
def test_a_link_to_anothers_folder_makes_nobody_speak_for_the_other(town: Office, list_id: int, name: str) -> None:
    other = put(town, HEAD, b"", ".keep")
    old = other / "old.xlsx"
    old.write_bytes(b"a sheet that is still to come")
    os.utime(old, (1, 1))
    mine = put(town, "luzhou", filled(town, list_id, HILL) if name == "taken" else b"no workbook")
    (mine / name).symlink_to(other, target_is_directory=True)
    with places.opened(mine) as folder:
        places.let_go(folder, name, 2.0)
    assert old.exists(), "nothing is deleted through a link either"
    old.unlink()
    done = [collect_folders(town, TODAY) for _ in range(2)]
    assert [one.files for one in done] == [1, 0] and sorted(path.name for path in other.iterdir()) == [".keep"]
    assert (mine / name).is_dir() and not (mine / name).is_symlink() and len(list((mine / name).iterdir())) == 2
    assert not stands(town, list_id) and all(by == "sent:luzhou" for _, by, _ in receipts(town))


def test_a_link_that_is_put_while_a_sheet_is_read_is_not_followed(
    town: Office, list_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, mine = put(town, HEAD, b"", ".keep"), put(town, "luzhou", filled(town, list_id, RIVER, HILL))

    def swapped(place: int, name: str, content: bytes) -> None:
        (mine / "taken").rename(mine / "aside")
        (mine / "taken").symlink_to(other, target_is_directory=True)
        replace_within(place, name, content)

    monkeypatch.setattr(folders, "replace_within", swapped)
    assert collect_folders(town, TODAY).files == 1
    assert sorted(path.name for path in other.iterdir()) == [".keep"] and len(list((mine / "aside").iterdir())) == 2


@pytest.mark.parametrize("name", ["taken", "refused"])
def test_a_file_in_the_place_of_a_folder_stops_nobody(town: Office, list_id: int, name: str) -> None:
    put(town, "luzhou", filled(town, list_id, RIVER), "a.xlsx")
    put(town, "luzhou", b"no workbook", "b.xlsx")
    mine = put(town, "luzhou", b"", name)
    put(town, HEAD, filled(town, list_id, HILL))
    done = [collect_folders(town, TODAY) for _ in range(2)]
    assert set(stands(town, list_id)) == set(ids(town, list_id)) and [one.stuck for one in done] == [[], []]
    assert sum(one.files for one in done) == 4 and sorted(path.name for path in mine.iterdir()) == ["refused", "taken"]


def test_a_file_that_cannot_be_read_is_told_and_stops_nobody(
    town: Office, list_id: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    locked = filled(town, list_id, RIVER)
    mine = put(town, "luzhou", locked, "张三.xlsx")
    put(town, "luzhou", b"no workbook", "b.xlsx")
    put(town, HEAD, filled(town, list_id, HILL))
    opening = os.open

    def refuses(path: Any, flags: int, *more: Any, **named: Any) -> int:
        """As the kernel does for a file of another login."""
        descriptor = opening(path, flags, *more, **named)
        if os.fstat(descriptor).st_size == len(locked):
            os.close(descriptor)
            raise PermissionError(13, "Permission denied", path)
        return descriptor

    with monkeypatch.context() as patch:
        patch.setattr(places.os, "open", refuses)
        for files in (2, 0):
            done = collect_folders(town, TODAY)
            assert (done.files, done.stuck, done.ill) == (files, ["luzhou"], [])
            assert (mine / "张三.xlsx").read_bytes() == locked, "it keeps the name by which its sender finds it"
    assert set(stands(town, list_id)) == set(ids(town, list_id, HILL)) and "张三" not in caplog.text
    assert "luzhou" in caplog.text and "Permission denied" in caplog.text
    done = collect_folders(town, TODAY)
    assert (done.rows, done.stuck) == (3, []) and sorted(path.name for path in mine.iterdir()) == ["refused", "taken"]


@pytest.mark.parametrize("where", ["replace_within", "take_sent"])
def test_what_ails_the_offices_own_disk_is_told_as_that(
    town: Office, list_id: int, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    mine = put(town, "luzhou", b"no workbook")

    def full(*_: Any, **__: Any) -> None:
        raise (
            OSError(28, "No space left on device", "张三.xlsx")
            if where == "replace_within"
            else PermissionError(13, "x")
        )

    with monkeypatch.context() as patch:
        patch.setattr(folders, where, full)
        done = collect_folders(town, TODAY)
        assert (done.files, done.stuck) == (0, []) and len(done.ill) == 1 and "张三" not in done.ill[0]
        with pytest.raises(Exception, match=r"本单位自己的磁盘或系统出错.*与报送方无关") as stopped:
            monkeypatch.setattr("talentpool_airflow.collecting.opened", lambda: nullcontext(town))
            told.folders()
        assert "权限" not in str(stopped.value) and "luzhou" not in str(stopped.value)
    assert collect_folders(town, TODAY).refused == 1 and [path.name for path in mine.iterdir()] == ["refused"]


def test_hidden_files_hold_no_sheet_back(town: Office, list_id: int) -> None:
    folder = put(town, "luzhou", filled(town, list_id, RIVER))
    for number in range(folders.MOST_FILES + 1):
        (folder / f".{number:03}").touch()
    assert collect_folders(town, TODAY).rows == 3


def test_a_file_that_still_grows_waits(town: Office, list_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SETTLE_SECONDS", 3600)
    folder = put(town, "luzhou", filled(town, list_id, RIVER))
    assert collect_folders(town, TODAY).files == 0 and (folder / "回执.xlsx").exists()


@pytest.mark.parametrize("until", [date(2027, 12, 31), date(2026, 12, 1)])
def test_what_was_taken_long_ago_is_deleted_also_of_whoever_is_on_record_no_more(
    town: Office, list_id: int, until: date
) -> None:
    folder = put(town, "luzhou", filled(town, list_id, RIVER))
    collect_folders(town, TODAY)
    (kept,) = (folder / "taken").iterdir()
    with town.engine.begin() as conn:
        conn.execute(recipient.update().where(recipient.c.code == "luzhou").values(valid_until=until))
    collect_folders(town, TODAY)
    assert kept.exists()
    os.utime(kept, (1, 1))
    put(town, "luzhou", b"no workbook", "later.xlsx")
    done = collect_folders(town, TODAY)
    assert not kept.exists() and (done.files, done.strangers) == ((1, 0) if until > TODAY else (0, 1))


@pytest.fixture(params=[asyncssh.SFTPServer, ReadOnly], ids=["may write", "read only"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    served = Server(tmp_path / "partner", request.param)
    yield served
    served.close()


@pytest.fixture
def postal(town: Office) -> Partner:
    declared = load_partner(town.settings.partner_dirs, "postal")
    return declared.model_copy(update={"receipts": BackChannel(connection="partner_postal")})


def test_a_partner_speaks_for_its_own_people_by_its_server(
    town: Office, list_id: int, city: Any, postal: Partner, server: Server
) -> None:
    data = filled(town, list_id, RIVER, HILL)
    (server.root / "receipts" / "a.xlsx").write_bytes(data)
    (server.root / "receipts" / "photo.jpg").write_bytes(b"no workbook")
    (server.root / "receipts" / "link.xlsx").symlink_to("/etc/passwd")
    done = Collected()
    collect_server(town, postal, server.connection, TODAY, done)
    assert (done.files, done.rows, done.refused) == (2, 5, 1) and len(stands(town, list_id)) == 5
    collect_server(town, postal, server.connection, TODAY, done)
    assert receipts(town) == [("server", "sent:partner:postal", 5)], "also where nothing can be moved"
    left = sorted(path.name for path in (server.root / "receipts").iterdir())
    assert left in (["link.xlsx", "refused", "taken"], ["a.xlsx", "link.xlsx", "photo.jpg"])
    other = postal.model_copy(update={"code": "didi"})
    (server.root / "receipts" / "b.xlsx").write_bytes(data + b" ")
    collect_server(town, other, server.connection, TODAY, done)
    assert len(receipts(town)) == 1, "a partner that has nobody on the list has nothing to say"


def test_a_server_that_is_away_or_not_the_one_we_know_holds_back_no_other(
    town: Office, list_id: int, postal: Partner, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talentpool.campaigns.collecting.servers.load_partner", lambda _, code: postal.model_copy(
        update={"code": code, "receipts": postal.receipts if code in ("postal", "didi") else None}))  # fmt: skip
    (server.root / "receipts" / "a.xlsx").write_bytes(filled(town, list_id, RIVER))

    def connect(conn_id: str) -> Connection:
        turns.append(conn_id)
        if len(turns) == 1:
            raise UnavailableError("no connection")
        return server.connection

    turns: list[str] = []
    done = collect_servers(town, TODAY, connect)
    assert len(done.unreachable) == 1 and len(turns) == 2


@pytest.mark.parametrize("directory", ["../other", "/etc", "a/../b", ""])
def test_a_declared_folder_stays_below_the_servers(directory: str) -> None:
    with pytest.raises(ValueError, match="directory"):
        BackChannel(connection="x", directory=directory)
