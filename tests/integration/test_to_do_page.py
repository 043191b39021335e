"""待办: what waits for whom, in counts, each a link; and the way to it in Airflow's rail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, Console
from rosters import person

HELD = "搁置的名册"


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    """A roster that is held, and a person whose consent ended, beside the pair of twins."""
    gone = person(5, county=HERE, station="北关站") | {"notice_version": "撤回"}
    assert console.office.deliver("2026-10-02", [gone], kind="delta").status == "published"
    few = [person(n, county=HERE, station="北关站") for n in range(1, 4)]
    assert console.office.deliver("2026-10-31", few).status == "held"
    return console


def tasks(place: Console, user: str) -> dict[str, tuple[int, str]]:
    """Name -> (count, path) of what the page lists."""
    text = place.visit("/console/to_do", user).text
    found = re.findall(r'href="/console(/[a-z_]+)"><b class="n">([0-9,]+)</b><span><strong>([^ <]+)', text)
    return {name: (int(count.replace(",", "")), path) for path, count, name in found}


def test_each_role_reads_what_waits_for_it_and_every_way_opens(place: Console) -> None:
    city, county = tasks(place, "city"), tasks(place, "county")
    assert city[HELD] == (1, "/quality") and city["授权待核实"] == (1, "/consents") and city["复核"] == (1, "/review")
    assert county == {"授权待核实": (1, "/consents"), "复核": (1, "/review")}
    assert HELD in tasks(place, "approver") and "授权待核实" not in tasks(place, "approver")
    assert not tasks(place, "other_county") and "现在没有待办" in place.visit("/console/to_do", "other_county").text
    for user in ("city", "county", "approver", "auditor"):
        for _, path in tasks(place, user).values():
            assert place.visit(f"/console{path}", user).status_code == 200, (user, path)
    for user in ("operator", "nobody"):
        assert place.visit("/console/to_do", user).status_code == 403


def test_airflows_rail_shows_to_each_the_pages_that_open_to_them(place: Console) -> None:
    for user in ("city", "county", "auditor", "operator"):
        listed = place.visit("/api/v2/plugins", user).json()["plugins"]
        shown = [view["href"] for plugin in listed for view in plugin["external_views"]]
        assert len(shown) >= 2 and {place.visit(path, user).status_code for path in shown} == {200}, user


def test_airflows_page_is_dressed_for_whoever_is_signed_in(place: Console) -> None:
    """And marked for officers, with whatever a browser says it can unpack."""
    packed = {"headers": {"accept-encoding": "gzip, br"}}
    for user, found in (("county", (1, 1)), ("auditor", (1, 1)), ("operator", (1, 0)), (None, (0, 0))):
        page = place.visit("/plugin/to_do", user, **packed).text
        assert (page.count("console/static/rail.css"), page.count("<html data-office ")) == found, user


PLACES = """() => [...document.querySelectorAll('[data-testid=nav-sidebar] :is(a, button)')].map((one) => {
    const at = one.getBoundingClientRect();
    return [one.innerText.trim(), one.checkVisibility(), at.left, at.right, at.top, at.bottom] })"""
"""What stands in Airflow's rail: (name, whether it is shown, where)."""
CLOSED = {"county": {"首页", "资源", "文档"}, "city": {"首页", "资源", "文档"}, "operator": set()}


@pytest.mark.browser
def test_airflows_rail_shows_nothing_that_is_closed_and_fits_the_screen(place: Console) -> None:
    with browser() as driven:
        for user, closed in CLOSED.items():
            page, _ = place.window(driven, user, 1280)
            page.goto(place.url + "/plugin/quality")
            for width, height in ((1280, 720), (390, 844)):
                page.set_viewport_size({"width": width, "height": height})
                page.get_by_role("button", name="用户").wait_for()
                page.get_by_role("link", name="动态口令").wait_for()
                rail = {name: where for name, *where in page.evaluate(PLACES)}
                assert {name for name, (shown, *_) in rail.items() if name and not shown} == closed, user
                _, left, right, top, bottom = rail["用户"]
                assert 0 <= left < right <= width and 0 <= top < bottom <= height, (user, width)
                content = page.get_by_test_id("main-content").bounding_box()
                assert content["width"] == (width if width == 390 else width - 64), (user, width)
            page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_an_officer_begins_there_and_goes_on_by_a_click(place: Console, width: int, tmp_path: Path) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(place.url + "/")
        page.wait_for_url("**/plugin/to_do")
        frame = page.frame_locator("iframe")
        frame.get_by_role("heading", name="待办").wait_for()
        page.screenshot(path=tmp_path / f"to_do_{width}.png")
        frame.locator("main a", has_text="授权待核实").click()
        frame.get_by_role("heading", name="授权待核实").first.wait_for()
        assert not [one for one in complaints if "404" not in one and "sandbox" not in one]
        page.context.close()
