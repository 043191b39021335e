"""补发 and what else comes after a list, inside the real Airflow API server: counts before the click, a draft after it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pyrage
import pytest
from openpyxl import load_workbook

from browsers import browser
from console_office import HERE, THERE, Console
from drawn_lists import DAY, draw_here
from list_acts import act, approve_all, forget, state_of
from receipt_sheets import ids, sheet
from talentpool.campaigns import Approver
from talentpool.campaigns.lists import Release, find
from talentpool.campaigns.receipts.taking import take
from talentpool.campaigns.release.exports import export_list
from talentpool.model import recipient


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    """A locked list of twelve people; of six of one county a sheet came back."""
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    first, second, third, *rest = ids(place.office, number, HERE)  # type: ignore[arg-type]
    lines = [(first, "缺席"), (second, "拒领"), (third, "已离职"), *((one, "已领") for one in rest)]
    data = sheet(place.office, number, lines)  # type: ignore[arg-type]
    who = Approver("city", frozenset({"city_officer"}))
    take(place.office, number, data, who, name="x.xlsx", today=DAY, via="page")  # type: ignore[arg-type]
    return number


def shown_hash(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_counts_come_first_and_the_click_makes_a_draft_that_is_approved_as_any(place: Console, number: int) -> None:
    way = f"/console/lists/{number}/follow"
    for user in ("county", "approver", "auditor"):
        assert place.visit(way, user).status_code == 403, user
        assert place.post(way, user, {"seen": "0" * 64, "sure": "yes"}).status_code == 403, user
    page = place.visit(way, "city")
    assert page.status_code == 200 and "回收日" in page.text and "未过，没有回执的先不列入" in page.text
    tiles = re.findall(r"<strong>(\d+)</strong>", page.text)
    assert tiles == ["2", "2", "0"] and "回执登记为本人拒领" in page.text
    assert place.post(way, "city", {"seen": shown_hash(page.text)}).status_code == 422, "not ticked"
    old = place.post(way, "city", {"seen": "0" * 64, "sure": "yes"})
    assert old.status_code == 409 and "在您查看之后有变动" in old.text
    done = place.post(way, "city", {"seen": shown_hash(page.text), "sure": "yes"})
    assert done.status_code == 303
    draft = int(done.headers["location"].rsplit("/", 1)[1])
    told = place.visit(f"/console/lists/{draft}", "county")
    assert f"名单 {number}" in told.text and "补发名单 1" in told.text
    for user in ("county", "approver"):
        assert act(place, draft, "approve", user).status_code == 303, user
    assert act(place, draft, "lock", "city").status_code == 303
    assert state_of(place, draft) == "locked"
    again = place.visit(way, "city")
    assert again.status_code == 200 and f"已有补发名单 {draft}" in again.text
    history = place.visit(f"/console/lists/{number}", "city")
    assert "拟定补发名单" in history.text
    assert len(ids(place.office, number, THERE)) == 6  # type: ignore[arg-type]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_page_fits_desk_and_phone(place: Console, number: int, tmp_path: Path, width: int) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(f"{place.url}/console/lists/{number}/follow")
        page.get_by_role("button", name="拟定补发名单").wait_for()
        assert page.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
        page.screenshot(path=tmp_path / f"follow-{width}.png", full_page=True)
        place.post(f"/console/lists/{number}/aftercare/draw", "city", {"size": "3", "sure": "yes"})
        page.goto(f"{place.url}/console/lists/{number}/aftercare")
        page.get_by_role("heading", name="回访", exact=True).wait_for()
        page.get_by_text("登记一件投诉").click()
        assert page.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
        page.screenshot(path=tmp_path / f"aftercare-{width}.png", full_page=True)
        for name in ("receipts", "brief"):
            page.goto(f"{place.url}/console/lists/{number}/{name}")
            assert page.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth"), name
            page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        assert complaints == []


def test_a_sample_is_called_back_county_by_county_and_complaints_are_answered(place: Console, number: int) -> None:
    way = f"/console/lists/{number}/aftercare"
    assert place.post(f"{way}/draw", "county", {"size": "3", "sure": "yes"}).status_code == 403
    page = place.onward(place.post(f"{way}/draw", "city", {"size": "3", "sure": "yes"}), "city")
    assert "已抽取回访样本" in page.text and "从登记为已领的 3 人中抽取" in page.text
    assert place.post(f"{way}/draw", "city", {"size": "3", "sure": "yes"}).status_code == 409
    rows = [row for (row,) in place.office.ask("select row_id from spot_check_row where list_id = :n", n=number)]
    said = {"row": rows[0], "answer": "not_received"}
    theirs = place.visit(way, "other_county")
    assert rows[0] not in theirs.text
    assert place.post(f"{way}/answer", "other_county", said).status_code == 422
    page = place.onward(place.post(f"{way}/answer", "county", said), "county")
    assert "与回执不符 1 行" in page.text and "95% 区间" in page.text
    assert place.office.one("select count(*) from receipt_row where row_id = :r", r=rows[0]) == 1, "no receipt changes"
    given = {"category": "manner", "county": HERE, "day": DAY.isoformat(), "note": "电话 13800138000 没人接"}
    assert place.post(f"{way}/complaint", "other_county", given).status_code == 403
    page = place.onward(place.post(f"{way}/complaint", "county", given), "county")
    assert "投诉已登记" in page.text and "13800138000" not in page.text
    noted = place.office.one("select max(complaint_id) from complaint")
    assert f">{noted}</th>" not in place.visit(way, "other_county").text
    done = place.post(f"{way}/answered", "county", {"number": str(noted), "said": "已致歉"})
    assert "已致歉" in place.onward(done, "county").text
    brief = place.visit(f"/console/lists/{number}/brief", "city").text
    assert "态度或方式" in brief and "回访抽取 3 人" in brief


def test_released_files_are_handed_on_sealed_and_each_county_its_own(
    place: Console, number: int, tmp_path: Path
) -> None:
    office = place.office
    reader = pyrage.x25519.Identity.generate()
    with office.engine.begin() as conn:
        conn.execute(recipient.delete())
        for code, division in (("here", HERE), ("there", THERE)):
            conn.execute(
                recipient.insert(),
                {"code": code, "name": f"{code}团委", "kind": "age", "public_key": str(reader.to_public()),
                 "division": division, "valid_until": DAY.replace(year=2027)},
            )  # fmt: skip
        stored = find(conn, number)
    made = export_list(office, stored, ["here", "there"], Release("city", office.settings.lists_dir, DAY))  # type: ignore[arg-type]
    mine, theirs = (one.export_id for one in made)
    way, sure = f"/console/lists/{number}/released", {"sure": "yes"}
    page = place.visit(f"/console/lists/{number}", "county").text
    assert f"编号 {mine}：" in page and f"编号 {theirs}：" not in page
    assert place.post(way, "county", {"export": str(theirs), **sure}).status_code == 404
    assert place.post(way, "approver", {"export": str(mine), **sure}).status_code == 403
    assert place.post(way, "county", {"export": str(mine)}).status_code == 422, "not ticked"
    got = place.post(way, "county", {"export": str(mine), **sure})
    assert got.status_code == 200 and "attachment" in got.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        names = packed.namelist()
        book = next(name for name in names if name.endswith(".xlsx.age"))
        plain = pyrage.decrypt(packed.read(book), [reader])
    assert plain[:2] == b"PK" and len(names) == len(made[0].files)
    logged = (
        "select count(*) from audit_log where action = 'export' and details->>'download' = 'true' and actor = 'county'"
    )
    assert office.one(logged) == 1
    path = Path(made[0].files[0])
    path.write_bytes(path.read_bytes() + b"x")
    changed = place.post(way, "county", {"export": str(mine), **sure})
    assert changed.status_code == 409 and "与记录不符" in changed.text and office.one(logged) == 1
    path.unlink()
    assert "已经移走或删除" in place.post(way, "county", {"export": str(mine), **sure}).text
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.exec_driver_sql("delete from provision")
        conn.exec_driver_sql("delete from recipient")


def test_the_sheet_to_remind_by_has_counts_and_contacts_and_nobody_of_the_list(place: Console, number: int) -> None:
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("update station set head = '站长联系处' where name = '城东站'")
    for user, counties in (("city", 2), ("other_county", 1)):
        got = place.visit(f"/console/lists/{number}/receipts/remind.xlsx", user)
        assert got.status_code == 200 and "attachment" in got.headers["content-disposition"]
        rows = list(load_workbook(io.BytesIO(got.content)).active.iter_rows(min_row=4, values_only=True))
        assert len({row[0] for row in rows if row[0]}) == min(counties, 1), "of one county every row has its receipt"
        assert sum(row[4] for row in rows if row[4]) == 6
        assert not set(ids(place.office, number)) & {str(cell) for row in rows for cell in row}  # type: ignore[arg-type]
    none = place.visit(f"/console/lists/{number}/receipts/remind.xlsx", "county")
    assert none.status_code == 200
    assert place.visit(f"/console/lists/{number}/receipts/remind.xlsx", "auditor").status_code == 403
    for user, status in (("city", 200), ("county", 403)):
        paper = place.visit(f"/console/lists/{number}/brief.pdf", user)
        assert paper.status_code == status, user
    assert place.visit(f"/console/lists/{number}/brief.pdf", "city").content.startswith(b"%PDF")
