"""The doors before Airflow's own: what they refuse never reaches it, what is honest does, and only a logout ends sessions."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


async def beyond(scope: Any, receive: Any, send: Any) -> None:
    """What stands for Airflow: it takes everything."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def answer(app: Any, method: str, path: str, body: bytes = b"", kind: str = JSON) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://pool") as client:
            return await client.request(method, path, content=body, headers={"Content-Type": kind})

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status"),
    [
        ("GET", "/api/v2/dags/%00", b"", JSON, 400),
        ("GET", "/prefix/api/v2/dags?tags=a%00", b"", JSON, 400),
        ("GET", "/auth/fab/v1/roles/%00", b"", JSON, 400),
        ("DELETE", "/auth/fab/v1/users/a%00b", b"", JSON, 400),
        ("POST", "/api/v2/variables", rb'{"key": "a", "value": "\u0000"}', JSON, 422),
        ("POST", "/api/v2/variables", rb'{"a\u0000": 1}', JSON, 422),
        ("PATCH", "/ui/x", rb'[{"a": ["b", "\u00e9\u0000"]}]', JSON, 422),
        ("POST", "/auth/token", rb'{"username": "\u0000"}', JSON, 422),
        ("POST", "/api/v2/variables", b'{"key": "\0"}', JSON, 422),
        ("POST", "/auth/login", b"username=a%00&password=b", FORM, 422),
        ("POST", "/auth/login", b"username=a%00&password=b", FORM + "; charset=utf-8", 422),
        ("GET", "/api/v2/dags/a%2500?x=%2500&y=100%25", b"", JSON, 204),
        ("POST", "/api/v2/variables", json.dumps({"key": "省%00", "value": "\\u0000 100%"}).encode(), JSON, 204),
        ("POST", "/api/v2/variables", json.dumps({"value": "一\n二\t\u0001"}).encode(), JSON, 204),
        ("POST", "/auth/login", b"username=a%2500&password=100%25", FORM, 204),
        ("POST", "/api/v2/x", rb"no json \u0000", "text/plain", 204),
    ],
)  # fmt: skip
def test_a_nul_at_airflows_own_doors_is_refused_in_chinese(
    method: str, path: str, body: bytes, kind: str, status: int
) -> None:
    from talentpool_airflow.bodies import Bounded

    found = answer(Bounded(beyond), method, path, body, kind)
    assert found.status_code == status
    assert status == 204 or "空字符" in found.json()["detail"]


NOW = datetime.now(UTC)
YEAR, SHANGHAI = timedelta(days=365), "+08:00"
RUNS = "/api/v2/dags/roster__didi/dagRuns"


@pytest.mark.parametrize(
    ("method", "path", "given", "named"),
    [
        ("POST", RUNS, {"logical_date": (NOW + YEAR).isoformat()}, "逻辑日期"),
        ("POST", f"/site{RUNS}/", {"logical_date": (NOW + timedelta(hours=1)).isoformat()}, "逻辑日期"),
        ("POST", RUNS, {"logical_date": (NOW + YEAR).timestamp()}, "逻辑日期"),
        ("POST", RUNS, {"logical_date": "9999-12-31T23:59:59-12:00"}, "逻辑日期"),
        ("POST", RUNS, {"logical_date": None, "run_after": f"{NOW + YEAR:%F}"}, "运行时间"),
        ("POST", RUNS, {"logical_date": None, "run_after": f"{NOW + YEAR:%FT%T}"}, "运行时间"),
        ("POST", "/api/v2/assets/1/materialize", {"logical_date": (NOW + YEAR).isoformat()}, "逻辑日期"),
        (
            "POST",
            "/api/v2/backfills",
            {"from_date": NOW.isoformat(), "to_date": (NOW + YEAR).isoformat()},
            "回填截止日期",
        ),
        ("POST", "/api/v2/backfills/dry_run", {"from_date": (NOW + YEAR).isoformat()}, "回填起始日期"),
        ("POST", RUNS, {"logical_date": None, "conf": {"logical_date": "2999-01-01"}}, None),
        ("POST", RUNS, {"logical_date": NOW.isoformat(), "run_after": (NOW + timedelta(minutes=3)).isoformat()}, None),
        ("POST", RUNS, {"logical_date": f"{NOW + timedelta(hours=8):%FT%T}{SHANGHAI}"}, None),
        ("POST", RUNS, {"logical_date": "0001-01-01T00:00:00+14:00"}, None),
        ("POST", RUNS, {"logical_date": "no date"}, None),
        ("POST", RUNS, ["2999-01-01"], None),
        ("POST", "/api/v2/backfills", {"from_date": "2026-08-01T00:00:00+08:00", "to_date": "2026-08-02"}, None),
        ("POST", f"{RUNS}/list", {"logical_date_lte": "2999-01-01"}, None),
        ("POST", "/api/v2/variables", {"logical_date": "2999-01-01"}, None),
    ],
)
def test_a_run_of_a_day_to_come_is_refused_in_chinese(method: str, path: str, given: Any, named: str | None) -> None:
    from talentpool_airflow.ahead import Ahead

    found = answer(Ahead(beyond), method, path, json.dumps(given).encode())
    assert found.status_code == (422 if named else 204)
    assert named is None or named in found.json()["detail"]


@pytest.mark.parametrize(
    ("base", "path", "ended"),
    [
        ("http://pool", "/auth/logout", 1),
        ("http://pool", "/auth/logout/", 1),
        ("http://pool", "/api/v2/auth/logout", 1),
        ("http://pool", "/console/static/x/auth/logout", 0),
        ("http://pool", "/x/auth/logout", 0),
        ("https://pool/site/", "/site/auth/logout", 1),
        ("https://pool/site", "/auth/logout", 1),
        ("https://pool/site", "/x/site/auth/logout", 0),
    ],
)
def test_only_a_logout_ends_sessions(monkeypatch: pytest.MonkeyPatch, base: str, path: str, ended: int) -> None:
    import airflow.api_fastapi.app

    from talentpool_airflow.sign_in.entrance import Entrance

    out: list[Any] = []

    class Manager:
        sign_out = staticmethod(out.append)

    monkeypatch.setattr(airflow.api_fastapi.app, "get_auth_manager", Manager)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    assert answer(Entrance(beyond), "GET", path).status_code == 204
    assert len(out) == ended
