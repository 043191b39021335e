"""The hand-out page on a phone: without a network it goes on, with one it sends. And the officer's page inside Airflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from browsers import browser, leave
from console_office import HERE, THERE, Console
from handing_out import withdraw
from patience import PATIENCE, until
from phones import begin, code_for, found, locked_list, of_station, rows

STATION = "didi|北关站"
OTHERWISE = """store => {
    const kept = JSON.parse(localStorage.getItem(store)), event = JSON.parse(localStorage.getItem(`${store}-event`));
    kept.queue[0].who = event.who;
    delete kept.queue[1].holder;
    localStorage.setItem(store, JSON.stringify(kept));
}"""
"""Of two marks that wait: one of a station that is called like the one that is signed in, one as an earlier page kept it."""
MOVED = """([store, county, holder]) => {
    const kept = JSON.parse(localStorage.getItem(store)), event = JSON.parse(localStorage.getItem(`${store}-event`));
    Object.assign(kept.queue[0], { county, holder: holder || event.holder });
    localStorage.setItem(store, JSON.stringify(kept));
}"""
"""A mark that waits, made in that county by that holder, '' = by who is signed in: an officer has a code for each county."""
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> Iterator[int]:
    """A locked list of twelve people of two counties."""
    yield locked_list(place)
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("delete from use_stop"))


@pytest.fixture
def event(place: Console, number: int) -> int:
    return begin(place, number, county=HERE)


def stored(page: Any, number: int) -> dict[str, Any]:
    return dict(json.loads(page.evaluate(f"localStorage.getItem('handout-{number}')")))


def test_a_phone_hands_out_without_a_network_and_sends_when_it_is_back(
    place: Console, number: int, event: int, tmp_path: Path
) -> None:
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set reserve = 2 where event_id = :e"), {"e": event})
    first, second, third, *_ = rows(place, number)
    code = code_for(place, number, event)
    with browser() as driven:
        context = driven.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True, has_touch=True
        )
        context.set_default_timeout(PATIENCE * 1000)
        page, broken = context.new_page(), []
        page.on("console", lambda said: broken.append(said.text))
        page.on("pageerror", lambda error: broken.append(str(error)))

        def shot(name: str) -> None:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

        def look_up(asked: str) -> None:
            page.get_by_label("行号，或手机号码后四位").fill(asked)
            page.get_by_role("button", name="查找").click()

        page.goto(f"{place.url}/handout/{number}")
        page.get_by_role("heading", name="登录").wait_for()
        page.get_by_label("登录码").fill("AAAA-AAAA-AAAA")
        page.get_by_role("button", name="登录").click()
        page.get_by_text("登录码不对").wait_for()
        shot("1_wrong_code")
        page.goto("about:blank")
        page.goto(f"{place.url}/handout/{number}#{code}")
        page.get_by_text("自动结束").wait_for()
        assert page.url.endswith(f"/handout/{number}")
        shot("2_signed_in")
        look_up("9999")
        page.get_by_text("名单上没有您负责的这个人").wait_for()
        look_up(first)
        page.get_by_text("可领 1 份").wait_for()
        shot("3_found")
        page.get_by_role("button", name="领取", exact=True).click()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        page.get_by_text("自动结束").wait_for()

        context.set_offline(True)
        page.reload()
        page.get_by_text("没有网络：可以输入完整行号继续登记").wait_for()
        look_up("1234")
        page.get_by_text("没有网络时只能输入完整行号").wait_for()
        look_up(second)
        page.get_by_text("请对照纸质表核对本人").wait_for()
        shot("4_offline")
        page.get_by_role("button", name="领取", exact=True).click()
        look_up(third)
        page.get_by_role("button", name="缺席").click()
        page.get_by_role("button", name="发出 1 份").click()
        page.get_by_role("button", name="再按一次，确认发出 1 份").click()
        page.get_by_label("站点负责人代签").check()
        page.get_by_role("button", name="签收 2 人").click()
        page.get_by_text("尚未送出：4 条").wait_for()
        shot("5_signed_offline")
        kept = stored(page, number)
        assert {one["row"] for one in kept["queue"]} == {first, second, third, ""} and not found(place, number)
        everything = page.evaluate("JSON.stringify(localStorage)")
        assert all(word not in everything for word in ("*", 'name\\":\\"王'))
        assert not re.search(r"(?<![0-9a-f-])1[3-9]\d{9}(?![0-9a-f-])", everything), (
            "no mobile; keys are drawn by chance"
        )

        withdraw(place.office, number, second)  # type: ignore[arg-type]
        context.set_offline(False)
        page.get_by_text("尚未送出").wait_for(state="hidden")
        page.get_by_role("heading", name="请注意", exact=True).wait_for()
        page.get_by_text("请不要再联系本人").wait_for()
        shot("6_told_of_who_withdrew")
        page.get_by_role("button", name="知道了").click()
        counted = {first: ("full", 1), second: ("full", 1), third: ("none", 0)}
        until("all marks to be counted", lambda: found(place, number) == counted)
        walk_ins = "select count(*) from handout_entry where row_id is null"
        until("the walk-in to be counted", lambda: place.office.one(walk_ins) == 1)
        assert place.office.one("select count(distinct signing_id) from handout_entry where signer = 'head'") == 1
        page.get_by_text("预留 2 份，已发 1 份").wait_for()
        look_up(first)
        page.get_by_text("已登记：已领").wait_for()
        shot("7_counted")

        _signs_in_again(place, number, event, page)
        shot("8_signed_in_again")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=tmp_path / "9_wide.png", full_page=True)
    expected = ("401", "422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    assert [said for said in broken if not any(word in said for word in expected)] == []


def _signs_in_again(place: Console, number: int, event: int, page: Any) -> None:
    """The sign-in is revoked while something waits: it is kept, and sent after a new code."""
    fourth = rows(place, number)[3]
    page.get_by_label("行号，或手机号码后四位").fill(fourth)
    page.get_by_role("button", name="查找").click()
    pass_id = place.office.one("select max(pass_id) from handout_pass")
    page.get_by_role("button", name="拒领").wait_for()
    assert place.post(f"/console/lists/{number}/handout/revoke", "county", {"pass": pass_id}).status_code == 303
    page.get_by_role("button", name="拒领").click()
    page.get_by_role("heading", name="登录").wait_for()
    page.get_by_text("尚未送出：1 条").wait_for()
    page.get_by_label("登录码").fill(code_for(place, number, event))
    page.get_by_role("button", name="登录").click()
    until("the mark that waited to be counted", lambda: found(place, number).get(fourth) == ("refused", 0))


def test_marks_of_one_station_wait_on_the_phone_for_its_own_code(
    place: Console, number: int, event: int, tmp_path: Path
) -> None:
    """A head marks two people without a network, the sign-in ends, and the head of another station signs in on that phone."""
    mine = of_station(place, number)[:2]
    query = "select distinct station from target_row where list_id = :n and selected and county = :c and station <> '北关站'"
    other = place.office.ask(query, n=number, c=HERE)[0][0]
    with browser() as driven:
        context = driven.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()

        def sign_in(code: str) -> None:
            page.get_by_role("heading", name="登录").wait_for()
            page.get_by_label("登录码").fill(code)
            page.get_by_role("button", name="登录").click()
            page.get_by_text("自动结束").wait_for()

        page.goto(f"{place.url}/handout/{number}")
        sign_in(code_for(place, number, event, STATION))
        context.set_offline(True)
        for row in mine:
            page.get_by_label("行号，或手机号码后四位").fill(row)
            page.get_by_role("button", name="查找").click()
            page.get_by_role("button", name="领取", exact=True).click()
        page.get_by_label("站点负责人代签").check()
        page.get_by_role("button", name="签收 2 人").click()
        page.get_by_text("尚未送出：2 条").wait_for()
        pass_id = place.office.one("select max(pass_id) from handout_pass")
        assert place.post(f"/console/lists/{number}/handout/revoke", "county", {"pass": pass_id}).status_code == 303
        context.set_offline(False)

        sign_in(code_for(place, number, event, f"didi|{other}"))
        page.get_by_role("heading", name="别的站点的登记").wait_for()
        page.get_by_text("北关站：2 条").wait_for()
        page.get_by_text("尚未送出").wait_for(state="hidden")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.screenshot(path=tmp_path / "others.png", full_page=True)
        theirs = of_station(place, number, other)[0]
        page.get_by_label("行号，或手机号码后四位").fill(theirs)
        page.get_by_role("button", name="查找").click()
        page.get_by_role("button", name="拒领").click()
        until("the second head's mark to be counted", lambda: found(place, number) == {theirs: ("refused", 0)})
        left = "the phone to let go of what was counted, and the first head's marks to wait"
        until(left, lambda: {one["row"] for one in stored(page, number)["queue"]} == set(mine))
        assert page.get_by_text("没有计入").is_hidden()
        page.evaluate(OTHERWISE, f"handout-{number}")
        page.reload()
        page.get_by_text("登记时那个同名站点").wait_for()
        assert {one["row"] for one in stored(page, number)["queue"]} == set(mine), "not by the name that people read"
        holder = stored(page, number)["queue"][0]["holder"]
        page.evaluate(MOVED, [f"handout-{number}", THERE, ""])
        page.reload()
        page.get_by_text("登记时那个区县").wait_for()
        assert {one["row"] for one in stored(page, number)["queue"]} == set(mine), (
            "nobody's mark goes to another county"
        )
        page.evaluate(MOVED, [f"handout-{number}", HERE, holder])
        page.reload()
        page.get_by_text("登记时那个同名站点").wait_for()
        page.get_by_role("button", name="退出").click()

        sign_in(code_for(place, number, event, STATION))
        counted = {theirs: ("refused", 0)} | dict.fromkeys(mine, ("full", 1))
        until("the first head's marks to be counted", lambda: found(place, number) == counted)
        page.get_by_role("heading", name="别的站点的登记").wait_for(state="hidden")


@pytest.mark.slow  # test_to_the_hand does it on its way
def test_an_officer_begins_and_issues_a_code_inside_airflows_frame(place: Console, number: int, tmp_path: Path) -> None:
    with browser() as driven:
        for width in (390, 1280):
            page, complaints = place.window(driven, "county", width)
            page.goto(f"{place.url}/plugin/lists")
            frame = page.frame_locator("iframe")
            frame.locator(f'a[href$="/lists/{number}"]').first.click()
            frame.get_by_role("link", name="现场发放").click()
            if width == 390:
                frame.get_by_text("名单和物资已核对").check()
                leave(frame, frame.get_by_role("button", name="开始发放").click)
            frame.get_by_text("发放中").wait_for()
            frame.get_by_label("发给谁").select_option(STATION)
            leave(frame, frame.get_by_role("button", name="发登录码").click)
            frame.get_by_text("只显示这一次").wait_for()
            assert frame.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
            page.screenshot(path=tmp_path / f"code_{width}.png", full_page=True)
            frame.locator("html").evaluate("() => 0")
            assert [said for said in complaints if "sandbox" not in said.lower()] == []
