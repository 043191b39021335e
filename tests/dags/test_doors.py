"""A roster gets the same verdict by whatever door it comes: `check`, `ingest`, the upload page, the tasks of a DAG."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from databases import Twins
from rosters import Office
from talentpool.check import check
from talentpool.desk.upload import try_upload
from talentpool.flow import Outcome, ingest, outcome
from talentpool.guard import Scope
from talentpool.model import delivery
from talentpool_airflow import rosters

DAY = date(2026, 10, 31)
LONG_AGO = 1_700_000_000
"""When the file was last written: an inbox leaves one alone that may still be growing."""
CITY = Scope(actor="city", counties=None)
FOLDER = Path(__file__).parents[1] / "cases"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".csv", ".xlsx"))
_FIRST = {min(path for path in FILES if path.parent == folder) for folder in {path.parent for path in FILES}}
FIRST = sorted(_FIRST)[::3]
"""Tried in each run; the others in the slow suite."""


def facts(found: Outcome) -> dict[str, Any]:
    return {
        "status": found.status, "rows": found.rows, "accepted": found.accepted, "quarantined": found.quarantined,
        "refused": found.refused, "reasons": found.reasons, "notes": found.notes,
    }  # fmt: skip


def by_the_dag(office: Office, file: Path, patch: pytest.MonkeyPatch) -> Outcome:
    """What the bodies of a roster run make of a file that lies in the partner's inbox."""
    from airflow.sdk.exceptions import AirflowFailException

    inbox = office.folder / "inbox"
    inbox.mkdir()
    placed = inbox / f"roster_didi_{DAY:%Y%m%d}{file.suffix}"
    shutil.copyfile(file, placed)
    os.utime(placed, (LONG_AGO, LONG_AGO))
    patch.setenv("AIRFLOW_CONN_PARTNER_DIDI", json.dumps({"conn_type": "fs", "extra": {"path": str(inbox)}}))
    try:
        shares = rosters.take("didi", None)
        taken = rosters.audit("didi", [rosters.stage("didi", share) for share in shares])
        rosters.make_live("didi", taken)
    except AirflowFailException:
        pass  # held or rejected: what is on record says which
    with office.engine.connect() as conn:
        number = conn.scalar(sa.select(delivery.c.delivery_id))
    assert number is not None
    return outcome(office.engine, number)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(path, id=str(path.relative_to(FOLDER)), marks=[] if path in FIRST else [pytest.mark.slow])
        for path in FILES
    ],
)
def test_every_door_says_the_same(office: Office, twins: Twins, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shutil.copyfile(file, office.folder / f"case{file.suffix}")  # without a manifest, and a name that says a day
    place = (office.engine, office.keys, office.settings, office.partner())
    tried = check(*place, file, as_of=DAY, kind="full").outcome
    upload = try_upload(*place, file.read_bytes(), file.suffix[1:], DAY, CITY).checked.outcome
    run = by_the_dag(office, file, monkeypatch)
    other = twins.office()
    brought = ingest(other.engine, other.keys, other.settings, other.partner(), file=file, as_of=DAY, kind="full")
    expected = facts(tried)
    assert facts(upload) == expected
    assert facts(brought) == expected
    assert facts(run) == expected
