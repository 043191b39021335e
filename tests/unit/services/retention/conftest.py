"""An office with rows that were set aside, and one with sheets."""

from __future__ import annotations

import pytest

from rosters import Office
from terms_over import release, set_rows_aside


@pytest.fixture
def aside(office: Office) -> Office:
    return set_rows_aside(office)


@pytest.fixture
def released(office: Office) -> Office:
    return release(office)
