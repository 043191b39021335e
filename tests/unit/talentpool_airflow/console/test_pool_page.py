"""The page 人才库: one of the dates of which there is a pool, and no other."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException

from rosters import Office, person
from talentpool.guard import console_engine, scope_of
from talentpool.pool import snapshot
from talentpool.services.desk.counts import WHOLE
from talentpool_airflow.console import state
from talentpool_airflow.console.pages import pool

OCTOBER = date(2026, 10, 31)


def test_a_date_without_a_pool_is_refused_in_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.deliver("2026-10-01", [person(n) for n in range(1, 12)])
    snapshot(office, OCTOBER)
    reader = console_engine(office.settings)
    monkeypatch.setattr(state, "console", lambda: reader)
    monkeypatch.setattr(state, "settings", lambda: office.settings)
    user: Any = SimpleNamespace(scope=scope_of("c", frozenset({"city_officer"})))
    figures, charts, days = pool._figures(user, WHOLE, OCTOBER)
    assert figures is not None and charts and days == [OCTOBER]
    with pytest.raises(HTTPException, match="没有人才库数据") as refused:
        pool._figures(user, WHOLE, date(2026, 10, 1))
    assert refused.value.status_code == 404
    reader.dispose()
