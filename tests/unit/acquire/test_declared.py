"""Partners by name: of all that are declared, or of those that somebody's records are from."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from talentpool.acquire import load_partner, partner_names
from talentpool.declare import partner_files
from talentpool.settings import Settings


def test_every_declared_partner_has_its_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    names = partner_names(settings)
    assert set(names) == set(partner_files(settings.partner_dirs)) >= {"sf", "didi"}
    assert names["sf"] == load_partner(settings.partner_dirs, "sf").name != "sf"


def test_one_whose_declaration_is_gone_goes_by_its_code(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(home=tmp_path)
    with caplog.at_level(logging.WARNING):
        assert partner_names(settings, ["gone", "sf"]) == {"gone": "gone", "sf": partner_names(settings)["sf"]}
    assert ["gone" in record.getMessage() for record in caplog.records] == [True]
