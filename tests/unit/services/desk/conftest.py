"""What the tests of the desk share: files in an inbox are taken as soon as they lie there."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import pytest

from talentpool.acquire.transports import inbox
from talentpool.services.desk import trial_apart


@pytest.fixture(autouse=True)
def files_settle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLE_SECONDS", 0)


class Here:
    """A trial in this process, with what goes in and comes out as text: to start another takes seconds, each time."""

    def __init__(self, module: str, request: dict[str, Any]) -> None:
        assert module == trial_apart.__name__
        self._request = json.dumps(request)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def answer(self, seconds: float) -> Any:
        return json.loads(json.dumps(trial_apart._do(json.loads(self._request))))


@pytest.fixture
def trials_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what trials say; that they are apart, and within limits, is tested in test_trial_apart.py."""
    monkeypatch.setattr(trial_apart, "Child", Here)
