"""A person asks why: the page says it of every campaign in the words of `talentpool explain target`, to whom it may be told."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from browsers import browser
from console_office import HERE, THERE, Console
from drawn_lists import YOUNG, draw_here, young
from list_acts import act, approve_all, forget
from talentpool.campaigns.explaining import explain_target
from talentpool.declare import load_campaign
from talentpool.office import Office
from talentpool.services.rights.subject import find


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


def of(place: Console, staff_no: str) -> UUID:
    with place.office.engine.connect() as conn:
        found = find(conn, place.office.keys, f"didi:{staff_no}").person
    assert found is not None
    return found


def told(place: Console, person: UUID) -> str:
    """What the command says of the newest list of 暖冬行动."""
    settings = place.office.settings
    with place.office.engine.connect() as conn:
        subject = find(conn, place.office.keys, str(person))
    office = Office(place.office.engine, settings, place.office.keys)
    return str(
        explain_target(office, load_campaign(settings.campaign_dirs, "warm_winter"), person, subject.records)["answer"]
    )


def test_it_says_of_every_campaign_what_the_command_says(place: Console) -> None:
    forget(place)
    somebody = of(place, young(YOUNG[0])["staff_no"])
    path = f"/console/people/{somebody}/lists"
    assert "还没有可以说明的名单" in place.visit(path, "county").text
    number = draw_here(place).list_id
    draw_here(place, code="health_check")
    for user in ("city", "approver", "county"):
        assert f'href="{path}"' in place.visit(f"/console/people/{somebody}", user).text
        page = place.visit(path, user).text
        assert told(place, somebody) in page and "暖冬行动" in page and "健康义诊" in page, user
        assert "在名单上" in page and "自 2026-10-31 起" in page and f"/console/lists/{number}" in page
        assert "还没有名单，或名单不在您的管理范围内" in page and "春节慰问" in page
        for value in young(YOUNG[0]).values():
            assert len(value) < 3 or value in ("网约车司机", "北关站", "城东站", HERE) or value not in page
    kept = place.office.ask(
        "select actor, reason from audit_log where subject = :s and reason = 'explain' order by seq",
        s=f"person:{somebody}",
    )
    assert kept == [("county", "explain"), ("city", "explain"), ("approver", "explain"), ("county", "explain")]
    seen = place.visit(f"/console/people/{somebody}", "county").text
    assert "说明是否在名单" in seen and ">explain<" not in seen


def test_who_is_not_on_it_reads_what_would_change_it(place: Console) -> None:
    forget(place)
    draw_here(place)
    old = place.office.one(
        "select person_id from target_row where reason = 'age_outside' and county = :c order by 1 limit 1", c=HERE
    )
    page = place.visit(f"/console/people/{old}/lists", "county").text
    assert "不在名单上" in page and "年龄不在本次活动范围内" in page and told(place, old) in page
    assert "不能改变，登记有误时更正出生日期" in page


def test_another_countys_person_is_none_and_another_countys_list_is_not_explained(place: Console) -> None:
    forget(place)
    draw_here(place)
    somebody = of(place, young(YOUNG[0])["staff_no"])
    for user in ("other_county", "auditor", "operator", "nobody"):
        answer = place.visit(f"/console/people/{somebody}/lists", user)
        assert answer.status_code == (404 if user == "other_county" else 403), user
        assert "暖冬行动（" not in answer.text
    both = of(place, "T00001")
    home = place.office.one("select county from target_row where person_id = :p", p=both)
    own, other = ("county", "other_county") if home == HERE else ("other_county", "county")
    assert home in (HERE, THERE)
    assert "不在名单上" in place.visit(f"/console/people/{both}/lists", own).text
    shown = place.visit(f"/console/people/{both}/lists", other)
    assert shown.status_code == 200 and "还没有可以说明的名单" in shown.text, "the home county explains it"


def test_a_persons_page_shows_the_history_of_care_to_whose_person_it_is(place: Console) -> None:
    forget(place)
    somebody, path = of(place, young(YOUNG[0])["staff_no"]), "/console/people/"
    number = draw_here(place).list_id
    nothing = "还没有哪份锁定的名单列入此人"
    assert nothing in place.visit(f"{path}{somebody}", "county").text, "a draft is no care"
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    assert "还没有回执</span>" in place.visit(f"{path}{somebody}", "county").text
    row = place.office.one("select row_id from target_row where list_id = :n and person_id = :p", n=number, p=somebody)
    given = {"row": row, "outcome": "full", "on": "2026-12-01", "reason": "电话核实已领", "sure": "yes"}
    assert place.post(f"/console/lists/{number}/receipts/correct", "city", given).status_code == 303
    for user in ("city", "county"):
        page = place.visit(f"{path}{somebody}", user).text
        care = page[page.index("<h3>关爱经过") : page.index("<h3>查看明文")]
        assert "暖冬行动（" in care and "已领</span>" in care and "2026-12-01" in care, user
        assert "更正，city，" in care and "理由：电话核实已领" in care and nothing not in care, user
    for user, status in (("other_county", 404), ("auditor", 403)):
        answer = place.visit(f"{path}{somebody}", user)
        assert answer.status_code == status and "电话核实已领" not in answer.text, user
    kept = place.office.ask(
        "select actor from audit_log where subject = :s and action = 'view' order by seq", s=f"person:{somebody}"
    )
    assert [actor for (actor,) in kept[-4:]] == ["county", "county", "city", "county"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_it_is_read_on_a_desk_and_on_a_phone(place: Console, width: int, tmp_path: Path) -> None:
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    draw_here(place, code="health_check")
    somebody = of(place, young(YOUNG[0])["staff_no"])
    with browser() as driven:
        page, complaints = place.window(driven, "county", width)
        page.goto(f"{place.url}/console/people/{somebody}")
        page.get_by_role("region", name="关爱经过").get_by_text("还没有回执").wait_for()
        page.screenshot(path=tmp_path / f"care_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name=re.compile("各项活动")).click()
        page.get_by_text("可以告诉本人").first.wait_for()
        page.screenshot(path=tmp_path / f"why_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and complaints == []
