"""From the lock to the brief by three people in a browser: inside Airflow at a desk and on a phone, and a head at the gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from browsers import browser, leave
from console_office import THERE, Console
from drawn_lists import draw_here
from list_acts import approve_all, forget, state_of
from patience import PATIENCE, until
from phones import found, of_station
from receipt_sheets import saved

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


def test_three_people_bring_a_list_to_the_hand_and_write_it_up(place: Console, tmp_path: Path) -> None:
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    with browser() as driven:
        with inside(place, driven, "city", 1280, number) as (page, frame):
            form = frame.locator("form", has=frame.get_by_role("button", name="锁定", exact=True))
            form.locator("input[type=checkbox]").check()
            leave(frame, form.get_by_role("button", name="锁定", exact=True).click)
            frame.get_by_text("已锁定", exact=True).first.wait_for()
            page.screenshot(path=tmp_path / "1_locked.png")
        with inside(place, driven, "county", 390, number) as (page, frame):
            book = _downloads(page, frame)
            code = _begins(frame)
            page.screenshot(path=tmp_path / "2_code_390.png", full_page=True)
        handed = of_station(place, number)[0]
        _hands_out(place, driven, number, code, handed, tmp_path)
        until("the head's mark to be counted", lambda: found(place, number) == {handed: ("full", 1)})
        with inside(place, driven, "county", 390, number) as (page, frame):
            refused = _brings_back(page, frame, book, handed, tmp_path)
        given = {"county": THERE, "rows": "", "day": "2026-12-01", "sure": "yes"}
        assert place.post(f"/console/lists/{number}/receipts/all-but", "other_county", given).status_code == 200
        with inside(place, driven, "city", 1280, number) as (page, frame):
            _corrects_closes_and_writes_up(frame, page, refused, tmp_path)
    assert state_of(place, number) == "closed"
    stood = found(place, number)
    assert (
        len(stood) == 12 and stood[refused] == ("none", 0) and sum(what == "full" for what, _ in stood.values()) == 11
    )


@contextmanager
def inside(place: Console, driven: Any, user: str, width: int, number: int) -> Iterator[tuple[Any, Any]]:
    """The list's page inside Airflow's frame, as somebody signed in; nothing of it wider than the screen."""
    page, complaints = place.window(driven, user, width)
    page.goto(f"{place.url}/plugin/lists")
    frame = page.frame_locator("iframe")
    frame.locator(f'a[href$="/lists/{number}"]').first.click()
    frame.get_by_role("heading", name="这份名单").wait_for()
    yield page, frame
    assert frame.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth"), user
    assert [said for said in complaints if "sandbox" not in said.lower()] == []
    page.context.close()


def _downloads(page: Any, frame: Any) -> Any:
    """The own county's workbook."""
    form = frame.locator("form", has=frame.get_by_role("button", name="下载", exact=True))
    form.locator("input[type=checkbox]").check()
    with page.expect_download() as coming:
        form.get_by_role("button", name="下载", exact=True).click()
    return load_workbook(BytesIO(Path(coming.value.path()).read_bytes()))


def _begins(frame: Any) -> str:
    """A hand-out of a day, and the code for a station's head."""
    frame.get_by_role("link", name="现场发放").click()
    frame.get_by_text("名单和物资已核对").check()
    leave(frame, frame.get_by_role("button", name="开始发放").click)
    frame.get_by_label("发给谁").select_option("didi|北关站")
    leave(frame, frame.get_by_role("button", name="发登录码").click)
    frame.get_by_text("只显示这一次").wait_for()
    return str(frame.locator(".once code").inner_text())


def _hands_out(place: Console, driven: Any, number: int, code: str, row: str, tmp_path: Path) -> None:
    phone = driven.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True, has_touch=True)
    phone.set_default_timeout(PATIENCE * 1000)
    page = phone.new_page()
    page.goto(f"{place.url}/handout/{number}#{code}")
    page.get_by_text("自动结束").wait_for()
    page.get_by_label("行号，或手机号码后四位").fill(row)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="领取", exact=True).click()
    page.get_by_label("各人本人").check()
    page.get_by_role("button", name="签收 1 人").click()
    page.screenshot(path=tmp_path / "3_head_390.png", full_page=True)
    page.get_by_text("尚未送出").wait_for(state="hidden")
    phone.close()


def _brings_back(page: Any, frame: Any, book: Any, handed: str, tmp_path: Path) -> str:
    """The sheet with one word that nobody knows; then its copy, mended. The row that is said to be refused."""
    tab = book.worksheets[0]
    titles = {cell.value: cell.column for cell in tab[3]}
    lines = {
        tab.cell(at, titles["行号"]).value: at for at in range(4, tab.max_row + 1) if tab.cell(at, titles["行号"]).value
    }
    wrong = next(row for row in lines if row != handed)
    for row, at in lines.items():
        if row != handed:
            tab.cell(at, titles["结果"], "领了吧" if row == wrong else "已领")
    sheet = tmp_path / "潞州区.xlsx"
    sheet.write_bytes(saved(book))
    frame.get_by_role("link", name="发放情况与回执登记").click()
    frame.locator('input[type="file"]').set_input_files(sheet)
    leave(frame, frame.get_by_role("button", name="上传").click)
    frame.get_by_text("已登记 4 行，1 行需更正").wait_for()
    page.screenshot(path=tmp_path / "4_faults_390.png", full_page=True)
    with page.expect_download() as coming:
        frame.get_by_role("link", name="下载标出问题的表").click()
    copy = load_workbook(BytesIO(Path(coming.value.path()).read_bytes()))
    copy.worksheets[0].cell(lines[wrong], titles["结果"], "拒领")
    sheet.write_bytes(saved(copy))
    frame.locator('input[type="file"]').set_input_files(sheet)
    leave(frame, frame.get_by_role("button", name="上传").click)
    frame.get_by_text("已登记 1 行", exact=True).wait_for()
    return str(wrong)


def _corrects_closes_and_writes_up(frame: Any, page: Any, row: str, tmp_path: Path) -> None:
    frame.get_by_role("link", name="发放情况与回执登记").click()
    frame.get_by_text("更正一行").click()
    form = frame.locator("form", has=frame.get_by_role("button", name="更正", exact=True))
    form.locator("input[name=row]").fill(row)
    form.locator("select[name=outcome]").select_option("none")
    form.locator("input[name=reason]").fill("电话核实：当天不在岗")
    form.locator("input[type=checkbox]").check()
    leave(frame, form.get_by_role("button", name="更正", exact=True).click)
    page.screenshot(path=tmp_path / "5_corrected.png", full_page=True)
    leave(frame, frame.locator("p.onward a", has_text="返回名单").click)
    frame.get_by_text("办结", exact=True).first.click()
    form = frame.locator("form", has=frame.get_by_role("button", name="办结", exact=True))
    form.locator("input[name=reason]").fill("发放与核对已完成")
    form.locator("input[type=checkbox]").check()
    leave(frame, form.get_by_role("button", name="办结", exact=True).click)
    frame.get_by_role("link", name="活动小结").first.click()
    frame.get_by_role("heading", name="每个数字怎么来的").wait_for()
    assert "91.7" in frame.locator(".tiles").inner_text(), "eleven of twelve"
    frame.get_by_text("查询语句").first.click()
    page.screenshot(path=tmp_path / "6_brief.png", full_page=True)
    with page.expect_download() as coming:
        frame.get_by_role("link", name="下载 Word 文档").click()
    assert Path(coming.value.path()).read_bytes().startswith(b"PK")
