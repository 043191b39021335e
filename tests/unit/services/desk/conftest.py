"""What the tests of the desk share: files in an inbox are taken as soon as they lie there."""

from __future__ import annotations

import pytest

from talentpool.acquire.transports import inbox


@pytest.fixture(autouse=True)
def files_settle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLE_SECONDS", 0)
