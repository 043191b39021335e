"""A body is memory: one that is sent too often is refused before any of it is read."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException, Request
from fastapi.routing import APIRoute

from talentpool_airflow.console import access, limits
from talentpool_airflow.console.access import Access


def test_who_may_send_no_more_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    user = SimpleNamespace(name="flood", scope=SimpleNamespace(roles=frozenset()), kinds={"auditor"}, clashing="")
    route = APIRoute(
        "/t", lambda: None, methods=["POST"], openapi_extra={"access": Access(("auditor",), "2 per minute", files=True)}
    )

    async def signed_in(_: Request) -> Any:
        return user

    read = []

    async def posted_form(*_: Any) -> dict[str, str]:
        read.append(1)
        return {}

    monkeypatch.setattr(access, "signed_in", signed_in)
    monkeypatch.setattr(access, "posted_form", posted_form)
    limits.limiter.storage.reset()

    def send(site: str) -> int:
        headers = [(b"sec-fetch-site", site.encode())]
        request = Request({"type": "http", "method": "POST", "path": "/t", "query_string": b"", "headers": headers,
                           "route": route})  # fmt: skip
        try:
            asyncio.run(access.admit(request))
        except HTTPException as refused:
            return refused.status_code
        return 200

    assert [send("cross-site") for _ in range(3)] == [403] * 3, "a foreign page's counts not"
    assert [send("same-origin") for _ in range(4)] == [200, 200, 429, 429]
    assert len(read) == 2
