"""The command line on the test's database."""

from __future__ import annotations

import pytest

import reference_cli
from talentpool.settings import Settings


@pytest.fixture
def run(settings: Settings) -> reference_cli.Run:
    """`talentpool reference ...` on the database of `settings`."""
    return reference_cli.reference
