"""Every other kind: the day before, the day of, twice, held; what waits, and what a killed run left."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from rosters import Office, person
from talentpool.model import (
    delivery,
    person_request,
    request_step,
    retention_hold,
    sign_in_session,
    upload,
)
from talentpool.office_day import OFFICE_TIME
from talentpool.services.retention import (
    Carried,
    carry_out,
    expire_quarantine,
    outlook,
    place,
)
from terms_over import FAR, LAST, WHO, gone, sealed

# --- rows that were set aside ------------------------------------------------------------------------------------------


def test_rows_that_were_set_aside_go_with_their_salts_after_their_term(aside: Office) -> None:
    salts = aside.one("select count(*) from record_salt")
    assert gone(aside, "quarantine", LAST) == 0
    assert gone(aside, "quarantine", LAST + timedelta(days=1)) == 3
    assert aside.one("select count(*) from quarantine") == 0
    assert aside.one("select count(*) from record_salt") == salts - 3
    assert aside.one("select sum(quarantined) from delivery") == 3, "the counts stay"
    assert gone(aside, "quarantine", LAST + timedelta(days=1)) == 0
    assert aside.ask("select counts from retention_report where gone > 0") == [({"quarantine": 3, "record_salt": 3},)]


def test_one_call_lets_every_row_expire(aside: Office) -> None:
    assert expire_quarantine(aside, LAST + timedelta(days=1)) == 3


@pytest.mark.parametrize(
    ("about", "stay"),
    [("kind:quarantine", 3), ("partner:didi", 2), ("delivery:2", 1), ("person:didi:T00001", 1), ("kind:people", 0)],
)
def test_rows_under_hold_stay(aside: Office, about: str, stay: int) -> None:
    day = LAST + timedelta(days=1)
    place(aside, about, until=FAR, **WHO)
    assert outlook(aside, day)["quarantine"].held == stay
    assert carry_out(aside, "quarantine", day) == Carried("quarantine", 3 - stay, stay, 0)
    assert aside.one("select count(*) from quarantine") == stay


# --- raw files and uploads ---------------------------------------------------------------------------------------------


def test_raw_files_go_after_their_day_and_those_of_unfinished_deliveries_wait(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(20)])
    raw = list(Path(office.settings.landing_url).rglob("*.tpl"))
    assert (gone(office, "raw_files", date(2026, 11, 30)), len(raw)) == (0, 1)
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.execute(delivery.update().values(state="held"))
    assert carry_out(office, "raw_files", date(2026, 12, 1)) == Carried("raw_files", 0, 0, 1)
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.execute(delivery.update().values(state="published"))
    assert carry_out(office, "raw_files", date(2026, 12, 1)) == Carried("raw_files", 1, 0, 0)
    assert not raw[0].exists() and office.one("select landed_url from delivery") is None
    assert gone(office, "raw_files", date(2026, 12, 1)) == 0


@pytest.mark.parametrize(
    ("about", "stays"), [("kind:raw_files", 1), ("partner:didi", 1), ("delivery:1", 1), ("partner:sf", 0)]
)
def test_raw_files_under_hold_stay(office: Office, about: str, stays: int) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(20)])
    place(office, about, until=FAR, **WHO)
    assert carry_out(office, "raw_files", date(2026, 12, 1)) == Carried("raw_files", 1 - stays, stays, 0)
    assert len(list(Path(office.settings.landing_url).rglob("*.tpl"))) == stays


def test_what_a_killed_run_left_in_the_landing_store_goes_after_a_day(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(20)])
    folder = Path(office.settings.landing_url) / "didi"
    (folder / ".half.part").write_bytes(b"x")
    (folder / "unknown.tpl").write_bytes(b"x")
    (folder / ".new.part").write_bytes(b"x")
    (folder / "of somebody else.txt").write_bytes(b"x")
    old = time.time() - 90_000
    for path in folder.iterdir():
        if path.name != ".new.part":
            os.utime(path, (old, old))
    assert gone(office, "raw_files", date(2026, 11, 1)) == 2
    assert {path.suffix for path in folder.iterdir()} == {".tpl", ".part", ".txt"}
    assert gone(office, "raw_files", date(2026, 11, 1)) == 0


def test_uploads_that_nobody_handed_on_go_after_a_day_but_under_hold(office: Office) -> None:
    row = {
        "as_of": date(2026, 10, 31),
        "form": "csv",
        "uploaded_by": "zhou",
        "sha256": "0",
        "sealed": b"x",
        "verdict": {},
    }
    for partner, hours in (("didi", 25), ("sf", 25), ("didi", 23)):
        made = datetime.now(UTC) - timedelta(hours=hours)
        with office.engine.begin() as conn:
            conn.execute(upload.insert().values(row | {"upload_id": uuid4(), "partner": partner, "made_at": made}))
    place(office, "partner:sf", until=FAR, **WHO)
    assert carry_out(office, "uploads", date(2026, 12, 31)) == Carried("uploads", 1, 1, 0)
    assert gone(office, "uploads", date(2026, 12, 31)) == 0
    assert sorted(office.ask("select partner from upload")) == [("didi",), ("sf",)]


# --- sheets and the records of exports -----------------------------------------------------------------------------------


def test_sealed_files_go_when_their_use_is_over_and_the_records_stay(released: Office) -> None:
    assert gone(released, "exports", date(2026, 12, 31)) == 2, "the old one with its password"
    assert sealed(released) == ["export-00002"], "it may be used today"
    assert not list((released.settings.home / "passwords").iterdir())
    assert released.one("select count(*) from provision") == 2
    place(released, "kind:exports", until=FAR, **WHO)
    assert carry_out(released, "exports", date(2027, 1, 1)) == Carried("exports", 0, 1, 0)
    assert gone(released, "exports", FAR + timedelta(days=1)) == 1
    assert sealed(released) == [] and gone(released, "exports", FAR + timedelta(days=1)) == 0


def test_workbooks_of_our_own_folder_go_after_their_term_and_the_list_stays(released: Office) -> None:
    made = released.one("select max(made_at) from list_file").astimezone(OFFICE_TIME).date()
    books = len(list(released.settings.lists_dir.rglob("*.xlsx")))
    assert books and gone(released, "sheets", made + timedelta(days=180)) == 0
    place(released, "kind:sheets", until=made + timedelta(days=181), **WHO)
    assert gone(released, "sheets", made + timedelta(days=181)) == 0
    assert gone(released, "sheets", made + timedelta(days=182)) >= books
    assert not list(released.settings.lists_dir.rglob("*.xlsx"))
    assert released.one("select count(*) from target_row") == 20
    assert sealed(released) == ["export-00001", "export-00002"]


def test_the_record_of_an_export_goes_after_three_years_and_never_earlier(released: Office) -> None:
    place(released, "kind:provisions", until=date(2026, 12, 31), **WHO)
    assert carry_out(released, "provisions", date(2026, 12, 31)) == Carried("provisions", 0, 1, 0)
    assert carry_out(released, "provisions", date(2027, 1, 1)) == Carried("provisions", 1, 0, 0)
    # on a day that has not come the trigger would refuse; nothing is tried, and the task does not fail
    assert carry_out(released, "provisions", date(2030, 1, 1)).gone == 0
    assert released.one("select count(*) from provision") == 1


# --- requests and sign-ins -----------------------------------------------------------------------------------------------


def test_copies_and_consent_given_anew_go_three_years_after_they_were_closed_and_no_other_request(
    office: Office,
) -> None:
    hers, closed = uuid4(), datetime(2026, 12, 30, 12, tzinfo=OFFICE_TIME)
    kinds = ["access", "access", "restore", "opt_out", "withdraw", "erase", "retention", "access"]
    row = {"subject": "person:x", "received_on": date(2026, 12, 1), "due_on": date(2026, 12, 16), "decided_by": "sun",
           "reason": "本人", "done_at": closed}  # fmt: skip
    with office.engine.begin() as conn:
        for number, kind in enumerate(kinds):
            proof = {"tokens_lifted": 0} if number == 7 else {"people": []}  # the last one was revoked
            of = row | {"kind": kind, "proof": proof, "records": [hers if number == 1 else uuid4()]}
            made = conn.execute(person_request.insert().values(of).returning(person_request.c.request_id)).scalar_one()
            conn.execute(request_step.insert().values(request_id=made, step="handed_over", taken_by="sun", how=""))
        held = {"about": "person:x", "records": [hers], "until_day": date(2040, 1, 1), "said_by": "sun", "reason": "x"}
        conn.execute(retention_hold.insert().values(held))
    last = closed.date() + timedelta(days=1096)
    assert carry_out(office, "requests", last) == Carried("requests", 0, 0, 0)
    assert carry_out(office, "requests", last + timedelta(days=1)) == Carried("requests", 2, 1, 0)
    kept = [kind for (kind,) in office.ask("select kind from person_request order by request_id")]
    assert kept == ["access", "opt_out", "withdraw", "erase", "retention", "access"]
    assert office.one("select count(*) from request_step") == len(kept)
    assert gone(office, "requests", last + timedelta(days=1)) == 0


def test_old_sign_ins_go_though_nobody_signs_in(office: Office) -> None:
    session = {"user_id": 1, "bound_to": uuid4(), "door": "page", "second_factor": False}
    with office.engine.begin() as conn:
        for days in (6, 8):
            began = datetime.now(UTC) - timedelta(days=days)
            conn.execute(sign_in_session.insert().values(session | {"session_hash": uuid4(), "began_at": began}))
    assert gone(office, "sign_ins", date(2026, 12, 31)) == 1
    assert gone(office, "sign_ins", date(2026, 12, 31)) == 0
    assert office.one("select count(*) from sign_in_session") == 1
