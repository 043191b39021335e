"""场次与人数 inside the real Airflow API server: sign-ups by sheet, numbers of who came, each officer for the own county."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook

from approvals import unapproved
from browsers import browser, leave
from console_office import AS_OF, HERE, THERE, Console
from list_acts import forget
from receipt_sheets import ids, saved
from talentpool.campaigns import draw
from talentpool.campaigns.lists import find
from talentpool.campaigns.release.files import list_files
from talentpool.campaigns.sessions.line import counted
from talentpool.declare.form import Place

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLACES = (
    Place(name="平顺县骑手驿站", county=HERE, slots=("09:00-10:00", "10:00-11:00"), capacity=4),
    Place(name="潞州区快递园区", county=THERE, slots=("14:00-15:00",), capacity=9),
)


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    """A locked list of a session with twelve people of two counties."""
    forget(place)
    kit = unapproved(place.office.settings)
    more = {"purpose": kit.purpose, "places": PLACES, "eligibility": kit.eligibility, "occasion": kit.occasion}
    of = unapproved(place.office.settings, "health_check").model_copy(update=more)
    return draw(place.office, of, AS_OF, lock=True, by="drafter").list_id  # type: ignore[arg-type]


def filled(place: Console, number: int, cells: list[str]) -> bytes:
    """The county's very workbook with slots filled in."""
    with place.office.engine.connect() as conn:
        stored = find(conn, number)
        files = list_files(conn, place.office.keys, place.office.settings, stored, pdf=False)
        made = next(file for file in files if file.recipient == f"county:{HERE}")
    book = load_workbook(BytesIO(made.content))
    at = {cell.value: cell.column for cell in book["名单"][3]}["场次"]
    for line, cell in enumerate(cells, start=4):
        book["名单"].cell(line, at, cell)
    return saved(book)


def upload(place: Console, number: int, user: str, data: bytes) -> httpx.Response:
    way = f"/console/lists/{number}/sessions/upload"
    return place.post(way, user, {}, files={"file": ("报名.xlsx", data, SHEET)})


def test_sign_ups_come_as_a_sheet_and_who_came_as_a_number(place: Console, number: int) -> None:
    page = upload(place, number, "county", filled(place, number, ["1"] * 5 + ["下午"]))
    assert page.status_code == 200 and "已登记 5 行，1 行需更正" in page.text and "其中候补 1" in page.text
    assert "没有这个场次；请填 1 到 3 的场次号" in page.text
    other = upload(place, number, "other_county", filled(place, number, ["2"]))
    assert "没有您负责的这一行" in other.text
    for user in ("auditor", "approver"):
        assert upload(place, number, user, b"x").status_code == 403
    way = f"/console/lists/{number}/sessions/count"
    given = {"slot": "1", "county": HERE, "number": "3", "sure": "yes"}
    page = place.onward(place.post(way, "county", given), "county")
    assert "已登记" in page.text and "到场人数" in page.text
    assert place.post(way, "county", given | {"number": "4"}).status_code == 422
    assert place.post(way, "county", given | {"number": "4", "reason": "漏数一人"}).status_code == 303
    assert place.post(way, "other_county", given).status_code == 403
    assert place.post(way, "county", given | {"number": "三"}).status_code == 422
    with place.office.engine.connect() as conn:
        assert counted(conn, number) == {(1, HERE, "came"): 4}
    brief = place.visit(f"/console/lists/{number}/brief", "city")
    assert brief.status_code == 200 and "报名与到场" in brief.text and "已领" not in brief.text
    seen = place.visit(f"/console/lists/{number}", "county").text
    assert "场次、报名与到场人数" in seen
    assert not any(
        row in place.visit(f"/console/lists/{number}/sessions", "city").text for row in ids(place.office, number)
    ), "no row stands on the page"  # type: ignore[arg-type]


@pytest.mark.browser
def test_an_officer_uploads_sign_ups_and_counts_on_a_phone(place: Console, number: int, tmp_path: Path) -> None:
    sheet = tmp_path / "报名.xlsx"
    sheet.write_bytes(filled(place, number, ["1"] * 5 + ["下午"]))
    with browser() as driven:
        for user, width in (("county", 390), ("city", 1280)):
            page, complaints = place.window(driven, user, width)
            page.goto(f"{place.url}/plugin/lists")
            frame = page.frame_locator("iframe")
            frame.locator(f'a[href$="/lists/{number}"]').first.click()
            frame.get_by_role("link", name="场次、报名与到场人数").click()
            frame.locator('input[type="file"]').set_input_files(sheet)
            leave(frame, frame.get_by_role("button", name="上传").click)
            frame.get_by_text("需更正的行").first.wait_for()
            page.screenshot(path=tmp_path / f"upload_{user}_{width}.png")
            frame.locator('input[name="number"]').fill("3" if user == "county" else "5")
            frame.locator('select[name="county"]').select_option(HERE if user == "county" else THERE)
            frame.get_by_label("我已核对现场人数").check()
            leave(frame, frame.get_by_role("button", name="登记", exact=True).click)
            frame.get_by_role("heading", name="已登记", exact=True).wait_for()
            assert frame.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
            page.goto(f"{place.url}/console/lists/{number}/sessions")
            page.screenshot(path=tmp_path / f"sessions_{user}_{width}.png", full_page=True)
            assert [said for said in complaints if "sandbox" not in said.lower()] == []
        page.goto(f"{place.url}/console/lists/{number}/brief")
        page.screenshot(path=tmp_path / "brief_1280.png", full_page=True)
