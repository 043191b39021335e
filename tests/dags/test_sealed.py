"""The tasks that take receipts answer in counts, and in words about a sender whose files cannot be read, or an officer whose
account cannot be asked for."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyrage
import pytest
import sqlalchemy as sa
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from releases import OURS, THEIRS, run, young
from rosters import Office
from talentpool.campaigns import Approver
from talentpool.campaigns.collecting import folders, places
from talentpool.campaigns.handout import events
from talentpool.campaigns.handout.apart import collecting as folder
from talentpool.campaigns.handout.apart.derived import mark_key, public_key
from talentpool.campaigns.handout.apart.packing import issue_apart
from talentpool.campaigns.handout.passes import Account
from talentpool.handout_host.record import seal_record
from talentpool.match import match
from talentpool.model import recipient
from talentpool_airflow import collecting

OFFICER = Approver("rivers", frozenset({f"county_officer_{OURS}"}))


def seal(office: Office, row: str) -> None:
    """A refusal by whoever was issued a code last, carried into the outbox."""
    with office.engine.connect() as conn:
        number = int(conn.scalar(sa.text("select max(pass_id) from handout_pass")) or 0)
    mark = {"key": str(uuid4()), "row": row, "outcome": "refused"}
    record = {"id": str(uuid4()), "pass": number, "kind": "marks", "at": datetime.now(UTC).isoformat(), "marks": [mark]}
    outbox = office.settings.handout_dir / "outbox"
    outbox.mkdir(parents=True, exist_ok=True)
    data = seal_record(public_key(office.keys), mark_key(office.keys, number), record)
    (outbox / f"{uuid4().hex}.sealed").write_bytes(data)


def as_a_task(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": office.engine.url.render_as_string(hide_password=False), "KEYS": office.settings.keys_dir,
        "HOME": office.settings.home, "PROFILE": "demo",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TALENTPOOL_{name}", str(value))


def test_a_sender_whose_file_cannot_be_read_is_named_when_the_others_are_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    facts = {"division": OURS, "kind": "age", "public_key": key, "valid_until": date(2099, 12, 31)}
    with office.engine.begin() as conn:
        for code in ("luzhou", "other"):
            conn.execute(recipient.insert(), {"code": code, "name": code, **facts})
            (office.settings.receipts_dir / code).mkdir(parents=True)
            (office.settings.receipts_dir / code / f"{code}.xlsx").write_bytes(b"no workbook")
    as_a_task(office, monkeypatch)
    monkeypatch.setattr(folders, "SETTLE_SECONDS", -1)
    opening = os.open

    def refuses(path: Any, flags: int, *more: Any, **named: Any) -> int:
        """As the kernel does for a file of another login."""
        descriptor = opening(path, flags, *more, **named)
        if str(path).startswith(places.CLAIMED) and "luzhou" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            os.close(descriptor)
            raise PermissionError(13, "Permission denied", path)
        return descriptor

    with monkeypatch.context() as patch:
        patch.setattr(places.os, "open", refuses)
        with pytest.raises(AirflowFailException, match=r"有文件没有收：luzhou；请核对.*其余的已登记"):
            collecting.folders()
    assert len(list((office.settings.receipts_dir / "other" / "refused").glob("*.xlsx"))) == 1
    assert collecting.folders()["refused"] == 1, "and taken as soon as it can be read"


def test_a_station_is_counted_and_an_officer_waits_until_the_account_can_be_asked_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver("2026-10-31", [young(n, county=OURS if n < 5 else THEIRS) for n in range(8)])
    match(office.engine, office.keys)
    list_id = run(office).list_id
    as_a_task(office, monkeypatch)
    monkeypatch.setattr(folder, "SETTLE_SECONDS", -1)
    event = events.start(office, list_id, OURS, OFFICER, days=1)
    query = "select row_id, partner, station from target_row where list_id = :l and selected and county = :c order by 1"
    with office.engine.connect() as conn:
        (first, second, *_) = conn.execute(sa.text(query), {"l": list_id, "c": OURS}).all()
    issue_apart(office, event, (first.partner, first.station), OFFICER)
    seal(office, first.row_id)
    issue_apart(office, event, Account(7, UUID(int=7)), OFFICER)
    seal(office, second.row_id)
    with pytest.raises(AirflowException, match="不能核对专员账号"):
        collecting.sealed()
    with office.engine.connect() as conn:
        assert list(conn.scalars(sa.text("select row_id from receipt_row"))) == [first.row_id]
    assert len(list((office.settings.handout_dir / "outbox").glob("*.sealed"))) == 1
    (office.settings.handout_dir / "outbox").rename(office.settings.home / "elsewhere")
    told = collecting.sealed()
    assert (told["files"], told["waiting"], told["packets"]) == (0, 0, 2)
