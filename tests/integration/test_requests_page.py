"""撤回与查阅: registered by the county, confirmed by a second person of the city, and never by one click."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, THERE, Console
from rosters import person


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


def test_a_withdrawal_stops_use_at_once_and_a_second_person_confirms_the_erasure(place: Console) -> None:
    somebody = place.person_of(HERE)
    form = place.visit(f"/console/requests?person={somebody}", "county").text
    assert "立即停止使用" in form and "<button" not in form.split("<main")[1], "what it does comes before any button"
    fields = {"person": somebody, "kind": "withdraw", "received_on": "2026-11-01", "reason": "本人到访"}
    for wrong in ({"kind": ""}, {"kind": "restore"}, {"reason": ""}, {"received_on": "2999-01-01"}, {"identity": "x"}):
        assert place.post("/console/requests", "county", fields | wrong).status_code == 422, wrong
    for user in ("other_county", "approver", "auditor", "nobody"):
        assert place.post("/console/requests", user, fields).status_code in (403, 404), user
    path = place.post("/console/requests", "county", fields).headers["location"]
    page = place.visit(path, "county").text
    assert "已停止使用" in page and "2026 年 11 月 16 日" in page and "信息尚未删除" in page
    assert place.visit(f"/console/people/{somebody}", "city").status_code == 404
    assert place.visit(path, "other_county").status_code == 404
    assert place.post(f"{path}/confirm", "approver", {"sure": "yes"}).status_code == 422, "nobody verified who asks"
    assert place.post(f"{path}/identity", "county", {"identity": "x"}).status_code == 422
    place.onward(place.post(f"{path}/identity", "county", {"identity": "in_person"}), "county")
    assert place.post(f"{path}/confirm", "county", {"sure": "yes"}).status_code == 403
    assert "确认删除" in place.visit(path, "approver").text and "拒绝" not in place.visit(path, "approver").text
    assert place.post(f"{path}/confirm", "approver", {}).status_code == 422
    assert place.post(f"{path}/revoke", "city", {"why": "mistake"}).status_code == 422, "it was not the city's mistake"
    done = place.onward(place.post(f"{path}/confirm", "approver", {"sure": "yes"}), "approver")
    assert "已办结" in done.text
    assert place.office.one("select count(*) from record_person where person_id = :p", p=somebody) == 0
    assert place.post(f"{path}/revoke", "county", {"why": "mistake"}).status_code == 422
    for number in ("0", "99999", "9" * 30):
        assert place.visit(f"/console/requests/{number}", "city").status_code == 404


def test_a_mistake_is_revoked_and_one_purpose_alone_can_be_left(place: Console) -> None:
    somebody = place.person_of(HERE)
    number, partner = place.office.ask(
        "select staff_no, partner from person_side where person_id = :p order by 1 limit 1", p=somebody
    )[0]
    by_number = {"partner": partner, "staff_no": number, "received_on": "2026-11-01", "reason": "本人来电"}
    missed = place.post("/console/requests", "other_county", by_number | {"kind": "withdraw"})
    assert missed.status_code == 422 and "没有这个人" in missed.text
    left = place.post("/console/requests", "city", by_number | {"kind": "opt_out", "purpose": "warm_winter"})
    assert "已生效" in place.onward(left, "city").text
    person_page = place.visit(f"/console/people/{somebody}", "county").text
    assert "不参加：暖冬行动" in person_page and left.headers["location"].split("/console")[1] in person_page
    wrong = place.post("/console/requests", "city", by_number | {"kind": "opt_out", "purpose": "nothing"})
    assert wrong.status_code == 422 and "不参加的活动" in wrong.text
    path = place.post("/console/requests", "city", by_number | {"kind": "withdraw"}).headers["location"]
    assert place.visit(f"/console/people/{somebody}", "city").status_code == 404
    assert place.post(f"{path}/revoke", "county", {"why": "own_wish"}).status_code == 422
    again = place.onward(place.post(f"{path}/revoke", "city", {"why": "mistake"}), "city")
    assert "登记已撤销" in again.text
    assert place.visit(f"/console/people/{somebody}", "city").status_code == 200


def test_a_county_sees_of_whom_it_is_about_what_its_own_roster_says(place: Console) -> None:
    both = {"partner": "didi", "staff_no": "T00001", "received_on": "2026-11-01", "reason": "本人来电"}
    sent = place.post("/console/requests", "county", both | {"kind": "opt_out", "purpose": "warm_winter"})
    pages = {user: place.visit(sent.headers["location"], user).text for user in ("city", "county", "other_county")}
    assert "城东站" in pages["city"] and "北关站" in pages["city"]
    assert "北关站" in pages["county"] and "城东站" not in pages["county"]
    assert "城东站" in pages["other_county"] and "北关站" not in pages["other_county"]
    assert all("140199" not in page and person(1)["mobile"] not in page for page in pages.values())


def test_a_copy_leaves_under_a_password_or_on_paper_and_never_before_the_identity(place: Console) -> None:
    fields = {"person": place.person_of(THERE), "kind": "access", "received_on": "2026-11-01", "reason": "本人到访"}
    path = place.post("/console/requests", "city", fields | {"on_paper": "no"}).headers["location"]
    assert place.post(f"{path}/copy", "city", {"password": "x" * 20}).status_code == 422
    for unsaid in ("", "maybe"):
        assert place.post("/console/requests", "city", fields | {"on_paper": unsaid}).status_code == 422
    other = place.post("/console/requests", "city", fields | {"on_paper": "yes"})
    number = path.rsplit("/", 1)[1]
    assert other.status_code == 422 and f"第 {number} 号查阅申请" in other.text and f'requests/{number}">' in other.text
    page = place.onward(place.post(f"{path}/identity", "city", {"identity": "written"}), "city").text
    short = place.post(f"{path}/copy", "city", {"password": "short"})
    assert short.status_code == 422 and "口令太短" in short.text and "已变化" not in short.text
    (password,) = set(re.findall(r'name="password" value="([^"]+)"', page))
    for user in ("approver", "county", "auditor"):
        assert place.post(f"{path}/copy", user, {"password": password}).status_code in (403, 404)
    copy = place.post(f"{path}/copy", "city", {"password": password})
    assert copy.status_code == 200 and "attachment" in copy.headers["content-disposition"]
    assert copy.content[:4] == b"\xd0\xcf\x11\xe0", "an encrypted Office file is no ZIP"
    assert place.post(f"{path}/copy", "city", {"password": password}).status_code == 422, "handed out once"
    path = place.post("/console/requests", "city", fields | {"on_paper": "yes", "identity": "written"}).headers[
        "location"
    ]
    assert place.post(f"{path}/confirm", "city", {"sure": "yes"}).status_code == 422, (
        "who registered it confirms nothing"
    )
    place.onward(place.post(f"{path}/confirm", "approver", {"sure": "yes"}), "approver")
    assert place.post(f"{path}/copy", "city", {}).content[:5] == b"%PDF-"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_an_officer_clicks_from_the_person_to_the_erasure(place: Console, width: int, tmp_path: Path) -> None:
    somebody = place.person_of(HERE)
    with browser() as driven:
        page, complaints = place.window(driven, "county", width)
        page.goto(f"{place.url}/console/people/{somebody}")
        page.get_by_role("link", name="登记撤回").click()
        page.screenshot(path=tmp_path / "kinds.png", full_page=True)
        page.locator("dl.facts").get_by_role("link", name="撤回授权").click()
        page.get_by_label("说明").fill("本人到访")
        page.screenshot(path=tmp_path / "form.png", full_page=True)
        page.get_by_role("button", name="登记撤回，立即停止使用").click()
        page.get_by_text("已停止使用").wait_for()
        page.get_by_label("怎样核对的").select_option("in_person")
        page.get_by_role("button", name="记下已核对").click()
        page.get_by_text("等待市级人员确认").wait_for()
        page.screenshot(path=tmp_path / "registered.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        second, others = place.window(driven, "approver", width)
        second.goto(page.url)
        second.get_by_text("我已知悉").click()
        second.screenshot(path=tmp_path / "second.png", full_page=True)
        second.get_by_role("button", name="确认删除").click()
        second.get_by_text("此人的信息已全部删除").wait_for()
        second.screenshot(path=tmp_path / "done.png", full_page=True)
        page.reload()
        assert "此人的信息已全部删除" in page.inner_text("main") and complaints + others == []
        page.goto(f"{place.url}/console/requests")
        page.screenshot(path=tmp_path / "all.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
