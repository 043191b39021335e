"""The page 问题反馈单 in the real console: what was sent, what waits, and a sealed file for the city's officer alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from browsers import browser
from console_office import Console
from drawn_lists import DAY
from letters import connect, faulty, lines, opened
from planted import found
from talentpool.services.letters import Outside, send_due


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    """A letter that an officer is to hand on, and one whose server is away."""
    for partner in ("sf", "postal"):
        listed.office.deliver("2026-11-15", faulty(), partner=partner)
    send_due(listed.office, Outside(connect, print), DAY, datetime.now(UTC))
    return listed


def number(place: Console) -> str:
    return str(place.office.one("select letter_id from letter where partner = 'sf'"))


def test_what_waits_and_what_was_not_sent_is_shown_without_a_value(place: Console) -> None:
    page = place.visit("/console/letters", "city").text
    assert "待下载转交" in page and "未送达" in page and "对方的服务器连不上" in page
    assert found(page.encode()) == set() and "/console/letters" in place.visit("/console/quality", "city").text
    assert "/letters/download" not in place.visit("/console/letters", "auditor").text, "who looks only looks"
    for user in ("county", "nobody"):
        assert place.visit("/console/letters", user).status_code == 403
    assert "反馈单未送达" in place.visit("/console/alerts", "city").text


def test_the_page_of_a_delivery_says_how_its_letter_stands(place: Console) -> None:
    sent = place.office.one("select delivery_id from letter where partner = 'sf'")
    city = place.visit(f"/console/scores/delivery/{sent}", "city").text
    assert "问题反馈单：待下载转交" in city and "/console/letters" in city
    assert "问题反馈单" not in place.visit(f"/console/scores/delivery/{sent}", "county").text


def test_the_citys_officer_takes_a_sealed_letter_out_on_record(place: Console) -> None:
    sure = {"letter": number(place), "sure": "yes"}
    for user in ("approver", "auditor", "operator", "county"):
        assert place.post("/console/letters/download", user, sure).status_code == 403, user
    assert place.post("/console/letters/download", "city", {"letter": number(place)}).status_code == 422
    assert place.post("/console/letters/download", "city", {"letter": "99999", "sure": "yes"}).status_code == 404
    taken = place.post("/console/letters/download", "city", sure)
    assert taken.status_code == 200 and "letter_sf_" in taken.headers["content-disposition"]
    assert lines(opened(taken.content)) and found(taken.content) == set()
    assert place.office.ask("select way, sent_by from letter_sending where sent") == [("page", "city")]
    log = place.office.ask(
        "select subject, details->>'download' from audit_log where action = 'export' and actor = 'city'"
    )
    assert log[-1][1] == "true" and log[-1][0].startswith("delivery:")
    assert "已送出（页面下载转交）" in place.visit("/console/letters", "city").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_page_fits_the_screen(place: Console, tmp_path: Path, width: int) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(f"{place.url}/console/letters")
        page.screenshot(path=str(tmp_path / f"letters{width}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []
