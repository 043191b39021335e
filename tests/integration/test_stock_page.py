"""物资台账 inside the real Airflow API server: each officer enters what is theirs, and reads what lies in the own counties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browsers import browser, leave
from console_office import HERE, THERE, Console
from drawn_lists import draw_here
from list_acts import act, approve_all, forget
from receipt_sheets import ids
from talentpool.campaigns.ledger.balance import balance


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


def move(place: Console, number: int, user: str, start: str, end: str, count: str, **more: str) -> Any:
    fields = {"from": start, "to": end, "number": count, "sure": "yes", "note": "送货单 3 号"} | more
    return place.post(f"/console/lists/{number}/stock/move", user, fields)


def left(place: Console) -> dict[str, int]:
    with place.office.engine.connect() as conn:
        return {one.account: one.left for one in balance(conn, "warm_winter", "2026").places}


def test_the_city_buys_and_allocates_a_county_hands_on_and_each_reads_its_own(place: Console, number: int) -> None:
    here, there = f"county:{HERE}", f"county:{THERE}"
    page = place.onward(move(place, number, "city", "bought", "city", "20"), "city")
    assert "已登记" in page.text and "送货单 3 号" in page.text
    assert move(place, number, "city", "donated", "city", "5", donor="某商业银行").status_code == 303
    for county in (here, there):
        assert move(place, number, "city", "city", county, "8").status_code == 303
    stations = [one for one in place.visit(f"/console/lists/{number}/stock", "county").text.split('"')
                if one.startswith("station:") and HERE in one]  # fmt: skip
    assert stations
    station = stations[0]
    assert move(place, number, "county", here, station, "3").status_code == 303
    given = {"county": HERE, "rows": "", "sure": "yes"}
    assert place.post(f"/console/lists/{number}/receipts/all-but", "county", given).status_code == 200
    county = place.visit(f"/console/lists/{number}/stock", "county").text
    assert (
        "某商业银行" not in county
        and "市级 → " in county
        and "没有入账" in county
        and "20" not in county.split("登记记录")[1]
    )
    assert f'value="{there}"' not in county and 'value="city"' in county
    other = place.visit(f"/console/lists/{number}/stock", "other_county").text
    assert "北关站" not in other.split("各账户")[1].split("登记一笔")[0]
    city = place.visit(f"/console/lists/{number}/stock", "city").text
    assert "全部账户合计 0" in city and "某商业银行" in city and '<td data-label="交来回执的专员">county</td>' in city
    assert sum(left(place).values()) == 25 - len(ids(place.office, number, HERE))  # type: ignore[arg-type]


def test_what_may_not_be_entered_is_said_and_nothing_is_written(place: Console, number: int) -> None:
    here, there = f"county:{HERE}", f"county:{THERE}"
    assert move(place, number, "city", "bought", here, "4").status_code == 303
    for user, start, end, count, status, words in (
        ("county", here, "city", "5", 409, "没有这么多"),
        ("county", "city", here, "1", 403, "不在您的管理范围"),
        ("county", "bought", there, "1", 403, "不在您的管理范围"),
        ("city", here, there, "1", 422, "原路退回"),
        ("city", "bought", "city", "一百", 422, "份数"),
        ("city", "donated", "city", "1", 422, "捐赠方"),
    ):
        answer = move(place, number, user, start, end, count)
        assert answer.status_code == status and words in answer.text, (user, start, end, answer.status_code)
        assert "送货单 3 号" in answer.text, "what was filled in stays"
    assert place.post(f"/console/lists/{number}/stock/move", "city", {"from": "bought"}).status_code == 422
    for user in ("auditor", "approver"):
        assert move(place, number, user, "bought", "city", "1").status_code == 403
    assert place.visit(f"/console/lists/{number}/stock", "approver").status_code == 200
    assert left(place) == {here: 4}
    entry = str(place.office.one("select max(move_id) from stock_move"))
    way = f"/console/lists/{number}/stock/correct"
    assert place.post(way, "county", {"entry": entry, "part": "5", "reason": "多记", "sure": "yes"}).status_code == 422
    page = place.onward(
        place.post(way, "county", {"entry": entry, "part": "1", "reason": "少一份", "sure": "yes"}), "county"
    )
    assert "已更正" in page.text and "已冲回 1" in page.text and left(place) == {here: 3}


@pytest.mark.browser
def test_an_officer_enters_and_corrects_on_a_phone(place: Console, number: int, tmp_path: Path) -> None:
    assert move(place, number, "city", "bought", "city", "20").status_code == 303
    assert move(place, number, "city", "city", f"county:{HERE}", "8").status_code == 303
    assert move(place, number, "city", "donated", "city", "5", donor="某商业银行长治分行").status_code == 303
    given = {"county": HERE, "rows": "", "day": "2026-12-01", "sure": "yes"}
    assert place.post(f"/console/lists/{number}/receipts/all-but", "county", given).status_code == 200
    with browser() as driven:
        for user, width in (("county", 390), ("city", 1280)):
            page, complaints = place.window(driven, user, width)
            page.goto(f"{place.url}/plugin/lists")
            frame = page.frame_locator("iframe")
            frame.locator(f'a[href$="/lists/{number}"]').first.click()
            frame.get_by_role("link", name="物资台账").first.click()
            frame.locator('select[name="from"]').select_option("bought")
            frame.locator('select[name="to"]').select_option(f"county:{HERE}")
            frame.locator('input[name="number"]').fill("2")
            frame.get_by_label("我已核对实物或单据").check()
            leave(frame, frame.get_by_role("button", name="登记", exact=True).click)
            frame.get_by_role("heading", name="已登记").wait_for()
            assert frame.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
            page.screenshot(path=tmp_path / f"stock_{user}_{width}.png")
            page.goto(f"{place.url}/console/lists/{number}/stock")
            page.screenshot(path=tmp_path / f"stock_{user}_{width}_full.png", full_page=True)
            assert [said for said in complaints if "sandbox" not in said.lower()] == []
    assert left(place)[f"county:{HERE}"] == 6
