"""What officers decide of lists on their page: the right person, the right share, the very list that was looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from asking import withdraw
from browsers import browser, leave
from console_office import AS_OF, HERE, THERE, Console
from drawn_lists import YOUNG, draw_here, young
from list_acts import act, approve_all, forget, state_of


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    forget(place)
    return draw_here(place).list_id


def given(place: Console, number: int) -> dict[str, str | None]:
    """County ('' = the city) -> who approved."""
    return dict(
        place.office.ask("select coalesce(county, ''), approved_by from list_step where list_id = :n", n=number)
    )


def refusals(place: Console, number: int, user: str) -> list[str]:
    found = place.office.ask(
        "select details ->> 'why' from audit_log where action = 'refused' and subject = :s and actor = :u order by seq",
        s=f"list:{number}", u=user,
    )  # fmt: skip
    return [why for (why,) in found]


def test_counties_then_the_city_then_the_officer(place: Console, number: int) -> None:
    early = act(place, number, "approve", "approver")
    assert early.status_code == 422 and "还有区县没有审批" in early.text
    waits = act(place, number, "lock", "city")
    assert waits.status_code == 409 and "还有审批" in waits.text and state_of(place, number) == "draft"
    approve_all(place, number)
    assert given(place, number) == {HERE: "county", THERE: "other_county", "": "approver"}
    page = place.visit(f"/console/lists/{number}", "city").text
    assert "确认锁定：12 人" in page
    assert act(place, number, "lock", "city").status_code == 303 and state_of(place, number) == "locked"
    late = act(place, number, "approve", "county")
    assert late.status_code == 409 and "情况已变化" in late.text
    past = place.visit(f"/console/lists/{number}", "approver").text.split("<h3>经过</h3>")[1]
    assert past.index("锁定") < past.index("approver，市级审批") < past.index("other_county，潞州区专员")
    assert (
        act(place, number, "close", "city", reason="已发完").status_code == 303 and state_of(place, number) == "closed"
    )


def test_nobody_decides_anothers_share_by_whatever_address_or_field(place: Console, number: int) -> None:
    for name in ("approve", "return"):
        answer = act(place, number, name, "county", county=THERE, comment="看看")
        assert answer.status_code == 403 and "不在您的管理范围内" in answer.text
    assert act(place, number, "approve", "city").status_code == 403, "city_officer is not asked for this list"
    for user in ("auditor", "operator", "admin", "nobody"):
        for name in ("approve", "return", "lock", "without", "cancel", "withdraw", "close", "download", "search"):
            assert act(place, number, name, user).status_code == 403, (user, name)
    for user in ("county", "approver"):
        for name in ("lock", "without", "cancel", "resume", "withdraw", "close"):
            assert act(place, number, name, user).status_code == 403, (user, name)
    assert set(given(place, number).values()) == {None} and state_of(place, number) == "draft"
    assert refusals(place, number, "county")[:2] == ["scope", "scope"] and "role" in refusals(place, number, "city")


def test_a_return_needs_a_comment_and_every_act_its_tick(place: Console, number: int) -> None:
    assert act(place, number, "return", "county", comment=" ").status_code == 422
    assert act(place, number, "approve", "county", sure="").status_code == 422
    assert act(place, number, "cancel", "city", reason="").status_code == 422
    assert act(place, number, "return", "county", comment="x" * 501).status_code == 422
    assert set(given(place, number).values()) == {None}
    act(place, number, "approve", "county")
    assert act(place, number, "return", "county", comment="看错了，少一个站点").status_code == 303
    assert given(place, number)[HERE] is None
    shown = place.visit(f"/console/lists/{number}", "county").text
    assert "看错了，少一个站点" in shown and "等您审批" in shown


def test_approvals_of_the_same_second_count_once_each(place: Console, number: int) -> None:
    users = ["county", "other_county", "county", "other_county"]
    with ThreadPoolExecutor(4) as four:
        answers = list(four.map(lambda user: act(place, number, "approve", user), users))
    assert {answer.status_code for answer in answers} == {303}
    assert given(place, number) == {HERE: "county", THERE: "other_county", "": None}
    assert state_of(place, number) == "county_approved"


@pytest.mark.parametrize("by", ["county", " COUNTY ", "ｃｏｕｎｔｙ"])
def test_who_drew_it_approves_nothing_however_spelt(place: Console, by: str) -> None:
    forget(place)
    number = draw_here(place, by).list_id
    assert "等您审批" not in place.visit(f"/console/lists/{number}", "county").text
    answer = act(place, number, "approve", "county")
    assert answer.status_code == 403 and "不同的人" in answer.text
    assert given(place, number)[HERE] is None and refusals(place, number, "county") == ["same_person"]


def test_one_person_does_not_approve_and_lock(place: Console, number: int) -> None:
    for user in ("county", "other_county"):
        act(place, number, "approve", user)
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql(
            "update list_step set approved_by = 'City', approved_as = 'city_approver', approved_at = now() "
            f"where list_id = {number} and county is null"
        )
        conn.exec_driver_sql(f"update target_list set state = 'city_approved' where list_id = {number}")
    answer = act(place, number, "lock", "city")
    assert answer.status_code == 403 and "不同的人" in answer.text and state_of(place, number) == "city_approved"


def test_what_is_another_list_by_now_is_not_decided(place: Console, number: int) -> None:
    for name, user in (("approve", "county"), ("without", "city"), ("lock", "city")):
        if name == "without":
            act(place, number, "approve", "county")
        if name == "lock":
            act(place, number, "approve", "other_county")
            act(place, number, "approve", "approver")
        answer = act(place, number, name, user, seen="0" * 64)
        assert answer.status_code == 409 and "情况已变化" in answer.text, name
    assert state_of(place, number) == "city_approved"


def test_a_list_that_is_gone_between_look_and_act_is_said_to_be(place: Console, number: int) -> None:
    looked = act(place, number, "approve", "county")
    assert looked.status_code == 303
    forget(place)
    again = draw_here(place, "another").list_id
    assert again != number
    gone = place.post(f"/console/lists/{number}/approve", "county", {"seen": "x", "sure": "yes"})
    assert gone.status_code == 404 and "编号会变" in gone.text
    withdraw(place.office, f"didi:{young(YOUNG[0])['staff_no']}", received_on=AS_OF, by="county", reason="本人到访")
    cut = place.post(f"/console/lists/{again}/approve", "county", {"seen": "x", "sure": "yes"})
    assert cut.status_code == 404, "a draft goes with whoever stood on it"
    third = draw_here(place).list_id
    assert act(place, third, "approve", "county").status_code == 303


def test_the_city_goes_on_without_a_silent_county_and_cancels_and_resumes(place: Console, number: int) -> None:
    early = act(place, number, "without", "city")
    assert early.status_code == 422 and "还没有一个区县审批过" in early.text
    act(place, number, "approve", "county")
    assert "不等未审批的区县" in place.visit(f"/console/lists/{number}", "city").text
    assert act(place, number, "without", "city", reason="限期已到").status_code == 303
    assert given(place, number) == {HERE: "county", "": None} and state_of(place, number) == "county_approved"
    assert "所在区县尚未审批" in place.visit(f"/console/lists/{number}?on=out", "city").text
    assert act(place, number, "cancel", "city", reason="改为现场慰问").status_code == 303
    assert state_of(place, number) == "cancelled" and "恢复本轮" in place.visit(f"/console/lists/{number}", "city").text
    assert act(place, number, "cancel", "city").status_code == 422
    assert "改为现场慰问" in place.visit(f"/console/lists/{number}", "county").text
    assert act(place, number, "resume", "city", reason="照常").status_code == 303
    assert state_of(place, number) == "county_approved"


def test_a_deputy_is_named_by_whose_place_it_is_and_acts_until_the_end(place: Console, number: int) -> None:
    def name(user: str, role: str, deputy: str, **more: str) -> Any:
        fields = {"role": role, "deputy": deputy, "first": "2026-12-01", "last": "2026-12-05", "sure": "yes"} | more
        return place.post("/console/lists/deputies", user, fields)

    assert name("county", f"county_officer_{THERE}", "city").status_code == 403
    assert name("city", "city_approver", "city").status_code == 403
    assert name("city", f"county_officer_{HERE}", "city", last="2020-01-01").status_code == 422
    assert name("city", f"county_officer_{HERE}", "city", last="x").status_code == 422
    assert name("other_county", f"county_officer_{THERE}", "city").status_code == 303
    page = place.visit("/console/lists/deputies", "city").text
    assert "潞州区专员" in page and "收回" in page
    assert "潞州区专员" not in place.visit("/console/lists/deputies", "county").text
    assert "潞州区" in place.visit(f"/console/lists/{number}", "city").text.split("这份名单")[0]
    assert act(place, number, "approve", "city", county=THERE).status_code == 303
    step = place.office.ask("select approved_by, approved_as from list_step where county = :c", c=THERE)
    assert step == [("city", f"deputy of county_officer_{THERE}")]
    one = place.office.one("select max(deputy_id) from deputy")
    for user, status in (("county", 403), ("other_county", 303), ("other_county", 422)):
        answer = place.post(f"/console/lists/deputies/{one}/end", user, {"sure": "yes"})
        assert answer.status_code == status, user
    seen_less = name("other_county", f"county_officer_{THERE}", "county")
    assert seen_less.status_code == 303
    assert act(place, number, "approve", "county", county=THERE).status_code == 403, "whom one does not see"


@pytest.mark.browser
def test_three_people_click_a_list_from_draft_to_locked(place: Console, number: int, tmp_path: Path) -> None:
    """Inside Airflow's frame: two counties on a phone, the city's approver and its officer at a desk."""
    with browser() as driven:
        for user, width, button in (("county", 390, "同意"), ("other_county", 390, "同意"), ("approver", 1280, "同意"),
                                    ("city", 1280, "锁定")):  # fmt: skip
            page, complaints = place.window(driven, user, width)
            page.goto(f"{place.url}/plugin/to_do")
            frame = page.frame_locator("iframe")
            frame.locator("main a", has_text="名单").first.click()
            frame.get_by_text("等您审批" if button == "同意" else "审批已齐").first.wait_for()
            form = frame.locator("form", has=frame.get_by_role("button", name=button, exact=True)).first
            page.screenshot(path=tmp_path / f"{user}_before_{width}.png")
            form.locator("input[type=checkbox]").check()
            leave(frame, form.get_by_role("button", name=button, exact=True).click)
            frame.get_by_text("已同意" if button == "同意" else "已锁定", exact=True).first.wait_for()
            page.screenshot(path=tmp_path / f"{user}_after_{width}.png")
            assert frame.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth"), user
            assert [said for said in complaints if "attempting navigation" in said] == []
            page.context.close()
    assert state_of(place, number) == "locked"
