"""Fixtures of the signed API: SF's server, and a clock that does not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rosters import Office
from sf_partner import Sf, Waits
from simulators import sf
from talentpool.acquire.transports import signed_api


@pytest.fixture(scope="session")
def sf_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keys = tmp_path_factory.mktemp("sf-keys")
    sf.make_certificates(keys)
    return keys


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    waits = Waits()
    monkeypatch.setattr(signed_api, "CLOCK", waits.clock())
    return waits


@pytest.fixture
def partner(office: Office, tmp_path: Path, sf_keys: Path, waits: Waits) -> Iterator[Sf]:
    partner = Sf(office, tmp_path, sf_keys)
    yield partner
    partner.close()


@pytest.fixture
def undisturbed(partner: Sf) -> Callable[[], bytes]:
    """The bytes that the delivered file becomes: what the server holds, without mark, line ends as written."""

    def read() -> bytes:
        (path,) = (partner.root / "rosters").glob("*.csv")
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")

    return read
