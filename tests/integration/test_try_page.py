"""试算 inside the real Airflow API server: what it shows, in what words it refuses, and that only its record stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from browsers import browser, leave
from console_office import AS_OF, Console
from drawn_lists import YOUNG, draw_here, young
from list_acts import act, approve_all, forget
from talentpool.model import pool_snapshot

TRY = "/console/lists/try"
ASKED = {"campaign": "warm_winter", "as_of": AS_OF.isoformat()}
SHORT = ASKED | {"set.stock": "4", "set.unit_cost": "12.50"}
KEEPS = {"public.audit_log", "public.audit_end"}
"""What a look may write into: its record."""


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


def everything(place: Console) -> dict[str, list[str]]:
    """Every row of every table of ours, as text, but for the records of looks."""
    with place.office.engine.connect() as conn:
        tables = conn.scalars(
            sa.text(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'staging')"
            )
        ).all()
        return {
            name: sorted(map(str, conn.execute(sa.text(f"select * from {name}")).all())) for name in set(tables) - KEEPS
        }


def records(place: Console, user: str) -> list[tuple[str, str]]:
    found = place.office.ask(
        "select subject, details::text from audit_log where action = 'view' and actor = :u and details ? 'try' order by seq",
        u=user,
    )
    return [(subject, details) for subject, details in found]


def said(text: str) -> str:
    """A page without its marks, blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_it_is_reached_from_the_board_the_calendar_and_a_list_by_who_sees_the_city(place: Console) -> None:
    forget(place)
    number = draw_here(place).list_id
    link = f'href="{TRY}?campaign=warm_winter"'
    for path in ("/console/lists", "/console/calendar", f"/console/lists/{number}"):
        for user, there in (("city", True), ("approver", True), ("county", False)):
            assert (link in place.visit(path, user).text) == there, (path, user)
    page = place.visit(f"{TRY}?campaign=warm_winter", "approver")
    assert page.status_code == 200 and "试算：暖冬行动" in page.text and f"名单 {number}" in page.text
    for campaign in re.findall(r"lists/try\?campaign=(\w+)", place.visit("/console/calendar", "city").text):
        assert place.visit(f"{TRY}?campaign={campaign}", "city").status_code == 200, campaign
    for user in ("county", "auditor", "operator", "admin", "nobody"):
        assert place.visit(TRY, user).status_code == 403
        assert place.post(TRY, user, SHORT).status_code == 403


def test_a_look_runs_nothing_and_begins_with_the_day_that_has_a_pool(place: Console) -> None:
    forget(place)
    page = place.visit(f"{TRY}?campaign=warm_winter", "city").text
    assert "下一轮：2026 年" in page and "2026 年 12 月 1 日拟定名单" in page and "本轮还没有名单" in page
    assert f'<option value="{AS_OF}" selected>' in page and "还没有人才库，先用已有的试算" in page
    assert "声明：不限" in page and "声明：16 周岁" in page and "声明：未声明" in page
    assert "怎样成为草稿" in page and "试算不保存任何内容" in page and "试算结果" not in page
    assert (
        '<option value="2026-09-30" selected>'
        in place.visit(f"{TRY}?campaign=warm_winter&as_of=2026-09-30", "city").text
    )
    assert place.visit(f"{TRY}?campaign=nothing", "city").status_code == 404
    assert place.visit(f"{TRY}?campaign=warm_winter&as_of=x", "city").status_code == 200


def test_a_trial_says_who_gains_and_loses_and_leaves_nothing_but_its_record(place: Console) -> None:
    forget(place)
    draw_here(place)
    before, looks = everything(place), len(records(place, "city"))
    answer = place.post(TRY, "city", SHORT)
    assert answer.status_code == 200, answer.text[-800:]
    page = said(answer.text)
    assert "试算结果（没有保存）" in page and "物资总数（购买与捐赠合计） 4 份（声明：不限）" in page
    assert "符合条件 12 人，入选 4 人" in page
    assert "与现行声明相比：新入选 0 人，落选 8 人，不变 4 人" in page and "本活动没有上一轮已锁定的名单可比" in page
    assert "每份 12.50 元，共 4 份，合计 50.00 元" in page and "比现行声明 −100.00" in page
    assert answer.text.count("<svg ") >= 4 and 'aria-label="区县：现行声明与本次试算入选人数"' in answer.text
    assert "只抽签" in page and 'value="4"' in answer.text, "the form keeps what was filled in"
    assert everything(place) == before
    subject, details = records(place, "city")[-1]
    assert len(records(place, "city")) == looks + 1 and subject == "campaign:warm_winter" and "total: 4" in details
    seen = place.post("/console/audit", "auditor", {"action": "view", "actor": "city"}).text
    assert "活动 warm_winter" in seen


def test_the_last_cycle_is_compared_by_county_and_no_person_is_on_the_page(place: Console) -> None:
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    with place.office.engine.begin() as conn:  # as if it were the list of the year before
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.exec_driver_sql("update target_list set cycle = '2025'")
    text = place.post(TRY, "approver", ASKED | {"set.age_max": "20"}).text
    page = said(text)
    assert "与上一轮名单相比" in page and "2025 年" in page and f"名单 {number}" in page
    assert (
        "最大年龄 20 周岁（声明：35 周岁）" in page
        and "落选的人，现在为什么不在" in page
        and "年龄不在本次活动范围内" in page
    )
    assert "平顺县" in page and "潞州区" in page and "同一用途" not in page
    for one in map(young, YOUNG):
        for value in (one["name"], one["mobile"], one["document_no"], one["staff_no"]):
            assert value not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text), "no id of a person"


def test_a_wrong_setting_is_named_in_chinese_and_nothing_is_tried(place: Console) -> None:
    wrong = (
        ({"set.stock": "-1"}, "“物资总数（购买与捐赠合计）”请填 1 到 9999999 之间的整数"),
        ({"set.stock": "99999999999"}, "之间的整数"),
        ({"set.stock": "{a: 1}"}, "之间的整数"),
        ({"set.reserve": "20"}, "须同时填“物资总数”"),
        ({"set.age_min": "15"}, "16 到 100"),
        ({"set.age_min": "40"}, "“最小年龄”（40）大于“最大年龄”（35）"),
        ({"set.unit_cost": "1.234"}, "最多两位小数"),
        ({"set.order": "youngest"}, "请从列出的几种中选择"),
        ({"set.eligibility.party": "true"}, "不能试算的设定。可试的有：物资总数"),
        ({"as_of": "2026-10-30"}, "2026-10-30 还没有人才库"),
        ({"as_of": "yesterday"}, "请选择数据日期"),
        ({"campaign": "nothing"}, "请选择活动"),
    )
    users = ("city", "approver")
    looks = [len(records(place, user)) for user in users]
    for at, (given, words) in enumerate(wrong):  # in turn: trials are counted
        answer = place.post(TRY, users[at % 2], ASKED | given)
        assert answer.status_code == 422 and "没有试算" in answer.text and words in answer.text, given
        assert "--set" not in answer.text and "试算结果" not in answer.text
    assert [len(records(place, user)) for user in users] == looks


def test_what_is_not_yet_lawful_is_said_to_be_with_whom_it_would_reach(place: Console) -> None:
    answer = place.post(TRY, "approver", {"campaign": "spring_festival", "as_of": AS_OF.isoformat()})
    page = said(answer.text)
    assert answer.status_code == 200 and "尚不合法" in page and "最多可服务 12 人" in page
    assert "入选 0 人" in page and "授权时的告知书未包含本次活动用途" in page


def test_without_any_pool_there_is_nothing_to_try(place: Console) -> None:
    with place.office.engine.begin() as conn:
        conn.execute(pool_snapshot.update().values(void=True))
    try:
        page = place.visit(f"{TRY}?campaign=warm_winter", "city").text
        assert "还没有人才库，不能试算" in page and 'name="set.stock"' not in page
        answer = place.post(TRY, "city", ASKED)
        assert answer.status_code == 422 and "还没有人才库" in answer.text
    finally:
        with place.office.engine.begin() as conn:
            conn.execute(pool_snapshot.update().values(void=False))


@pytest.mark.browser
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_an_officer_tries_a_stock_by_clicking_inside_airflows_frame(place: Console, width: int, tmp_path: Path) -> None:
    forget(place)
    draw_here(place)
    with browser() as driven:
        page, complaints = place.window(driven, "approver", width)
        page.goto(f"{place.url}/plugin/lists")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="试算暖冬行动").click()
        frame.locator("input[name='set.stock']").fill("6")
        frame.locator("input[name='set.unit_cost']").fill("30")
        page.screenshot(path=tmp_path / f"form_{width}.png")
        leave(frame, frame.get_by_role("button", name="试算", exact=True).click)
        frame.get_by_text("试算结果（没有保存）").wait_for()
        assert frame.locator("svg[role=img]").first.is_visible()
        assert "合计 180.00 元" in frame.locator("#result").inner_text()
        assert frame.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")
        page.screenshot(path=tmp_path / f"result_{width}.png")
        whole, more = place.window(driven, "city", width)
        whole.goto(f"{place.url}{TRY}?campaign=warm_winter")
        whole.locator("input[name='set.stock']").fill("6")
        whole.locator("input[name='set.unit_cost']").fill("30")
        whole.get_by_role("button", name="试算", exact=True).click()
        whole.get_by_text("试算结果（没有保存）").wait_for()
        whole.screenshot(path=tmp_path / f"whole_{width}.png", full_page=True)
        assert [
            one for one in (*complaints, *more) if "attempting navigation" in one or "Content Security" in one
        ] == []
