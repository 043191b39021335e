"""查人 and the pages it leads to, inside the real Airflow API server: nobody's number can be tried out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, THERE, Console, console
from guessing import FEW, least_left
from rosters import person


@pytest.fixture(scope="module")
def place(server_url: str) -> Iterator[Console]:
    with console(server_url) as found:
        yield found


def test_no_page_shows_digits_that_leave_few_numbers_to_try(place: Console) -> None:
    somebody, whole = place.person_of(HERE), person(1)["document_no"]
    pages = [
        place.visit(path, "county").text for path in (f"/console/people/{somebody}", f"/console/review/{place.pair()}")
    ]
    searches = ({"by": "document", "value": whole}, {"by": "name", "value": person(1)["name"], "county": HERE})
    pages += [place.post("/console/people", "county", fields).text for fields in searches]
    for page in pages:
        assert least_left(page, whole) >= FEW


def test_who_tries_numbers_is_told_when_the_search_is_open_again_and_shown_to_the_auditor(place: Console) -> None:
    def tried(number: int) -> tuple[int, str]:
        answer = place.post("/console/people", "other_county", {"by": "mobile", "value": f"1398765{number:04d}"})
        return answer.status_code, answer.text

    assert "今日还剩" in tried(0)[1]
    answers = [tried(number) for number in range(1, 12)]
    assert answers[-1][0] == 429 and "00:00 起可以再按号码查找" in answers[-1][1]
    named = place.post("/console/people", "other_county", {"by": "name", "value": "查无此", "county": THERE})
    assert named.status_code == 200
    assert "可能在试号码" in place.visit("/console/audit", "auditor").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_whoever_has_used_up_the_misses_reads_when_to_search_again(place: Console, width: int, tmp_path: Path) -> None:
    tries = ({"by": "mobile", "value": f"1397654{number:04d}"} for number in range(20))
    assert any(place.post("/console/people", "approver", fields).status_code == 429 for fields in tries)
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
        page.context.close()
