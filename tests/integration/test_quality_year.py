"""A year of one partner's rosters, as officers go through it in a browser.

From the overview to a rule and a county, a held roster decided from its charts, a row corrected, a letter handed on and
answered by a better roster.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from browsers import browser, leave
from console_office import HERE, THERE, Console
from drawn_lists import DAY
from letters import connect
from rosters import person
from talentpool.flow import finish
from talentpool.questions import asking
from talentpool.services.letters import Outside, send_due

DAYS = ["2025-12-28", *(f"2026-{month:02d}-28" for month in range(1, 12))]
MONTHS = len(DAYS)
WHY = "电话向单位核实"


def roster(month: int, *, faulty: int, thin: bool = False) -> list[dict[str, str]]:
    """A hundred and fifty people, of whom two come and go a month; some have no usable day of hire, in a thin one forty have
    no mobile."""
    rows = [
        person(n, county=HERE if n % 3 else THERE, station="一站") for n in range(1001 + 2 * month, 1151 + 2 * month)
    ]
    for row in rows[-faulty:] if faulty else []:
        row["hired_on"] = "2024-13-45"
    for row in rows[:40] if thin else []:
        row["mobile"] = ""
    return rows


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    """Eleven months that get better, and a twelfth that waits for the officer."""
    for month, day in enumerate(DAYS[:-1]):
        faulty = roster(month, faulty=12 - month)
        assert listed.office.deliver(day, faulty, partner="sf").status == "published", day
    held = listed.office.deliver(DAYS[-1], roster(MONTHS - 1, faulty=1, thin=True), partner="sf")
    assert held.status == "held" and held.delivery_id
    with asking(listed.office.engine, "roster__sf", "of_the_twelfth", "sf", held.delivery_id):
        pass
    return listed


def newest(place: Console, state: str) -> int:
    found = place.office.one(
        "select max(delivery_id) from delivery where partner = 'sf' and state = :state", state=state
    )
    return int(found)


@pytest.mark.browser
def test_officers_go_through_a_year_to_a_better_roster(place: Console, tmp_path: Path) -> None:
    held, published = newest(place, "held"), newest(place, "published")
    with browser() as driven:
        page, complaints = place.window(driven, "city", 1280)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{place.url}/console/scores?months=12")
        ways = {
            "顺丰速运": "顺丰速运的名册质量", f"交付 {published}": "逐行与逐值的规则",
            "入职日期不存在或格式不对": "没有问题的占比",
        }  # fmt: skip
        for link, there in ways.items():
            follow(page, link, there, tmp_path)
        points = page.locator("svg.spark").first.locator("circle, path, polyline").count()
        assert points, "a rule's year is drawn"
        page.goto(f"{place.url}/console/scores?months=12")
        follow(page, "平顺县", "工作区县是平顺县的行", tmp_path)

        page.goto(f"{place.url}/console/scores?months=12")
        follow(page, f"（交付 {held}）", "为什么搁置", tmp_path)
        assert page.locator(".findings svg").count() == page.locator(".findings li").count() >= 1
        page.get_by_label("全部入库").check()
        page.get_by_label("理由").fill(WHY)
        leave(page, page.get_by_role("button", name="按所选决定").click)
        page.get_by_text("已决定").first.wait_for()
        finish(place.office, place.office.partner("sf"), held, count=place.office.count)
        assert newest(place, "published") == held

        row = place.office.one("select row_no from quarantine where delivery_id = :d", d=held)
        own, more = place.window(driven, "county", 390)
        own.goto(f"{place.url}/console/quarantine/row?delivery={held}&row={row}")
        correct(own, tmp_path)
        assert own.evaluate("document.documentElement.scrollWidth") <= 390

        send_due(place.office, Outside(connect, print), DAY, datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC))
        page.goto(f"{place.url}/console/scores/delivery/{held}")
        follow(page, "问题反馈单：待下载转交", "待下载转交", tmp_path)
        form = page.locator("form", has=page.locator("input[name=letter]")).first
        page.locator("summary", has_text="下载转交").first.click()
        form.get_by_role("checkbox").check()
        with page.expect_download() as taken:
            form.get_by_role("button").click()
        assert taken.value.suggested_filename.startswith("letter_sf_")
        page.goto(f"{place.url}/console/scores/delivery/{held}")
        page.get_by_text("问题反馈单：已送出").wait_for()

        assert place.office.deliver("2026-11-30", roster(MONTHS - 1, faulty=0), partner="sf").status == "published"
        page.goto(f"{place.url}/console/scores/delivery/{newest(place, 'published')}")
        page.screenshot(path=tmp_path / "answered.png", full_page=True)
        mended = page.locator("tr", has_text="入职日期不存在或格式不对").inner_text()
        assert "−0.7 点" in mended and "通过" in mended
        opens_without_a_network(driven, place.visit("/console/scores?months=12&form=html", "city").text, tmp_path)
        assert complaints == [] == more


def opens_without_a_network(driven: Any, saved: str, shots: Path) -> None:
    """As somebody opens the file who was sent it."""
    (shots / "saved.html").write_text(saved, encoding="utf-8")
    away = driven.new_context(offline=True).new_page()
    asked: list[str] = []
    away.on("request", lambda request: asked.append(request.url))
    away.goto((shots / "saved.html").as_uri())
    assert away.locator("svg.spark").count() and away.get_by_role("heading", name="质量评分").count()
    away.screenshot(path=shots / "saved.png", full_page=True)
    assert len(asked) == 1, "itself alone"


def follow(page: Any, link: str, there: str, shots: Path) -> None:
    """Go by a link of the page itself, and see that it leads to what it says."""
    exact = not link.startswith("（")
    leave(page, page.locator("main").get_by_role("link", name=link, exact=exact).first.click)
    page.locator("main").get_by_text(there).first.wait_for()
    page.screenshot(path=shots / f"{len(list(shots.iterdir())):02d}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def correct(page: Any, shots: Path) -> None:
    """The row's day of hire, by the county's officer on a phone."""
    page.get_by_label("字段").select_option(label="入职日期")
    page.get_by_label("更正后的内容").fill("2024-03-05")
    page.locator("form[action$='/correct']").get_by_label("理由").fill(WHY)
    leave(page, page.get_by_role("button", name="更正并收下").click)
    page.screenshot(path=shots / "corrected.png", full_page=True)
    assert "已入库" in page.content()
