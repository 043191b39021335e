"""查人 and the pages it leads to, inside the real Airflow API server: nobody's number can be tried out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from approvals import unapproved
from browsers import browser
from console_office import AS_OF, HERE, THERE, Console
from guessing import FEW, least_left
from rosters import person
from talentpool.campaigns import draw
from talentpool.office import Office


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


def test_no_page_shows_digits_that_leave_few_numbers_to_try(place: Console) -> None:
    somebody, whole = place.person_of(HERE), person(1)["document_no"]
    pages = [
        place.visit(path, "county").text for path in (f"/console/people/{somebody}", f"/console/review/{place.pair()}")
    ]
    searches = ({"by": "document", "value": whole}, {"by": "name", "value": person(1)["name"], "county": HERE})
    pages += [place.search("county", fields).text for fields in searches]
    for page in pages:
        assert least_left(page, whole) >= FEW


def test_who_tries_numbers_is_told_when_the_search_is_open_again_and_shown_to_the_auditor(place: Console) -> None:
    def tried(number: int) -> tuple[int, str]:
        answer = place.search("other_county", {"by": "mobile", "value": f"1398765{number:04d}"})
        return answer.status_code, answer.text

    assert "今日还剩" in tried(0)[1]
    answers = [tried(number) for number in range(1, 12)]
    assert answers[-1][0] == 429 and "00:00 起可以再按号码查找" in answers[-1][1]
    named = place.search("other_county", {"by": "name", "value": "查无此", "county": THERE})
    assert named.status_code == 200
    assert "可能在试号码" in place.visit("/console/audit", "auditor").text


def test_results_are_an_address_of_the_one_who_searched_and_tell_no_name(place: Console) -> None:
    name, both = person(1)["name"], {"by": "name", "value": person(1)["name"], "county": ""}
    sent = place.post("/console/people", "city", both)
    address = sent.headers["location"]
    assert sent.status_code == 303 and quote(name) not in address and name not in sent.text
    found = place.visit(address, "city")
    assert found.status_code == 200 and found.text.count('class="masked">韩**') == 2 and name not in found.text
    assert place.visit(address, "city").text == found.text, "it can be come back to"
    token = address.split("found=")[1]
    for other in ("approver", "county"):
        assert "查找结果已过期" in place.visit(address, other).text
    for broken in (token[:-4], "x" * 40, "%00", "" + "A" * 9000):
        assert "masked" not in place.visit(f"/console/people?found={broken}", "city").text
    (somebody,) = set(re.findall(r"/people/([0-9a-f-]{36})\?found=", found.text))
    assert "还没有哪一期活动的名单考虑过此人" in place.visit(f"/console/people/{somebody}", "city").text
    settings = place.office.settings
    draw(
        Office(place.office.engine, settings, place.office.keys),
        unapproved(settings),
        AS_OF,
    )
    shown = place.visit(f"/console/people/{somebody}?found={token}", "city").text
    assert f'/console/people?found={token}">返回结果</a>' in shown
    assert "暖冬行动（2026 年）" in shown and "草稿" in shown and "不在名单：年龄不在本次活动范围内" in shown
    assert "返回结果" not in place.visit(f"/console/people/{somebody}?found=x", "city").text
    own = place.search("county", both).text
    assert own.count('class="masked">韩**') == 1 and "城东站" not in own, (
        "nobody's side grows by leaving the county open"
    )
    refused = place.post("/console/people", "county", both | {"county": THERE})
    assert refused.status_code == 422
    seen = place.office.ask(
        "select details::text from audit_log where action = 'view' and subject = :who", who=f"person:{somebody}"
    )
    assert '"lists": 1' in seen[-2][0]
    assert name not in str(place.office.ask("select subject, reason, details::text from audit_log"))


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_whoever_has_used_up_the_misses_reads_when_to_search_again(place: Console, width: int, tmp_path: Path) -> None:
    tries = ({"by": "mobile", "value": f"1397654{number:04d}"} for number in range(20))
    assert any(place.search("approver", fields).status_code == 429 for fields in tries)
    with browser() as driven:
        page, _ = place.window(driven, "approver", width)
        page.goto(f"{place.url}/console/people")
        form = page.locator("form", has=page.locator("input[name=by][value=document]"))
        form.locator("input[name=value]").fill(person(1)["document_no"])
        form.get_by_role("button").click()
        page.get_by_text("起可以再按号码查找").wait_for()
        page.screenshot(path=tmp_path / f"misses_{width}.png")
        assert page.locator("td.masked").count() == 0
        form = page.locator("form", has=page.locator("input[name=by][value=name]"))
        form.locator("input[name=value]").fill(person(1)["name"])
        form.locator("select").select_option(HERE)
        form.get_by_role("button").click()
        page.locator("td.masked").first.wait_for()
        page.screenshot(path=tmp_path / f"found_{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("link", name="查看").first.click()
        page.get_by_role("heading", name="人员详情").wait_for()
        page.screenshot(path=tmp_path / f"person_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if width > 1000:  # the same inside Airflow's frame, where a form's answer cannot be come back to
            page.goto(f"{place.url}/plugin/people")
            _there_and_back(page, page.frame_locator("iframe"))
        page.context.close()


def _there_and_back(page: Any, frame: Any) -> None:
    form = frame.locator("form", has=page.locator("input[name=by][value=name]"))
    form.locator("input[name=value]").fill(person(1)["name"])
    form.get_by_role("button").click()
    for way in (lambda: page.evaluate("history.back()"), frame.get_by_role("link", name="返回结果").click):
        frame.locator("td.masked").first.wait_for()
        frame.get_by_role("link", name="查看").first.click()
        frame.get_by_role("heading", name="人员详情").wait_for()
        way()
    frame.locator("td.masked").first.wait_for()
    assert person(1)["name"] not in "".join(child.url for child in page.frames)
