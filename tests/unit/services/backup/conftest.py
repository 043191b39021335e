"""A small office, a backup of it, and empty places to restore to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backup_office import Kept, make_office
from databases import fresh
from talentpool.services.backup import new_identity
from talentpool.settings import Settings


@pytest.fixture(scope="module")
def kept(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """An office with one backup of everything. Tests leave both as they are."""
    home = tmp_path_factory.mktemp("office")
    with fresh(server_url, "template_talentpool") as url:
        office = make_office(url, home)
        kept = Kept(office, home / "backups", home / "identity.txt", new_identity(home / "identity.txt"))
        kept.back_up()
        yield kept
        office.engine.dispose()


@pytest.fixture
def own(server_url: str, tmp_path: Path) -> Iterator[Kept]:
    """The same for one test, which may change it; nothing is backed up yet."""
    home = tmp_path / "own"
    home.mkdir()
    with fresh(server_url, "template_talentpool") as url:
        office = make_office(url, home)
        yield Kept(office, home / "backups", home / "identity.txt", new_identity(home / "identity.txt"))
        office.engine.dispose()


@pytest.fixture
def elsewhere(server_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Another machine: an empty database, no keys."""
    with fresh(server_url) as url:
        yield Settings(database_url=url, home=tmp_path / "elsewhere", profile="demo")
