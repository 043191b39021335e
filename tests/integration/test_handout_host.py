"""A host apart as its own process: an officer issues a code, a phone signs in there and marks, sealed files are carried back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from browsers import browser
from console_office import HERE, Console
from drawn_lists import APART
from hosts_apart import shows
from patience import PATIENCE
from phones import begin, code_for, found, locked_list, of_station, rows
from talentpool.campaigns.handout.apart import collecting
from talentpool.campaigns.handout.apart.accounts import by_airflow
from talentpool.campaigns.handout.apart.collecting import Collected, collect_sealed
from talentpool.guard import open_personal

STATION = "didi|北关站"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    """A locked list of twelve people of two counties."""
    return locked_list(place)


@pytest.fixture
def event(place: Console, number: int) -> int:
    """In one county, with a reserve."""
    made = begin(place, number, county=HERE, days=2)
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set reserve = 2 where event_id = :e"), {"e": made})
    return made


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """The program, as it is started where phones reach it: no variable of an office, a folder of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TALENTPOOL_", "AIRFLOW"))}
    command = [sys.executable, "-m", "talentpool", "handout", "serve", str(tmp_path / "host"), "--port", "0"]
    with (tmp_path / "host.log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        yield f"http://127.0.0.1:{said['port']}{said['path']}"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert (tmp_path / "host.log").read_text() == ""


def carry(place: Console, host: Path) -> None:
    """What rsync or a stick does: packets there, deleted ones too; sealed files back, whose copies stay on the host."""
    office = place.office.settings.handout_dir
    shutil.rmtree(host / "packets", ignore_errors=True)
    shutil.copytree(office / "packets", host / "packets")
    shutil.copytree(host / "outbox", office / "outbox", dirs_exist_ok=True)


def collect(place: Console) -> Collected:
    settings = place.office.settings.model_copy(update={"airflow_database_url": place.airflow_url})
    office = place.office.but(settings=settings)
    return collect_sealed(office, by_airflow(office))


def people(place: Console, number: int) -> list[str]:
    """Names and numbers of the list, in plain and as the page masks them."""
    records = [row[0] for row in place.office.ask("select record_id from target_row where list_id = :n", n=number)]
    with place.office.engine.connect() as conn:
        found = open_personal(conn, place.office.keys, records).values()
    return [word for one in found for word in (one.name, one.mobile, one.document_no, f"{one.name[0]}*") if word]


def test_a_phone_hands_out_on_a_host_apart_and_the_office_counts_what_it_sealed(
    place: Console, number: int, event: int, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "SETTLE_SECONDS", -1)
    folder, mine = tmp_path / "host", of_station(place, number)
    page = place.post(
        f"/console/lists/{number}/handout/code", "county", {"event": event, "place": STATION, "where": "apart"}
    )
    assert f"{APART}/handout/{number}" in page.text and "独立主机" in page.text
    code, own = (code_for(place, number, event, whose, where="apart") for whose in (STATION, "own"))
    carry(place, folder)
    with browser() as driven:
        phone, broken, look_up, shot = _phone(driven, tmp_path)
        _signs_in(phone, host, number, code, shot)
        look_up(mine[0])
        phone.get_by_text("可领 1 份").wait_for()
        shot("3_found")
        phone.get_by_role("button", name="领取", exact=True).click()
        phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
        phone.reload()
        phone.get_by_text("自动结束").wait_for()
        phone.context.set_offline(True)
        phone.reload()
        phone.get_by_text("没有网络：可以输入完整行号继续登记").wait_for()
        look_up(mine[1])
        phone.get_by_role("button", name="缺席").click()
        phone.get_by_role("button", name="发出 1 份").click()
        phone.get_by_role("button", name="再按一次，确认发出 1 份").click()
        phone.get_by_label("站点负责人代签").check()
        phone.get_by_role("button", name="签收 1 人").click()
        phone.get_by_text("尚未送出：3 条").wait_for()
        phone.context.set_offline(False)
        phone.get_by_text("尚未送出").wait_for(state="hidden")
        phone.get_by_text("预留 2 份，已发 1 份").wait_for()
        shot("4_sealed")
        _thief_reads_nothing(place, number, folder, code, own)
        assert not found(place, number), "nothing is counted before it is carried"
        carry(place, folder)
        done = collect(place)
        assert (done.counted, done.not_counted, done.refused, done.waiting) == (3, 0, 0, 0), done
        assert found(place, number) == {mine[0]: ("full", 1), mine[1]: ("none", 0)}
        assert place.office.one("select count(*) from handout_entry where row_id is null") == 1
        carry(place, folder)
        assert collect(place).counted == 0 and found(place, number).keys() == set(mine[:2])
        assert "3 条登记" in place.visit(f"/console/lists/{number}/handout", "county").text
        _officer(place, number, host, folder, own, driven, tmp_path)
        _ends(place, number, event, folder, phone, look_up, mine[2])
    expected = ("401", "422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    assert [said for said in broken if not any(word in said for word in expected)] == []


def _phone(driven: Any, tmp_path: Path) -> tuple[Any, list[str], Callable[[str], None], Callable[[str], None]]:
    context = driven.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True, has_touch=True)
    context.set_default_timeout(PATIENCE * 1000)
    phone, broken = context.new_page(), []
    phone.on("console", lambda said: broken.append(said.text))
    phone.on("pageerror", lambda error: broken.append(str(error)))

    def look_up(asked: str) -> None:
        phone.get_by_label("行号，或手机号码后四位").fill(asked)
        phone.get_by_role("button", name="查找").click()

    def shot(name: str) -> None:
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name
        phone.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    return phone, broken, look_up, shot


def _signs_in(phone: Any, host: str, number: int, code: str, shot: Callable[[str], None]) -> None:
    phone.goto(f"{host}/{number}")
    phone.get_by_role("heading", name="登录").wait_for()
    phone.get_by_label("登录码").fill("AAAA-AAAA-AAAA")
    phone.get_by_role("button", name="登录").click()
    phone.get_by_text("登录码不对").wait_for()
    shot("1_wrong_code")
    phone.goto("about:blank")
    phone.goto(f"{host}/{number}#{code}")
    phone.get_by_text("自动结束").wait_for()
    assert phone.url.endswith(f"/handout/{number}") and "北关站" in phone.inner_text("header")
    shot("2_signed_in")


def _thief_reads_nothing(place: Console, number: int, folder: Path, *codes: str) -> None:
    everything = [*rows(place, number), *people(place, number), *codes, "北关站", "暖冬", "保暖", HERE]
    assert shows(folder, *everything) == []
    assert len(list((folder / "outbox").glob("*.sealed"))) >= 3, "signed in, looked, marked"


def _officer(
    place: Console, number: int, host: str, folder: Path, own: str, driven: Any, tmp_path: Path
) -> None:  # fmt: skip
    """The officer's own phone, with all of the county's rows; then the account is put out of service, and nothing counts."""
    phone, _, look_up, shot = _phone(driven, tmp_path)
    phone.goto(f"{host}/{number}#{own}")
    phone.get_by_text("自动结束").wait_for()
    (row, *_) = [one for one in rows(place, number) if one not in of_station(place, number)]
    look_up(row)
    phone.get_by_role("button", name="拒领").click()
    phone.get_by_text("尚未送出").wait_for(state="hidden")
    shot("5_officer")
    carry(place, folder)
    engine = sa.create_engine(sa.make_url(place.airflow_url).set(drivername="postgresql+psycopg"))
    put = sa.text("update ab_user set active = :a where username = 'county'")
    try:
        with engine.begin() as conn:
            conn.execute(put, {"a": False})
        assert collect(place).refused == 1 and row not in found(place, number)
        page = place.visit(f"/console/lists/{number}/handout", "city").text
        assert "有 1 个没有登记" in page and "账号已停用" in page
    finally:
        with engine.begin() as conn:
            conn.execute(put, {"a": True})
        engine.dispose()
    carry(place, folder)
    assert collect(place).counted == 1 and found(place, number)[row] == ("refused", 0)
    assert "没有登记</h2>" not in place.visit(f"/console/lists/{number}/handout", "city").text


def _ends(
    place: Console, number: int, event: int, folder: Path, phone: Any, look_up: Callable[[str], None], row: str
) -> None:
    """The event is ended in the office: with the next carrying the phone is signed out, and what it queues stays there."""
    way = f"/console/lists/{number}/handout"
    look_up(row)
    phone.get_by_role("button", name="拒领").wait_for()
    assert place.post(f"{way}/end", "county", {"event": event, "sure": "yes"}).status_code == 303
    for path in (place.office.settings.handout_dir / "packets").glob("*.packet"):
        os.utime(path, (0, 0))  # long since written: nobody is issuing its code at this moment
    collect(place)
    carry(place, folder)
    assert not list((folder / "packets").iterdir())
    phone.get_by_role("button", name="拒领").click()
    phone.get_by_role("heading", name="登录").wait_for()
    phone.get_by_text("尚未送出：1 条").wait_for()
    assert row not in found(place, number)
