"""回执 inside the real Airflow API server: a sheet comes back, its faults are shown, each officer speaks for the own rows."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from browsers import browser, leave
from console_office import HERE, THERE, Console
from drawn_lists import draw_here
from handing_out import withdraw
from list_acts import act, approve_all, forget, state_of
from phones import Phone, begin, code_for, entry, of_station
from receipt_sheets import ids, saved, sheet, stands
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.campaigns.release.files import list_files

TOLD = "停止使用以后登记为已领的行"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    """A locked list of twelve people of two counties."""
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    return number


def upload(place: Console, number: int, user: str, data: bytes, name: str = "潞州区.xlsx") -> httpx.Response:
    return place.post(
        f"/console/lists/{number}/receipts/upload", user, {}, files={"file": (name, data, SHEET)}
    )  # fmt: skip


def filled(place: Console, number: int, lines: Sequence[Sequence[Any]]) -> bytes:
    return sheet(place.office, number, lines)  # type: ignore[arg-type]


def rows(place: Console, number: int, county: str) -> list[str]:
    return ids(place.office, number, county)  # type: ignore[arg-type]


def found(place: Console, number: int) -> dict[str, tuple[str, int]]:
    return stands(place.office, number)  # type: ignore[arg-type]


def test_the_sheet_that_went_out_comes_back_filled_in(place: Console, number: int) -> None:
    """The county's very workbook, with its drop-downs filled in."""
    with place.office.engine.begin() as conn:
        stored = __import__("talentpool.campaigns.lists", fromlist=["find"]).find(conn, number)
        made = next(
            file for file in list_files(conn, place.office.keys, place.office.settings, stored)
            if file.recipient == f"county:{HERE}"
        )  # fmt: skip
    book = load_workbook(BytesIO(made.content))
    tab = book.worksheets[0]
    titles = {cell.value: cell.column for cell in tab[3]}
    for at, word in enumerate(OUTCOME_WORDS.values(), start=4):
        tab.cell(at, titles["结果"], word)
    page = upload(place, number, "county", saved(book))
    assert page.status_code == 200 and "已登记 6 行" in page.text and "需更正的行" not in page.text
    assert sorted(what for what, _ in found(place, number).values()) == sorted(OUTCOME_WORDS)
    assert state_of(place, number) == "receipts_open"


def test_faults_are_shown_and_come_back_on_the_sheet(place: Console, number: int) -> None:
    first, second, third, *_ = rows(place, number, HERE)
    theirs = rows(place, number, THERE)[0]
    data = filled(place, number, [(first, "已领"), (second, "领了三份"), (third, "已领", 3), (theirs, "已领")])
    page = upload(place, number, "county", data)
    assert page.status_code == 200 and "已登记 1 行，3 行需更正" in page.text
    assert "看不懂“结果”的写法" in page.text and "每人最多 1 份" in page.text and "没有您负责的这一行" in page.text
    assert "某人" not in page.text and set(found(place, number)) == {first}
    copy = re.search(r'base64,([A-Za-z0-9+/=&#;]+)"', page.text)
    assert copy is not None
    back = load_workbook(BytesIO(base64.b64decode(copy[1].replace("&#43;", "+")))).active
    assert back.cell(4, 9).value in (None, "") and "看不懂" in back.cell(5, 9).value
    log = place.office.ask("select action, details from audit_log where subject = :s and actor = 'county' order by seq desc",
                           s=f"list:{number}")  # fmt: skip
    assert any(action == "upload" and details["taken"] == 1 for action, details in log)


def test_what_is_no_receipt_is_refused_in_chinese(place: Console, number: int) -> None:
    for data, words in (
        (b"%PDF-1.7", "PDF"), (b"x" * 100, "工作簿"), (b"", "请选择填好的表"),
        (sheet(place.office, number, [], head="名单编号 999999"), "这张表是名单 999999 的"),  # type: ignore[arg-type]
    ):  # fmt: skip
        page = upload(place, number, "city", data)
        assert page.status_code == 422 and words in page.text, words
    assert not found(place, number) and state_of(place, number) == "locked"


def test_nobody_else_registers_and_a_county_only_its_own(place: Console, number: int) -> None:
    data = filled(place, number, [(one, "已领") for one in rows(place, number, HERE)])
    for user in ("approver", "auditor", "operator", "admin", "nobody"):
        assert upload(place, number, user, data).status_code == 403, user
    page = upload(place, number, "other_county", data)
    assert "6 行需更正" in page.text and not found(place, number)
    answer = place.post(f"/console/lists/{number}/receipts/all-but", "county", {"county": THERE, "sure": "yes"})
    assert answer.status_code == 403 and not found(place, number)
    shown = place.visit(f"/console/lists/{number}/receipts", "county").text
    assert "潞州区" not in shown and "<strong>6</strong>" in shown


def test_all_but_and_a_correction(place: Console, number: int) -> None:
    first, *rest = rows(place, number, HERE)
    way = f"/console/lists/{number}/receipts"
    strange = place.post(f"{way}/all-but", "county", {"county": HERE, "rows": "ABCD-EFGHJ", "sure": "yes"})
    assert strange.status_code == 422 and "不是这一部分的行号" in strange.text and "ABCD-EFGHJ" in strange.text
    given = {"county": HERE, "rows": first, "day": "2026-12-01", "sure": "yes"}
    done = place.post(f"{way}/all-but", "county", given)
    assert done.status_code == 200 and "共 6 人，新登记 6 人" in done.text and "除个别行外全部已领" in done.text
    assert found(place, number) == {first: ("none", 0)} | dict.fromkeys(rest, ("full", 1))
    again = place.post(f"{way}/all-but", "county", given | {"rows": f"{first} {rest[0]}"})
    assert "新登记 0 人，此前已登记 5 人，1 人与此前的登记不一致，没有改动" in again.text
    told = again.text.split("与此前的登记不一致的行</h3>")[1].split("</table>")[0]
    assert rest[0] in told and "该行已登记为“已领”" in told and first not in told and "请在下面“更正一行”" in told
    assert place.post(f"{way}/correct", "county", {"row": first, "outcome": "full", "sure": "yes"}).status_code == 422
    given = {"row": first, "outcome": "full", "reason": "下午补领", "sure": "yes"}
    theirs = place.post(f"{way}/correct", "other_county", given)
    assert theirs.status_code == 422 and "没有您负责的这一行" in theirs.text
    page = place.onward(place.post(f"{way}/correct", "county", given), "county")
    assert "已更正" in page.text and "下午补领" in page.text and found(place, number)[first] == ("full", 1)


def test_a_station_is_registered_under_its_own_county_alone(place: Console, number: int) -> None:
    way = f"/console/lists/{number}/receipts"
    page = place.visit(way, "city").text
    options = re.findall(r'<option value="((\d{6})\|[^"|]+\|([^"|]*))">([^<]+)<', page)
    assert {county for _, county, _, _ in options} == {HERE, THERE}
    (value, _, station, name), *_ = [one for one in options if one[1] == THERE]
    wrong = place.post(f"{way}/all-but", "city", {"county": HERE, "partner": value, "sure": "yes"})
    assert wrong.status_code == 422 and "选的站点不在选的区县" in wrong.text and not found(place, number)
    assert f'value="{value}" selected' in wrong.text, "what was picked stays picked"
    right = place.post(f"{way}/all-but", "city", {"county": THERE, "partner": value, "sure": "yes"})
    assert right.status_code == 200 and f"已登记：{name}，共 " in right.text and name.endswith(station)
    with place.office.engine.connect() as conn:
        theirs = "select row_id from target_row where list_id = %s and county = %s and station = %s and selected"
        assert set(found(place, number)) == set(conn.exec_driver_sql(theirs, (number, THERE, station)).scalars())


def test_the_brief_is_the_citys_and_counts_what_came_back(place: Console, number: int) -> None:
    upload(place, number, "county", filled(place, number, [(one, "已领") for one in rows(place, number, HERE)]))
    for user, status in (("city", 200), ("approver", 200), ("county", 403), ("auditor", 403)):
        assert place.visit(f"/console/lists/{number}/brief", user).status_code == status, user
    page = place.visit(f"/console/lists/{number}/brief.html", "city")
    assert "attachment" in page.headers["content-disposition"] and "占名单 50.0%" in page.text
    assert "还有 6 人没有回执" in page.text and "<script" not in page.text
    draft = draw_here(place, code="health_check").list_id
    early = place.visit(f"/console/lists/{draft}/brief", "city")
    assert early.status_code == 409 and "才有小结" in early.text


def test_each_reads_what_stands_of_own_rows_whoever_registered_it(place: Console, number: int) -> None:
    """A phone marks a row, the city corrects it, and a sheet of the city's speaks of both counties."""
    mine = of_station(place, number)
    theirs = rows(place, number, THERE)
    phone = Phone(place, number)
    phone.enter(code_for(place, number, begin(place, number, county=HERE), "didi|北关站"))
    phone.send(entry(mine[0]))
    way = f"/console/lists/{number}"
    given = {"row": mine[0], "outcome": "refused", "reason": "电话核实本人没有领", "sure": "yes"}
    assert place.post(f"{way}/receipts/correct", "city", given).status_code == 303
    upload(place, number, "city", filled(place, number, [(mine[1], "已领", 1, "2026-12-01"), (theirs[0], "未领")]))
    changed = f"{mine[0]}</a>：已领 → 拒领。理由：电话核实本人没有领"
    for user in ("city", "county"):
        log = place.visit(f"{way}/receipts", user).text
        log = log[log.index("<h3>登记记录") :]
        assert changed in log and "现场发放" in log and "北关站（站长）" in log and "station:" not in log, user
        assert f'data-label="新登记">{2 if user == "city" else 1}<' in log, user
        shown = place.visit(f"{way}?on=in&county={HERE}", user).text
        assert "拒领</span>" in shown and "理由：电话核实本人没有领" in shown and mine[0] in shown, user
        assert "上传，city，" in shown and "2026-12-01" in shown and "还没有回执</span>" in shown, user
        only = place.visit(f"{way}?stands=corrected", user).text
        assert "1 人。" in only and mine[0] in only and mine[1] not in only, user
    log = place.visit(f"{way}/receipts", "other_county").text
    assert "电话核实" not in log and mine[0] not in log and "现场发放</td>" not in log
    assert 'data-label="新登记">1<' in log, "the city's sheet speaks of one row of theirs"
    shown = place.visit(f"{way}?stands=none", "other_county").text
    assert theirs[0] in shown and "1 人。" in shown and not any(row in shown for row in mine)
    assert "没有符合筛选的人员" in place.visit(f"{way}?stands=corrected", "other_county").text
    for path in (way, f"{way}/receipts"):
        assert place.visit(path, "auditor").status_code == 403


def test_an_officer_is_told_what_was_handed_out_after_a_withdrawal(place: Console, number: int) -> None:
    way, (gone, *_) = f"/console/lists/{number}/receipts", rows(place, number, HERE)
    withdraw(place.office, number, gone)  # type: ignore[arg-type]
    try:
        page = upload(place, number, "county", filled(place, number, [(gone, "未领")])).text
        assert "1 行需更正" in page and "不要再联系本人" in page and TOLD not in page
        page = upload(place, number, "county", filled(place, number, [(gone, "已领")])).text
        assert "已登记 1 行" in page and "因确已发放照常登记的行" in page and TOLD in page
        for user, seen in (("county", True), ("city", True), ("other_county", False)):
            assert (TOLD in place.visit(way, user).text) is seen, user
    finally:
        with place.office.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            conn.execute(sa.text("delete from use_stop"))
    assert found(place, number) == {gone: ("full", 1)} and TOLD not in place.visit(way, "city").text


@pytest.mark.browser
@pytest.mark.slow  # test_to_the_hand does it on its way
def test_an_officer_uploads_mends_and_uploads_again_on_a_phone(place: Console, number: int, tmp_path: Path) -> None:
    first, second, *rest = rows(place, number, HERE)
    wrong = tmp_path / "北关站.xlsx"
    wrong.write_bytes(filled(place, number, [(first, "已领"), (second, "领了吧"), *((one, "已领") for one in rest)]))
    with browser() as driven:
        page, complaints = place.window(driven, "county", 390)
        page.goto(f"{place.url}/plugin/lists")
        frame = page.frame_locator("iframe")
        frame.locator(f'a[href$="/lists/{number}"]').first.click()
        frame.get_by_role("link", name="发放情况与回执登记").click()
        frame.locator('input[type="file"]').set_input_files(wrong)
        leave(frame, frame.get_by_role("button", name="上传").click)
        frame.get_by_text("已登记 5 行，1 行需更正").wait_for()
        page.screenshot(path=tmp_path / "faults.png", full_page=True)
        with page.expect_download() as coming:
            frame.get_by_role("link", name="下载标出问题的表").click()
        book = load_workbook(BytesIO(Path(coming.value.path()).read_bytes()))
        book.active["E5"] = "已领"
        mended = tmp_path / "改好.xlsx"
        mended.write_bytes(saved(book))
        frame.locator('input[type="file"]').set_input_files(mended)
        leave(frame, frame.get_by_role("button", name="上传").click)
        frame.get_by_text("已登记 1 行", exact=True).wait_for()
        assert frame.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
        page.screenshot(path=tmp_path / "mended.png", full_page=True)
        assert [said for said in complaints if "sandbox" not in said.lower()] == []
    assert set(found(place, number).values()) == {("full", 1)} and len(found(place, number)) == 6
