"""What an officer drops as a workbook is what would have been dropped as CSV."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from rosters import Office
from simulators.didi import drop
from talentpool.acquire import Connection
from talentpool.demo import write_demo_data
from talentpool.flow import ingest
from talentpool.load import digest

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("didi")
    write_demo_data(folder, people=300, months=1, preset="hard")
    return folder


def test_a_dropped_file_is_there_at_once_and_alone(demo: Path, tmp_path: Path) -> None:
    for form in ("csv", "xlsx"):
        path = drop(demo, AS_OF, tmp_path, form)
        assert path.name == f"roster_didi_20261031.{form}"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["roster_didi_20261031.csv", "roster_didi_20261031.xlsx"]


def test_a_workbook_and_its_csv_become_the_same_rows(demo: Path, office: Office, tmp_path: Path) -> None:
    counts = []
    for form in ("csv", "xlsx"):
        outcome = ingest(
            office, office.partner("didi"),
            file=drop(demo, AS_OF, tmp_path / form, form), as_of=AS_OF, kind="full",
        )  # fmt: skip
        assert outcome.status == "published", outcome
        counts.append((outcome.rows, outcome.accepted, outcome.quarantined, outcome.refused, outcome.reasons))
        state = digest(office.engine, AS_OF)
        if form == "csv":
            before = state
    assert counts[0] == counts[1]
    assert counts[0][0] > 50
    assert state == before


def test_the_inbox_is_emptied_delivery_by_delivery(demo: Path, office: Office, tmp_path: Path) -> None:
    connection = Connection("partner_didi", "fs", extra={"path": str(tmp_path / "inbox")})
    path = drop(demo, AS_OF, tmp_path / "inbox", "xlsx")
    os.utime(path, (1_790_000_000, 1_790_000_000))  # lies there for a while, so it is not growing any more
    statuses = [ingest(office, office.partner("didi"), connection=connection).status for _ in range(2)]
    assert statuses == ["published", "nothing"]
