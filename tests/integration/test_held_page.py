"""The page of a held roster with its charts, and the page of bounds, in the real console, as the city and as a county."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from browsers import browser
from console_office import Console
from histories import DAYS, live_through

MONTHS = 7
FORM = {"partner": "meituan", "kind": "full", "bound": "removals,,"}


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    """A partner with seven months, and an eighth of which a quarter is missing and some mobiles are gone."""
    month = live_through(listed.office, MONTHS, partner="meituan")
    thin = [row | {"mobile": ""} if at < 20 else row for at, row in enumerate(month[45:])]
    assert listed.office.deliver(DAYS[MONTHS], thin, partner="meituan").status == "held"
    return listed


def number_of(place: Console) -> int:
    return int(place.office.one("select delivery_id from delivery where state = 'held' and partner = 'meituan'"))


def test_the_city_sees_history_and_people_and_a_county_its_own_part(place: Console) -> None:
    number = number_of(place)
    city, county = (place.visit(f"/console/held/{number}", user) for user in ("city", "county"))
    findings = city.text.split('<ul class="findings">')[1].split("</ul>")[0]
    assert findings.count("<li>") == findings.count("<svg") >= 4
    assert "历史限值（前 6 次的中位数" in findings and "上限 8.8%" in findings
    assert "按所选决定" in city.text and "新增 2 人，离开 49 人" in city.text
    assert county.status_code == 200 and "<form" not in county.text.split("<main")[1]
    own = county.text.split('<ul class="findings">')[1].split("</ul>")[0]
    assert own.count("<li>") == 1 and "140425" in own and "140403" not in county.text
    assert "另有" in county.text and "按所选决定" not in county.text
    assert place.visit(f"/console/held/{number}", "approver").status_code == 403
    assert place.visit("/console/held/1", "county").status_code == 404, "never held"
    assert place.post(f"/console/held/{number}", "county", {"choice": "all", "reason": "x"}).status_code == 403


def test_the_chart_of_a_question_is_a_picture_of_our_own(place: Console) -> None:
    number = number_of(place)
    answer = place.visit(f"/console/held/{number}/chart/0.svg", "city")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.text)
    assert "本次" in root.attrib["aria-label"] and len(root.findall(".//{*}circle")) == MONTHS + 2
    assert place.visit(f"/console/held/{number}/chart/99.svg", "city").status_code == 404
    assert place.visit(f"/console/held/{number}/chart/0.svg", "county").status_code == 403


def test_a_bound_is_pinned_moved_and_released_on_the_page(place: Console) -> None:
    path = "/console/bounds?partner=meituan&kind=full&bound=removals,,"
    page = place.visit(path, "city").text
    assert "前 6 次的中位数 1.3%" in page and "还没有固定过限值" in page
    assert place.visit(path, "county").status_code == 403
    for wrong, said in (({"high": "x"}, "限值应填写数字"), ({"high": ""}, "请填写上限"), ({"high": "-1"}, "限值应在"),
                        ({"high": "30", "note": ""}, "请写明")):  # fmt: skip
        answer = place.post("/console/bounds", "city", FORM | {"act": "pin", "note": "撤并", "seen": "0"} | wrong)
        assert answer.status_code == 422 and said in answer.text
    word = FORM | {"act": "pin", "high": "30%", "note": "网点撤并", "seen": "0"}
    assert place.post("/console/bounds", "city", word).status_code == 303
    assert place.post("/console/bounds", "city", word).status_code == 422, "made beside another pin"
    page = place.visit(path, "city").text
    assert "现由 city 固定：网点撤并" in page and "不超过 30%" in page
    (seen,) = re.findall(r'name="seen" value="(\d+)"', page)
    assert (
        place.post("/console/bounds", "city", FORM | {"act": "release", "note": "已完成", "seen": seen}).status_code
        == 303
    )
    assert place.office.ask("select high, said_by, role, note from bound_pin order by pin_id") == [
        (0.3, "city", "city_officer", "网点撤并"), (None, "city", "city_officer", "已完成")
    ]  # fmt: skip
    audited = "select details ->> 'choice', actor, reason from audit_log where subject = :bound order by seq"
    assert place.office.ask(audited, bound="bound:meituan:full:removals") == [
        ("pin", "city", "网点撤并"),
        ("release", "city", "已完成"),
    ]


@pytest.mark.parametrize(("partner", "most"), [("meituan", "30,000"), ("sf", "10,000")])
def test_the_declared_rows_of_a_partner_stand_on_the_page_of_bounds_as_an_estimate(
    place: Console, partner: str, most: str
) -> None:
    page = place.visit(f"/console/bounds?partner={partner}&kind=full", "city").text
    assert f"不超过 {most} 行；超出时整份搁置" in page and "估计数，请市级专员与合作单位核实" in page


@pytest.mark.browser
def test_the_pages_fit_and_nothing_complains(place: Console, tmp_path: Path) -> None:
    number = number_of(place)
    with browser() as driven:
        for user, paths in (
            ("city", (f"held/{number}", "bounds?partner=meituan&kind=full")),
            ("county", (f"held/{number}",)),
        ):
            for width in (1280, 390):
                page, complaints = place.window(driven, user, width)
                page.set_viewport_size({"width": width, "height": 720})
                for path in paths:
                    page.goto(f"{place.url}/console/{path}")
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, (user, width, path)
                    shot = re.sub(r"\W+", "_", path)
                    page.screenshot(path=tmp_path / f"{user}_{shot}_{width}.png", full_page=True)
                assert complaints == []
