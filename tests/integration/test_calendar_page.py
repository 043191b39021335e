"""年度活动日历 inside the real Airflow API server: the year as each role reads it, and days that the city makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api_servers import ApiServer
from browsers import browser
from console_office import Console
from talentpool.campaigns.planning.dates import dates
from talentpool.declare import load_campaign
from talentpool.declare.occasion import turn_of
from talentpool.guard import verify
from talentpool.model import cancelled_round, holiday, notice, target_list

TODAY = date(2027, 2, 20)
PAGE, ACT = "/console/calendar", "/console/calendar/dates"


@pytest.fixture(scope="module")
def place(standing: ApiServer) -> Iterator[Console]:
    with standing.open(TALENTPOOL_TODAY=TODAY.isoformat()) as found:
        found.office.settings = found.office.settings.model_copy(update={"today": TODAY})
        yield found


def said(place: Console, user: str, path: str = PAGE) -> str:
    """What the page says, without its marks."""
    answer = place.visit(path, user)
    assert answer.status_code == 200, answer.text[-500:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text.partition("<main")[2]))


def on_record(place: Console) -> list[tuple[str, str, str]]:
    with place.office.engine.connect() as conn:
        return [(one.campaign, one.cycle, str(one.first_day)) for one in dates(conn)]


def test_the_year_says_what_is_due_when_and_what_is_missing(place: Console) -> None:
    city = said(place, "city")
    for code in ("warm_winter", "dragon_boat", "courier_letter", "summer_cooling"):
        campaign = load_campaign(place.office.settings.campaign_dirs, code)
        assert campaign.name in city and f"{turn_of(campaign, TODAY).first:%m-%d}" in city, code
    assert "没有 2027、2028 年的节假日表" in city
    assert "近 30 天要做的事" in city and "计划中" in city
    assert re.search(r"暖冬行动2027 年 12-22 周三 计划中 12-01 12-08 12-10 12-17原 12-19", city), city
    with place.office.engine.begin() as conn:
        conn.execute(holiday.insert(), [{"date": date(2027, 1, 1), "kind": "public holiday", "name": "元旦"},
                                        {"date": date(2027, 12, 8), "kind": "public holiday", "name": "临时"}])  # fmt: skip
    after = said(place, "city")
    assert "没有 2028 年的节假日表" in after
    assert "12-07原 12-08" in after, "the lock of 暖冬行动 moves with the office's table"


def test_who_would_be_reached_is_counted_and_a_county_reads_of_itself(place: Console) -> None:
    """With the notice in force the list has as many as the page said; the page names nobody."""
    found = {user: re.findall(r"交通安全日（用途 traffic_safety）([0-9,]+) 人", said(place, user))
             for user in ("city", "approver", "county", "other_county")}  # fmt: skip
    whole, here, there = (int(found[user][0]) for user in ("city", "county", "other_county"))
    assert found["approver"] == found["city"] and whole == here + there and here != there and here > 0
    assert "只计本区县" in said(place, "county") and "只计本区县" not in said(place, "city")
    with place.office.engine.begin() as conn:
        conn.execute(notice.insert().values(version="v1", purpose="traffic_safety", published_on=None))
    assert "交通安全日（用途" not in said(place, "city")
    from talentpool.campaigns import draw

    safety = load_campaign(place.office.settings.campaign_dirs, "traffic_safety")
    assert draw(place.office, safety, date(2026, 10, 31)).eligible == whole


def test_the_state_of_each_round_is_that_of_its_list(place: Console) -> None:
    facts = {"snapshot_id": place.office.one("select max(snapshot_id) from pool_snapshot"), "declaration_hash": "",
             "content_hash": "", "eligible": 0, "selected": 0, "excluded": {}, "passport": {}, "as_of": TODAY}  # fmt: skip
    with place.office.engine.begin() as conn:
        for cycle, state in (("2027-Q2", "draft"), ("2027-Q2", "void"), ("2027-Q3", "county_approved")):
            conn.execute(target_list.insert().values(campaign="courier_letter", cycle=cycle, state=state, **facts))
        off = {"campaign": "courier_letter", "cycle": "2027-Q4", "cancelled_by": "city", "reason": "x"}
        conn.execute(cancelled_round.insert().values(**off))
    text = said(place, "county")
    assert re.search(r"致快递小哥的一封信2027 年第 2 季度 04-15 周四 草稿", text), text
    assert re.search(r"致快递小哥的一封信2027 年第 3 季度 07-15 周四 区县已审", text)
    assert re.search(r"致快递小哥的一封信2027 年第 4 季度 10-15 周五 已取消", text)
    assert re.search(r"春节慰问2027 年 02-06 周六 已过，没有名单", said(place, "county")), (
        "its receipts are still to come"
    )


def test_a_round_is_added_in_two_steps_and_withdrawn_by_the_signed_in_user(place: Console) -> None:
    fields = {"campaign": "warm_winter", "cycle": "", "first": "2027-03-22", "reason": "企业捐赠", "by": "王主任"}
    assert "加办一轮" in said(place, "city", f"{PAGE}?add=yes")
    preview = place.post(ACT, "city", fields)
    assert preview.status_code == 200 and "请核对后确认" in preview.text and "自成一轮" in preview.text
    assert (
        "2027-03-01 周一 早晨由系统拟定名单" in preview.text
        and "请留意" not in preview.text.partition("<main")[2].partition("</form>")[0]
    )
    near = place.post(ACT, "city", fields | {"first": "2027-12-24"})
    assert "还没有结束；两轮各算一轮" in near.text.partition("<main")[2].partition("</form>")[0]
    assert on_record(place) == [], "nothing is done before it is confirmed"
    sure = fields | {"sure": "yes"}
    for user in ("approver", "county", "auditor", "operator", "admin", "nobody"):
        assert place.post(ACT, user, sure).status_code == 403, user
    done = place.onward(place.post(ACT, "city", sure), "city").text
    assert "已加办" in done and "2027 年 3 月 22 日加办" in done
    assert on_record(place) == [("warm_winter", "2027-X0322", "2027-03-22")]
    again = place.post(ACT, "city", sure)
    assert again.status_code == 422 and "重叠" in again.text
    (number,) = place.office.ask("select date_id from campaign_date where made_by = 'city'")[0]
    undo = f"{ACT}/{number}/withdraw"
    assert "这一轮不再举办" in said(place, "city", f"{PAGE}?withdraw={number}")
    assert place.post(undo, "city", {"reason": "推迟"}).status_code == 422
    assert place.post(undo, "county", {"reason": "推迟", "sure": "yes"}).status_code == 403
    gone = place.onward(place.post(undo, "city", {"reason": "推迟", "sure": "yes"}), "city").text
    assert "已撤销" in gone and on_record(place) == []
    twice = place.post(undo, "city", {"reason": "推迟", "sure": "yes"})
    assert twice.status_code == 422 and "已由 city 撤销" in twice.text
    with place.office.engine.connect() as conn:
        assert verify(conn, place.office.keys, place.office.settings.audit_heads_file).whole
        acts = conn.execute(
            sa.text("select actor, reason from audit_log where subject = 'campaign:warm_winter' order by 1, 2")
        )
        assert acts.all() == [("city", "企业捐赠"), ("city", "推迟")]


def test_a_round_is_moved_and_the_page_says_from_where(place: Console) -> None:
    fields = {"campaign": "dragon_boat", "cycle": "2027", "first": "2027-06-07", "reason": "与厂家商定"}
    assert 'name="first"' in place.visit(f"{PAGE}?campaign=dragon_boat&cycle=2027", "city").text
    assert 'name="first"' not in place.visit(f"{PAGE}?campaign=dragon_boat&cycle=2027", "county").text
    preview = place.post(ACT, "city", fields).text
    assert "2027-06-09 周三" in preview and "2027-06-07 周一" in preview and "仍是2027 年这一轮" in preview
    assert "已改期" in place.onward(place.post(ACT, "city", fields | {"sure": "yes"}), "city").text
    assert "06-07 周一原 2027-06-09" in said(place, "county")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first": "2027-02-20"}, "已到或已过"),
        ({"first": "2027-03-01"}, "拟定日 2027-02-08 已到或已过；最早可定在 2027-03-14"),
        ({"first": "soon"}, "请选择活动"),
        ({"first": "2027-12-22"}, "重叠"),
        ({"reason": ""}, "请选择活动"),
        ({"campaign": "nothing"}, "请选择活动"),
        ({"cycle": "2099"}, "没有可以改期的轮次 2099"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_done(
    place: Console, fields: dict[str, str], words: str
) -> None:
    before = on_record(place)
    given = {"campaign": "warm_winter", "cycle": "", "first": "2027-05-05", "reason": "x"} | fields
    for sure in ({}, {"sure": "yes"}):
        answer = place.post(ACT, "city", given | sure)
        assert answer.status_code == 422 and words in answer.text, (fields, answer.text[-2000:])
    assert on_record(place) == before
    assert "没有第" in place.visit(f"{PAGE}?withdraw=999", "city").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_page_fits_desk_and_phone_and_works_under_its_policy(place: Console, width: int, tmp_path: Path) -> None:
    first = TODAY + timedelta(days=120 if width > 400 else 150)
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.set_viewport_size({"width": width, "height": 720 if width > 400 else 844})
        page.goto(f"{place.url}{PAGE}")
        page.screenshot(path=tmp_path / f"calendar_{width}.png")
        page.screenshot(path=tmp_path / f"calendar_{width}_whole.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="加办一轮").click()
        page.locator("select[name=campaign]").select_option("warm_winter")
        page.locator("input[name=first]").fill(first.isoformat())
        page.locator("input[name=reason]").fill("企业捐赠手套")
        page.screenshot(path=tmp_path / f"calendar_form_{width}.png")
        page.get_by_role("button", name="下一步").click()
        page.get_by_role("button", name="确认加办").wait_for()
        page.screenshot(path=tmp_path / f"calendar_sure_{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="确认加办").click()
        page.locator("section.alert.good h2").wait_for()
        page.screenshot(path=tmp_path / f"calendar_done_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert complaints == []
        page.context.close()
    assert ("warm_winter", f"2027-X{first:%m%d}", first.isoformat()) in on_record(place)
