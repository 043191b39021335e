"""What the demo writes, the shipped declarations admit: under both presets, at the far end of what a seed may draw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosters import Office
from talentpool.demo import DemoData, write, write_demo_data
from talentpool.demo.profiles import PRESETS, REDRAW, REDRAWN, redrawn
from talentpool.flow import ingest


@pytest.fixture(params=["usual", "hard"])
def worst(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[DemoData]:
    """A city whose every rate was redrawn upwards as far as a seed can."""
    noise = redrawn(PRESETS[request.param], [1 + REDRAW] * len(REDRAWN))
    monkeypatch.setitem(PRESETS, request.param, noise)
    monkeypatch.setattr(write, "REDRAW", 0)
    return write_demo_data(tmp_path / "demo", people=1_500, preset=request.param)


def test_every_delivery_of_the_demo_is_published(office: Office, worst: DemoData) -> None:
    assert len(worst.files) >= 4
    for file in sorted(worst.files, key=lambda file: (file.partner, file.as_of)):
        outcome = ingest(
            office,
            office.partner(file.partner),
            file=file.path,
            as_of=file.as_of,
            kind=file.kind,
            since=file.since,
        )
        assert (outcome.status, outcome.effect) == ("published", "live"), outcome.message
        assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.refused
        assert outcome.accepted > 0.97 * outcome.rows - 5
