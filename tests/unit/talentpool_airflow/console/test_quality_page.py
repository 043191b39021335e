"""The page 数据质量: a date without figures is no page, and whoever asks for one page waits for no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from fastapi import HTTPException

from rosters import Office, person
from talentpool_airflow.console import state
from talentpool_airflow.console.pages import quality as page

SEPTEMBER = date(2026, 9, 30)


@pytest.fixture(autouse=True)
def no_page_is_kept() -> None:
    page._pages.clear()


def test_a_date_without_a_roster_or_a_pool_is_none_and_those_that_are_there_are_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver(SEPTEMBER.isoformat(), [person(n) for n in range(1, 12)])
    monkeypatch.setattr(state, "pipeline", lambda: office.engine)
    page._check_known(SEPTEMBER)
    with pytest.raises(HTTPException) as refused:
        page._check_known(SEPTEMBER + timedelta(days=1))
    assert refused.value.status_code == 404
    assert "没有这一天的报告" in refused.value.detail and "2026-09-30" in refused.value.detail


def test_one_page_is_drawn_once_and_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, drawn = Event(), Event(), []

    def slow(figures: Any) -> str:
        drawn.append(figures)
        if figures == SEPTEMBER:
            begun.set()
            assert go_on.wait(20)
        return f"page of {figures}"

    monkeypatch.setattr(page, "quality", lambda office, as_of: as_of)
    monkeypatch.setattr(page, "render", slow)
    with ThreadPoolExecutor(3) as threads:
        both = [threads.submit(page._quality_html, office, SEPTEMBER) for _ in range(2)]
        assert begun.wait(20)
        assert threads.submit(page._quality_html, office, None).result(20) == "page of None"
        go_on.set()
        assert {one.result(20) for one in both} == {"page of 2026-09-30"}
    assert len(drawn) == 2
    for day in range(3 * page.KEPT_PAGES):
        page._quality_html(office, date(2027, 1, 1) + timedelta(days=day))
    assert len(page._pages) == page.KEPT_PAGES


def test_a_page_that_could_not_be_drawn_is_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "quality", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        page._quality_html(office, None)
    assert page._pages == {}
