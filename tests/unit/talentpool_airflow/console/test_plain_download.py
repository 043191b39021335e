"""Where an office's rules want lists encrypted, the page hands out nothing, and says how a list leaves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from talentpool.settings import Settings
from talentpool_airflow.console.pages.lists import download as page


def test_an_office_hands_out_no_plain_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Settings(database_url="postgresql+psycopg://tasks@db/office", profile=None)
    assert not office.embedded
    refused: list[Any] = []
    monkeypatch.setattr(page.state, "settings", lambda: office)
    monkeypatch.setattr(page, "visible_list", lambda _user, number: SimpleNamespace(list_id=number, state="locked"))
    monkeypatch.setattr(page, "show_list", lambda *_words, **told: told)
    monkeypatch.setattr(page.record, "refused", lambda *told: refused.append(told[1:]))
    monkeypatch.setattr(page, "list_files", lambda *_: pytest.fail("nothing is opened"))
    answer: Any = page.download(None, None, {"sure": "yes"}, 7)  # type: ignore[arg-type]
    assert answer["status"] == 403 and "加密" in answer["fault"]
    assert refused == [("list:7", "plain")]
